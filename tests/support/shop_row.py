"""The shop's row in the admin, for tests in the shop's own process."""

from typing import Any

from store.models import Collection, Page, Shop


def forget_shop() -> None:
    """Let the next page read what the process keeps, like the first page of a process."""
    Shop.forget()
    Page.forget_footer()
    Collection.forget_header()


def main_of(page: str) -> str:
    """A page without its header and footer, which are on every page."""
    return page[page.index("<main") : page.index("</main>")]


def edit_shop(**values: Any) -> Shop:
    """Save the shop as staff do."""
    shop = Shop.objects.get_or_create(pk=1)[0]
    for name, value in values.items():
        setattr(shop, name, value)
    shop.save()
    return shop
