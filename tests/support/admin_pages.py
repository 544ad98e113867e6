"""What a member of staff does on the pages of the admin, in a real browser."""

from playwright.sync_api import Page, expect

from tests.support.shops import Shop

CHECK_SETUP = """
from contextlib import suppress
from django.core.management import CommandError, call_command
from store.models import Shop
Shop.forget()  # the browser has changed it in another process
with suppress(CommandError):
    call_command("check_setup", no_color=True)
"""


def fill(page: Page, **values: str | bool) -> None:
    """Fill the fields with these names. True and False tick and untick a box."""
    for name, value in values.items():
        field = page.locator(f"#id_{name}")
        if isinstance(value, bool):
            field.set_checked(value)
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "file":
            field.set_input_files(value)
        else:
            field.fill(value)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("successfully")


def delete_all(page: Page, address: str) -> None:
    """Delete all rows of a list, if there are any."""
    page.goto(address)
    if not page.locator("#result_list").count():
        return
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("delete_selected")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.locator(".messagelist")).to_contain_text("Successfully deleted")


def check_setup(shop: Shop) -> list[str]:
    """The lines that `manage.py check_setup` prints."""
    return shop.run_python(CHECK_SETUP).splitlines()
