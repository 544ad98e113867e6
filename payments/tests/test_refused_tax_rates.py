"""A coupon or tax rate that Stripe refuses doesn't stop a sale: it is created again, once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import stripe
from django.test import Client

from cart.models import Discount, State
from payments.methods import coupons_and_tax_rates
from payments.methods.coupons_and_tax_rates import CouponAndTaxRates
from payments.models import Payment, StripeObjectId
from payments.stripe_api.accounts import account_for
from payments.stripe_api.errors import StripeRefused
from store.models import Item
from tests.support.answers import error_of
from tests.support.carts import add, add_tax, use_code
from tests.support.local_stripe import DEFAULT_KEY, LocalStripe
from tests.support.payments import pay_and_settle
from tests.support.presses import buy_cart, press_buy, session_of_cart

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def stripe_client(local_stripe: LocalStripe) -> Any:
    """What the merchant does in Stripe's dashboard."""
    return stripe.StripeClient(DEFAULT_KEY, base_addresses={"api": local_stripe.address}).v1


def keys_of_sessions(local_stripe: LocalStripe) -> list[str]:
    return [each["headers"]["idempotency-key"] for each in local_stripe.requests("POST", SESSIONS)]


def test_a_sale_goes_on_after_the_tax_rate_was_archived(
    item: Item, local_stripe: LocalStripe, stripe_client: Any
) -> None:
    add_tax()
    press_buy(item)
    archived = StripeObjectId.objects.get().stripe_id
    stripe_client.tax_rates.update(archived, {"active": False})
    payment = press_buy(item)
    assert pay_and_settle(local_stripe, payment.stripe_id).state == State.PAID
    assert StripeObjectId.objects.get().stripe_id != archived
    press_buy(item)
    assert len(local_stripe.requests("POST", "/v1/tax_rates")) == 2


def delete(stripe_client: Any, coupon: str) -> str:
    stripe_client.coupons.delete(coupon)
    return coupon


def use_up(stripe_client: Any, coupon: str) -> str:
    """A coupon that was limited in the dashboard; only its creation can limit it."""
    limited = {"percent_off": 10, "max_redemptions": 1, "name": "TEN"}
    made: str = stripe_client.coupons.create(limited).id
    price = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Cup"}}
    line = {"price_data": price, "quantity": 1}
    params = {"mode": "payment", "line_items": [line], "discounts": [{"coupon": made}]}
    session = stripe_client.checkout.sessions.create(
        params | {"success_url": "https://shop.example/"}
    )
    StripeObjectId.objects.filter(stripe_id=coupon).update(stripe_id=made)
    return str(session.id)


@pytest.mark.parametrize("makes_unusable", [delete, use_up])
def test_another_coupon_is_sent_under_another_idempotency_key(
    client: Client,
    item: Item,
    local_stripe: LocalStripe,
    stripe_client: Any,
    makes_unusable: Callable[[Any, str], str],
) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    use_code(client, "TEN")
    session_of_cart(client)
    unusable = makes_unusable(stripe_client, StripeObjectId.objects.get().stripe_id)
    if unusable.startswith("cs_"):
        local_stripe.pay(unusable)
    add(client, item)
    order = pay_and_settle(local_stripe, session_of_cart(client))
    assert (order.state, order.discount_amount) == (State.PAID, 400)
    first, *_, refused, again = keys_of_sessions(local_stripe)
    assert len({first, refused, again}) == 3
    assert refused.rpartition(":")[0] == again.rpartition(":")[0]


def test_it_is_created_again_only_once(
    client: Client, item: Item, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_tax()
    add(client, item)
    creates = "payments.methods.coupons_and_tax_rates._create_reusable"
    monkeypatch.setattr(creates, lambda *_: "txr_gone")
    assert error_of(buy_cart(client), 502) == "stripe_refused"
    assert len(local_stripe.requests("POST", SESSIONS)) == 2


def test_a_second_press_finds_the_session_that_a_crash_left_unknown(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add_tax()
    add(client, item)
    first = session_of_cart(client)
    Payment.objects.update(stripe_id="")
    assert session_of_cart(client) == first


def test_forgets_only_the_ids_of_this_account(db: None) -> None:
    """Two accounts can have an object with the same id, for example a live and a test key."""
    account = account_for("USD")
    mine = {"account": account.name, "livemode": account.livemode}
    others = [mine | {"account": "EUR"}, mine | {"livemode": not account.livemode}]
    for values in [mine, *others]:
        StripeObjectId.objects.create(kind="tax_rate", fingerprint="1", stripe_id="txr_1", **values)
    coupons_and_tax_rates.forget(account, CouponAndTaxRates(None, ["txr_1"]))
    left = StripeObjectId.objects.order_by("pk").values("account", "livemode")
    assert list(left) == others


USED = CouponAndTaxRates("Ab12", ["txr_1"])


@pytest.mark.parametrize(
    ("used", "refusal", "expected"),
    [
        (USED, StripeRefused(param="line_items[0][tax_rates][0]"), True),
        (USED, StripeRefused(param="discounts[0][coupon]"), True),
        (USED, StripeRefused(answer="The rate txr_1 is archived."), True),
        (USED, StripeRefused(answer="The coupon specified has expired."), True),
        (USED, StripeRefused(answer="This tax rate is inactive."), True),
        (USED, StripeRefused(param="expires_at", answer="Too early."), False),
        (CouponAndTaxRates(None, []), StripeRefused(param="discounts"), False),
    ],
)
def test_a_refusal_names_them_by_id_by_parameter_or_in_words(
    used: CouponAndTaxRates, refusal: StripeRefused, expected: bool
) -> None:
    assert used.are_named_in(refusal) is expected
