"""The log of whole purchases names no buyer: no e-mail address, name, phone, street or tracking."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import http
from tests.support.clusters import Cluster, running_cluster
from tests.support.local_stripe import to
from tests.support.processes import manage, run
from tests.support.smtp import MailServer, mail_server
from tests.support.waiting import wait_until

EMAIL = "zephyrine.quill@mail.example"
ADDRESS = {"line1": "Nightingale Lane 12", "city": "Quillham", "postal_code": "10115"}
PERSON = to("DE", name="Zephyrine Quill", phone="+493055501234", **ADDRESS)
PERSONAL = ["zephyrine", "quill", "5501234", "nightingale", "10115", "RX-777"]
PASSWORD = "for-this-test-only"  # noqa: S105


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, smtp: MailServer) -> Iterator[Cluster]:
    own = {"EMAIL_URL": smtp.url, "LOG_LEVEL": "DEBUG", "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    with running_cluster(tmp_path, own, servers=1, older_than="2s") as shop:
        shop.run_python(
            "from store.models import Item, Shop; from cart.models import ShippingRate;"
            "Shop.objects.create(name='Clay', email='hello@clay.example', country='DE');"
            "Item.objects.create(pk=1, name='Mug', price=5, currency='USD');"
            "ShippingRate.objects.create(name='Parcel', currency='USD', amount=490)"
        )
        user = ("--username", "staff", "--email", "staff@shop.example")
        manage(shop.environment, "createsuperuser", "--noinput", *user)
        yield shop


def buy(shop: Cluster) -> str:
    """On Stripe's page; return the id of the intent."""
    with http.Client(base_url=shop.addresses[0], headers=http.BROWSER) as buyer:
        session = buyer.get("/buy/1").json()["id"]
        shop.local_stripe.pay(session, email=EMAIL, shipping=PERSON)
        return_to = f"/order/{shop.local_stripe.token_of(session)}/return"
        assert buyer.get(return_to, follow_redirects=True).status_code == 200
    return str(shop.local_stripe.session(session)["payment_intent"])


def pay_here(shop: Cluster) -> None:
    with http.Client(base_url=shop.addresses[0], headers=http.BROWSER) as buyer:
        secret = buyer.post("/buy/1/intent").json()["client_secret"]
        shop.local_stripe.pay_intent(secret.split("_secret_")[0], shipping=PERSON)


def count_paid(shop: Cluster, condition: str = "state='paid'") -> int:
    code = f"from cart.models import Order; print(Order.objects.filter({condition}).count())"
    return int(shop.run_python(code))


def make_errors(shop: Cluster) -> None:
    """Requests that are refused, with the buyer's data in each part of them."""
    with http.Client(base_url=shop.addresses[0], headers=http.BROWSER) as buyer:
        answers = [
            buyer.get(f"/nothing/{EMAIL}?name=Zephyrine"),
            buyer.get("/", params={"currency": EMAIL}),
            buyer.get("/order/zephyrine-quill"),
            buyer.post("/order/lines", data={"item": EMAIL, "quantity": "Quill"}),
            buyer.post("/order/lines", json={"street": "Nightingale Lane 12"}),
            buyer.post("/order/find", data={"number": "7K3F-9QXM", "email": EMAIL}),
            buyer.post("/order/find", data={"number": "Zephyrine", "email": "Quill"}),
            buyer.post("/stripe/webhook", content=f'{{"email": "{EMAIL}"}}'),
            buyer.post("/admin/login/", data={"username": EMAIL, "password": "Nightingale"}),
            buyer.get("/", headers={"Host": "quill.example"}),
            buyer.get("/", headers={"User-Agent": "Zephyrine Quill", "Referer": f"x:{EMAIL}"}),
        ]
        assert {each.status_code for each in answers} == {200, 303, 400, 404, 422}
        shop.local_stripe.fail(status=500, calls=9)
        assert buyer.get("/buy/1").status_code in (502, 503)
        shop.local_stripe.fail(calls=0)


def ship(shop: Cluster) -> None:
    """Find the orders by their buyer in the admin, and mark one as shipped."""
    own = {"Origin": shop.addresses[0], **http.BROWSER}
    with http.Client(base_url=shop.addresses[0], headers=own, follow_redirects=True) as staff:
        staff.post("/admin/login/", data={"username": "staff", "password": PASSWORD})
        assert "Zephyrine" in staff.get("/admin/cart/order/", params={"q": EMAIL}).text
        form: dict[str, Any] = {"tracking_number": "RX-777", "tracking_url": "", "notify": "on"}
        unrefunded = "Order.objects.get(state='paid', refunded_amount=0)"
        pk = shop.run_python(f"from cart.models import Order; print({unrefunded}.pk)")
        shipped = staff.post(f"/admin/cart/order/{pk.strip()}/shipped/", data=form)
        assert "RX-777" in shipped.text


def test_no_log_line_names_the_buyer(shop: Cluster, smtp: MailServer) -> None:
    smtp.answer_to_recipient[EMAIL] = f"550 5.1.1 <{EMAIL}> Zephyrine Quill has moved"
    intent = buy(shop)
    pay_here(shop)
    wait_until(lambda: count_paid(shop) == 2, shop.said)
    shop.local_stripe.refund(intent)
    wait_until(lambda: count_paid(shop, "refunded_amount__gt=0") == 1, shop.said)
    ship(shop)
    make_errors(shop)
    commands = [["send_mails"], ["reconcile_payments"], ["forget_buyer", EMAIL.upper()]]
    done = [run([sys.executable, "manage.py", *each], shop.environment) for each in commands]
    said = "".join(each.stdout + each.stderr for each in done)
    assert "keeps its data" in said
    assert smtp.recipients.count(EMAIL) >= 3
    logged = (shop.said() + said).lower()
    assert "/order/find" in logged
    assert "order_confirmed" in logged
    assert [each for each in PERSONAL if each.lower() in logged] == []
