"""Pages of other sites that send requests to the shop, in a browser that has a cart there."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from tests.support.pages import put_in_cart
from tests.support.shops import Shop

FORM = """<form method=post action="{shop}/order/lines">
<input name=item value=1><button>Win a prize</button></form>"""
PAGES = {
    "/form": FORM,
    "/fetch": """<button onclick="fetch('{shop}/order/lines', {{method: 'POST', mode: 'no-cors',
        credentials: 'include', body: new URLSearchParams('item=1')}})">Win a prize</button>""",
    # Its origin is null.
    "/frame": f"""<iframe sandbox="allow-forms allow-top-navigation"
        srcdoc='<base target=_top>{FORM}'></iframe>""",
    "/link": '<a href="{shop}/buy/1">Win a prize</a>',
    "/hidden-link": '<a rel=noreferrer href="{shop}/buy/1">Win a prize</a>',
}


class OtherSite(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        address = urlsplit(self.path)
        shop = parse_qs(address.query).get("shop", [""])[0]  # none for the site's icon
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGES.get(address.path, "").format(shop=shop).encode())

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), OtherSite) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def press_there(page: Page, shop: Shop, port: int) -> Callable[[str, str], Response]:
    """Open a page of another site, press what it shows, and return the shop's answer."""

    def press(host: str, path: str) -> Response:
        page.goto(f"http://{host}:{port}{path}?shop={shop.address}")
        place = page.frame_locator("iframe") if path == "/frame" else page
        with page.expect_response(f"{shop.address}/**") as answer:
            place.get_by_text("Win a prize").click()
        return answer.value

    return press


@pytest.mark.parametrize("path", PAGES)
def test_another_sites_press_is_refused(
    page: Page, shop: Shop, press_there: Callable[[str, str], Response], path: str
) -> None:
    put_in_cart(page, 1)
    opened = shop.local_stripe.requests("POST", "/v1/checkout/sessions")
    # Another port of localhost is the same site, so the browser sends the shop's cookie there.
    for host, site in (("localhost", "same-site"), ("127.0.0.1", "cross-site")):
        answer = press_there(host, path)
        assert answer.status == (503 if "link" in path else 403)
        if path in ("/form", "/link"):  # the others' headers are not known or are different
            headers = answer.request.all_headers()
            assert headers["sec-fetch-site"] == site
            assert ("sessionid" in headers.get("cookie", "")) == (
                host == "localhost" or path == "/link"
            )
        assert shop.local_stripe.requests("POST", "/v1/checkout/sessions") == opened
        page.goto("/order")
        expect(page.get_by_label("Quantity")).to_have_value("1")


def test_a_refused_form_says_what_to_do(
    page: Page, press_there: Callable[[str, str], Response]
) -> None:
    press_there("localhost", "/form")
    expect(page.get_by_role("main")).to_contain_text("press the button there")
