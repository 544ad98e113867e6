"""A member of staff in a browser."""

from playwright.sync_api import Page, expect

from tests.support.shops import Shop


def log_in(page: Page, shop: Shop) -> None:
    """Log in to the admin with the password that the shop made at its first start."""
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill((shop.var_dir / "admin-password").read_text().strip())
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()


def paid_order(page: Page, shop: Shop, item: int, quantity: int) -> str:
    """Pay the item as a buyer, then log in; returns the address of the order's page."""
    page.goto(f"/item/{item}")
    for _ in range(quantity):
        page.goto(f"/item/{item}")
        page.get_by_role("button", name="Add to cart").click()
        page.wait_for_url("**/order")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/*")
    session_id = page.url.split("/c/pay/")[1].split("#")[0]
    shop.local_stripe.pay(session_id)
    page.goto(f"/order/{shop.local_stripe.token_of(session_id)}/return")
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    number = page.locator("code").first.inner_text()
    log_in(page, shop)
    page.goto(f"/admin/cart/order/?q={number}")
    return page.locator("#result_list tbody th a").first.get_attribute("href") or ""
