"""A member of staff in a browser."""

from playwright.sync_api import Page

from tests.support.shops import Shop


def log_in(page: Page, shop: Shop) -> None:
    """Log in to the admin with the password that the shop made at its first start."""
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill((shop.var_dir / "admin-password").read_text().strip())
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()
