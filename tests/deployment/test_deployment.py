"""The services of compose.yaml as real processes: Caddy, two servers, PostgreSQL; and a browser."""

import json
import re
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from project.server import KEEP_ALIVE_SECONDS
from tests.support import browsers, http
from tests.support.latency import latency
from tests.support.pages import expect_paid_receipt, pay
from tests.support.ports import free_port
from tests.support.processes import ROOT, manage
from tests.support.public_shop import CADDY, CADDYFILE, PublicShop, running_caddy, running_server
from tests.support.waiting import wait_until

CDN = "127.0.0.2"
FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Port": "1",
    "Forwarded": "for=203.0.113.7;host=evil.example;proto=http",
}


@pytest.fixture
def page(browser: Browser, public: PublicShop) -> Iterator[Page]:
    context = browsers.new_context(browser, public.address, ignore_https_errors=True)
    yield context.new_page()
    context.close()


def test_http_redirects_to_https(public: PublicShop) -> None:
    answer = http.get(f"{public.http_address}/item/1?a=b")
    assert answer.status_code in (301, 308)
    assert answer.headers["Location"] == f"{public.address}/item/1?a=b"


def test_buyer_fills_a_cart_and_pays(page: Page, public: PublicShop) -> None:
    page.goto("/item/1")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#cart-badge .count")).to_contain_text("1")
    page.goto("/order")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/cs_test_*")
    pay(page)
    expect_paid_receipt(page, public)
    cookies = page.context.cookies(public.address)
    assert {cookie["name"] for cookie in cookies} == {"sessionid"}
    assert all(cookie["secure"] for cookie in cookies)


def test_staff_see_an_order_of_one_press_of_buy(page: Page, public: PublicShop) -> None:
    page.goto("/item/2")
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url("**/c/pay/cs_test_*")
    pay(page)
    expect_paid_receipt(page, public)
    environment = public.environment | {"DJANGO_SUPERUSER_PASSWORD": "for-this-test-only"}
    user = ("--username", "staff", "--email", "staff@shop.example")
    manage(environment, "createsuperuser", "--noinput", *user)
    page.goto("/admin/")
    page.get_by_label("Username").fill("staff")
    page.get_by_label("Password").fill("for-this-test-only")
    page.get_by_role("button", name="Log in").click()
    page.goto("/admin/cart/order/?state__exact=paid")
    expect(page.get_by_text("buyer@shop.example").first).to_be_visible()


def test_stripe_gets_the_public_address(public: PublicShop) -> None:
    with public.client() as client:
        client.get("/buy/3", headers=FORGED).raise_for_status()
    asked = public.local_stripe.requests("POST", "/v1/checkout/sessions")[-1]["params"]
    assert asked["success_url"].startswith(f"{public.address}/order/")
    assert asked["cancel_url"] == f"{public.address}/item/3"


def test_webhook_settles_a_payment_without_a_return(public: PublicShop) -> None:
    with public.client() as client:
        session_id = client.get("/buy/1").json()["id"]
    public.local_stripe.pay(session_id)
    steps = f"Payment.objects.get(stripe_id='{session_id}').order.history.filter(to_state='paid')"
    code = f"from payments.models import Payment; print([step.kind for step in {steps}])"
    wait_until(lambda: public.run_python(code) == "['event']")


def test_forwarded_headers_of_visitors_are_ignored(public: PublicShop) -> None:
    with public.client() as client:
        for path in ("/", "/item/1", "/buy/1"):
            answer = client.get(path, headers=FORGED)
            assert answer.status_code == 200, path  # it came over TLS, so nothing is redirected
            assert "evil.example" not in answer.text
    assert is_counted(public, "127.0.0.1")
    assert not is_counted(public, FORGED["X-Forwarded-For"])


def is_counted(public: PublicShop, address: str) -> bool:
    """Whether the rate limit has counted a request of this address."""
    counted = public.run_python(
        "from django.test import RequestFactory;"
        "from web.client_address import widest_network_hash;"
        "from web.models import RequestCount;"
        f"request = RequestFactory().get('/', REMOTE_ADDR='{address}');"
        "print(RequestCount.objects.filter(address=widest_network_hash(request)).exists())"
    )
    return counted == "True"


def test_forwarded_headers_of_an_unknown_proxy_are_ignored(public: PublicShop) -> None:
    own = {"FORWARDED_ALLOW_IPS": "192.0.2.0/24", "PORT": str(free_port())}
    environment = public.environment | own
    with running_server(environment, public.var_dir / "stranger.log") as server:
        headers = {"Host": "localhost"} | FORGED | {"X-Forwarded-Proto": "https"}
        assert http.get(server.address, headers=headers).status_code == 301
        assert "add the proxy 127.0.0.1 to FORWARDED_ALLOW_IPS" in server.program.printed()


def test_visitor_behind_a_cdn_is_counted_by_its_own_address(
    public: PublicShop, tmp_path: Path
) -> None:
    """With the lines of docs/scaling.md, for a CDN that has one address."""
    guide = (ROOT / "docs/scaling.md").read_text()
    found = re.search(r"```\n(trusted_proxies static ).+\n(\w+\n)```", guide)
    assert found
    lines = f"{found[1]}{CDN}\n{found[2]}"
    https_port, upstream = free_port(), int(public.servers[1].address.rpartition(":")[2])
    caddy = running_caddy(tmp_path, free_port(), https_port, [upstream], tmp_path, servers=lines)
    with caddy as root_certificate:
        certificates = ssl.create_default_context(cafile=root_certificate)
        cdn = httpx.HTTPTransport(verify=certificates, local_address=CDN)
        with http.Client(base_url=f"https://localhost:{https_port}", transport=cdn) as client:
            sent = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}  # the visitor may send the first one
            client.get("/buy/1", headers=sent).raise_for_status()
    counted = [each for each in ("192.0.2.1", "192.0.2.2", CDN) if is_counted(public, each)]
    assert counted == ["192.0.2.2"]


def test_unknown_host_is_refused(public: PublicShop) -> None:
    headers = {"Host": "evil.example"}
    with public.client() as client:
        assert client.get("/", headers=headers).status_code == 421
    believed = headers | {"X-Forwarded-Proto": "https"}
    assert http.get(public.servers[1].address, headers=believed).status_code == 400


def test_caddy_serves_pictures_with_a_policy_against_scripts(public: PublicShop) -> None:
    folder = public.var_dir / "media" / "items"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_text("<script>alert(1)</script>")
    with public.client() as client:
        answer = client.get("/media/items/page.html")
        assert answer.status_code == 200
        assert "X-Request-ID" not in answer.headers
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert client.get("/media/../manage.py").status_code == 404


def test_log_has_the_request_id_and_no_path(public: PublicShop) -> None:
    with public.client() as client:
        answer = client.get(
            "/order/the-token-that-opens-one-receipt", headers={"X-Request-ID": "own"}
        )
    assert answer.status_code == 404
    logs = "".join(server.program.printed() for server in public.servers)
    lines = [json.loads(line) for line in logs.splitlines()]
    (line,) = (each for each in lines if each["request_id"] == answer.headers["X-Request-ID"])
    assert line["message"] == "GET /order/<order_token:token> 404"
    assert "the-token-that-opens-one-receipt" not in logs
    assert "buyer@shop.example" not in logs


def test_stopping_one_server_loses_no_request(public: PublicShop) -> None:
    """Pages, changes of carts and purchases, while one of two servers stops."""
    started, done = Event(), Event()
    public.local_stripe.slow_down(1)

    def shop_around(_number: int) -> list[int]:
        statuses = []
        while not done.is_set():
            with public.client() as client:
                page = client.get("/item/1")
                form = {"item": "1", "quantity": "1", "submission_id": ""}
                headers = {"Referer": f"{public.address}/item/1"}
                added = client.post("/order/lines", data=form, headers=headers)
                bought = client.get("/buy/1")
                statuses += [page.status_code, added.status_code, bought.status_code]
            started.set()
        return statuses

    with ThreadPoolExecutor(8) as pool:
        visits = [pool.submit(shop_around, number) for number in range(8)]
        started.wait(60)
        leaving = public.servers[0]
        assert leaving.program.stop() == 0
        done.set()
        statuses = [status for visit in visits for status in visit.result()]
    public.local_stripe.slow_down(0)
    leaving.program.start()
    leaving.program.wait_until_ready()
    assert set(statuses) == {200, 303}


def test_killed_server_loses_no_later_request(public: PublicShop) -> None:
    """Requests that follow at once go to the other server, also those with a body."""
    killed = public.servers[1].program
    killed.kill()
    with public.client() as client:
        form = {"item": "1", "quantity": "1", "submission_id": ""}
        answers = [client.post("/order/lines", data=form, headers=http.BROWSER) for _ in range(8)]
    killed.start()
    killed.wait_until_ready()  # the other tests need it
    assert [(answer.status_code, answer.text) for answer in answers] == [(303, "")] * 8


def test_proxy_keeps_its_connections_without_a_delay(public: PublicShop, tmp_path: Path) -> None:
    """The proxy keeps its connections to the server, whatever the visitor does."""
    port, https_port = free_port(), free_port()
    # Unlike uvloop, asyncio doesn't set TCP_NODELAY by itself.
    environment = public.environment | {"PORT": str(port), "SERVER_LOOP": "asyncio"}
    caddy = running_caddy(tmp_path, free_port(), https_port, [port], tmp_path)
    with running_server(environment, tmp_path / "server.log"), caddy as root_certificate:
        certificates = ssl.create_default_context(cafile=root_certificate)
        proxied = latency(f"localhost:{https_port}", "/healthz", certificates=certificates)
        direct = latency(f"127.0.0.1:{port}", "/healthz")
    assert proxied.kept < 8 * direct.fresh  # 40 ms more without TCP_NODELAY


def test_proxy_closes_idle_connections_before_the_server() -> None:
    """Otherwise a press of Buy could be sent on a connection that the server is closing."""
    command = [str(CADDY), "adapt", "--config", str(CADDYFILE)]
    environment = {"DOMAIN": "shop.example"}
    adapted = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    [idle] = re.findall(r'"keep_alive":{"idle_timeout":(\d+)}', adapted.stdout)
    assert int(idle) / 10**9 < KEEP_ALIVE_SECONDS
