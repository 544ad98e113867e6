"""GET and POST /order/buy: the whole cart in one payment, with Stripe's coupon and tax rates."""

import random
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cart.freezing import AlreadyOpen, freeze_order
from cart.models import Discount, DiscountProblem, DiscountRefused, Order, OrderLine, State, Tax
from cart.quote import quote_order
from payments.errors import answer_to
from payments.models import Payment, PaymentState, StripeObjectId
from payments.settlement import settle
from store.models import Item
from tests.support.alerts import alert_messages
from tests.support.answers import NOWHERE, error_of
from tests.support.carts import add, use_code
from tests.support.local_stripe import LocalStripe
from tests.support.payments import CAUSE


def buy(client: Client, **query: str) -> Any:
    return client.get("/order/buy", query)


def bought(client: Client, **query: str) -> str:
    """The id of the session."""
    answer = buy(client, **query)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


def pay_and_settle(local_stripe: LocalStripe, session_id: str) -> Order:
    local_stripe.pay(session_id)
    payment = Payment.objects.get(stripe_id=session_id)
    settle(payment, at=timezone.now(), cause=CAUSE)
    return Order.objects.get(pk=payment.order_id)


def vat(percentage: str = "20", **values: Any) -> Tax:
    return Tax.objects.create(display_name="VAT", percentage=Decimal(percentage), **values)


def test_one_session_for_all_lines_with_coupon_and_tax_rates(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    vat("9")
    vat("21", is_inclusive=True, country="NL")
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, make_item(name="Cup"), quantity=2)
    add(client, make_item(name="Pot", price=Decimal(40)))
    use_code(client, "TEN")
    shown = quote_order(Order.objects.get(), at=timezone.now()).totals
    session = local_stripe.session(bought(client))
    order = Order.objects.get()
    assert session["amount_subtotal"] == shown.subtotal == order.subtotal_amount == 7998
    assert session["total_details"]["amount_discount"] == shown.discount == order.discount_amount
    assert session["total_details"]["amount_tax"] == sum(shown.taxes)
    assert session["amount_total"] == shown.total == order.total_amount
    sent = local_stripe.requests("POST", "/v1/coupons")[-1]["params"]
    assert (sent["name"], sent["percent_off"]) == ("TEN", "10.0")


def test_the_plain_form_is_sent_to_stripe_and_comes_back_to_the_cart(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    answer = client.post("/order/buy", {"currency": "USD"})
    assert answer.status_code == 303
    session = local_stripe.all_sessions()[0]
    assert answer["Location"] == session["url"]
    assert session["cancel_url"].endswith("/order")


def test_a_second_press_gives_the_same_open_session(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    assert bought(client) == bought(client)
    assert Payment.objects.count() == 1


def test_coupons_and_tax_rates_are_made_once_and_found_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    vat()
    Discount.objects.create(code="TEN", percent=Decimal(10))
    for visitor in (Client(), Client()):
        add(visitor, item)
        use_code(visitor, "TEN")
        bought(visitor)
    assert len(local_stripe.requests("POST", "/v1/coupons")) == 1
    assert len(local_stripe.requests("POST", "/v1/tax_rates")) == 1
    assert {str(each)[:4] for each in StripeObjectId.objects.filter(kind="tax_rate")} == {"txr_"}


def test_editing_a_discount_or_a_tax_makes_a_new_one_and_paid_orders_keep_theirs(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    tax = vat("10")
    discount = Discount.objects.create(code="SALE", percent=Decimal(10))
    orders = []
    for percent in (10, 20):
        Discount.objects.filter(pk=discount.pk).update(percent=Decimal(percent))
        Tax.objects.filter(pk=tax.pk).update(percentage=Decimal(percent))
        add(client, item)
        use_code(client, "SALE")
        orders.append(pay_and_settle(local_stripe, bought(client)))
    sent = [r["params"]["percent_off"] for r in local_stripe.requests("POST", "/v1/coupons")]
    assert sent == ["10.0", "20.0"]
    assert [order.discount_amount for order in orders] == [200, 400]
    assert [order.taxes.get().percentage for order in orders] == [Decimal(10), Decimal(20)]
    page = Client().get(f"/order/{orders[0].token}").content.decode()
    assert 'class="discount" data-amount="200"' in page


def test_a_coupon_or_tax_rate_that_is_gone_at_stripe_is_made_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    vat()
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    use_code(client, "TEN")
    bought(client)
    local_stripe.reset()
    assert bought(client)
    assert StripeObjectId.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "total"), [({"percent": Decimal(100)}, 0), ({"amount": 5000, "currency": "USD"}, 0)]
)
def test_a_free_order_is_a_session_without_costs(
    client: Client, item: Item, local_stripe: LocalStripe, values: dict[str, Any], total: int
) -> None:
    Discount.objects.create(code="FREE", **values)
    vat()
    add(client, item)
    use_code(client, "FREE")
    order = pay_and_settle(local_stripe, bought(client))
    assert (order.state, order.total_amount) == (State.PAID, total)


@pytest.mark.parametrize("tax_rounding", ["line", "sum"])
@pytest.mark.parametrize("percent_rounding", ["line", "sum"])
def test_400_random_orders_show_the_same_figures_everywhere(
    db: None,
    make_item: Any,
    local_stripe: LocalStripe,
    settings: Any,
    tax_rounding: str,
    percent_rounding: str,
) -> None:
    """100 in each of the four ways of rounding: cart, Stripe and receipt agree to the cent."""
    settings.BUY_RATE_LIMIT = 1000
    local_stripe.configure(tax_rounding=tax_rounding, percent_rounding=percent_rounding)
    seed = random.randrange(10**6)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    items = [make_item(price=Decimal(chance.randint(50, 20000)) / 100) for _ in range(20)]
    taxes = [vat(), vat("8.625"), vat("21", is_inclusive=True), vat("2.1", is_inclusive=True)]
    Discount.objects.create(code="PERCENT", percent=Decimal("12.5"))
    Discount.objects.create(code="AMOUNT", amount=777, currency="USD")
    for number in range(100):
        for tax in taxes:
            Tax.objects.filter(pk=tax.pk).update(is_active=chance.random() < 0.5)
        client = Client()
        for each in chance.sample(items, chance.randint(1, 6)):
            add(client, each, quantity=chance.randint(1, 9))
        if code := chance.choice(["PERCENT", "AMOUNT", ""]):
            use_code(client, code)
        session = local_stripe.session(bought(client))
        cart = figures(client.get("/order").content.decode())
        order = pay_and_settle(local_stripe, session["id"])
        receipt = figures(client.get(f"/order/{order.token}").content.decode())
        details = session["total_details"]
        told = f"seed {seed}, order {number}"
        assert cart == receipt, told
        assert cart["subtotal"] == [session["amount_subtotal"]], told
        assert sum(cart["discount"]) == details["amount_discount"], told
        assert sum(cart["tax"]) == details["amount_tax"], told
        assert cart["total"] == [session["amount_total"]] == [order.total_amount], told


def figures(page: str) -> dict[str, list[int]]:
    """The amounts of the totals that a page shows, in minor units."""
    return {
        name: [
            int(part.split('"')[0]) for part in page.split(f'<dd class="{name}" data-amount="')[1:]
        ]
        for name in ("subtotal", "discount", "tax", "total")
    }


def test_editing_while_paying_leaves_what_the_other_tab_saw(
    client: Client,
    make_item: Any,
    local_stripe: LocalStripe,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Tab A starts paying, tab B edits, A pays: A's order is paid as it was, B's is the cart."""
    cup, pot = make_item(name="Cup"), make_item(name="Pot", stock=1)
    add(client, cup)
    session_id = bought(client)
    local_stripe.fail(path=f"/v1/checkout/sessions/{session_id}/expire", status=500, calls=9)
    with django_capture_on_commit_callbacks(execute=True):
        add(client, pot)  # Stripe can't be told to end the old session
    assert Order.objects.filter(state=State.CHECKOUT, superseded_at__isnull=False).count() == 1
    paid = pay_and_settle(local_stripe, session_id)
    assert [line.name for line in paid.lines.all()] == ["Cup"]
    assert (paid.state, alert_messages(paid)) == (State.PAID, "")
    page = client.get("/order").content.decode()
    assert "Pot" in page
    assert "Cup" in page


@pytest.mark.django_db(transaction=True)
def test_editing_ends_the_old_session_and_gives_its_stock_back(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    client = Client()
    item = make_item(stock=2)
    add(client, item)
    first = bought(client)
    line = OrderLine.objects.get()
    client.post(f"/order/lines/{line.pk}", {"quantity": 2})
    assert local_stripe.session(first)["status"] == "expired"
    item.refresh_from_db()
    assert item.stock == 2
    assert local_stripe.session(bought(client))["amount_total"] == 3998
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cancelled", "checkout"]


def test_an_expired_session_makes_the_cart_a_cart_again(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    discount = Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    item = make_item(stock=1)
    vat()
    add(client, item)
    use_code(client, "ONCE")
    first = bought(client)
    discount.refresh_from_db()
    assert discount.times_redeemed == 1
    local_stripe.expire(first)
    settle(Payment.objects.get(), at=timezone.now(), cause=CAUSE)
    order = Order.objects.get()
    item.refresh_from_db()
    discount.refresh_from_db()
    assert (order.state, order.total_amount, order.taxes.count()) == (State.CART, 0, 0)
    assert (item.stock, discount.times_redeemed) == (1, 0)
    assert bought(client) != first
    assert Payment.objects.latest("pk").attempt == 2


def test_a_code_limited_to_one_goes_to_the_first_who_pays(
    make_item: Any, local_stripe: LocalStripe
) -> None:
    Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    first, second = Client(), Client()
    for client in (first, second):
        add(client, make_item())
        use_code(client, "ONCE")
    bought(first)
    assert error_of(buy(second), 409) == "discount_refused"
    assert "has been used up" in second.get("/order").content.decode()
    assert Discount.objects.get().times_redeemed == 1


def test_a_changed_price_must_be_seen_before_buying(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    seen = quote_order(Order.objects.get(), at=timezone.now()).fingerprint
    Item.objects.update(price=Decimal(25))
    assert error_of(buy(client), 409) == "order_changed"
    assert error_of(buy(client, seen=seen), 409) == "order_changed"
    page = client.post("/order/buy", {"currency": "USD", "seen": seen})
    assert page.status_code == 409
    assert "Something in your cart has changed" in page.content.decode()
    now_seen = page.content.decode().split('name="seen" value="')[1].split('"')[0]
    assert local_stripe.session(bought(client, seen=now_seen))["amount_total"] == 2500


@pytest.mark.parametrize("change", [{"is_listed": False}, {"stock": 0}, {"currency": "EUR"}])
def test_a_line_that_cannot_be_bought_blocks_paying(
    client: Client, item: Item, local_stripe: LocalStripe, change: dict[str, Any]
) -> None:
    add(client, item)
    Item.objects.update(**change)
    assert error_of(buy(client), 409) == "order_changed"
    assert Order.objects.get().state == State.CART


def test_an_empty_cart_is_422(client: Client, item: Item) -> None:
    assert error_of(buy(client), 422) == "cart_empty"
    add(client, item)
    client.post(f"/order/lines/{OrderLine.objects.get().pk}/remove")
    assert error_of(buy(client), 422) == "cart_empty"
    page = client.post("/order/buy")
    assert page.status_code == 422
    assert "Your cart is empty." in page.content.decode()


def test_several_currencies_are_paid_one_at_a_time_each_at_its_account(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, make_item(currency="USD"))
    add(client, make_item(currency="EUR"))
    assert error_of(buy(client), 422) == "choose_currency"
    euro = buy(client, currency="EUR").json()
    assert euro["publishable_key"] == "pk_test_minieuro"
    assert local_stripe.key_of(euro["id"]) == "sk_test_minieuro"


def test_below_stripes_minimum_and_over_100_lines_are_422(
    client: Client, make_item: Any, local_stripe: LocalStripe
) -> None:
    add(client, make_item(price=Decimal("0.10")))
    assert error_of(buy(client), 422) == "amount_too_small"
    assert Order.objects.get().state == State.CART
    for number in range(100):
        add(client, make_item(name=f"Item {number}"))
    assert error_of(buy(client), 422) == "too_many_lines"


def test_a_stripe_out_of_reach_leaves_the_cart_as_it_is(
    client: Client, make_item: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.api_base", NOWHERE)
    monkeypatch.setattr("stripe.max_network_retries", 0)
    item = make_item(stock=1)
    add(client, item)
    page = client.post("/order/buy", {"currency": "USD"})
    assert page.status_code == 503
    assert "can’t reach the payment page" in page.content.decode()
    item.refresh_from_db()
    assert (item.stock, Order.objects.get().state) == (1, State.CART)
    assert Payment.objects.get().state == PaymentState.FAILED


def test_a_paid_order_leaves_an_empty_cart_and_cannot_be_paid_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    pay_and_settle(local_stripe, bought(client))
    assert "Your cart is empty." in client.get("/order").content.decode()
    assert error_of(buy(client), 422) == "cart_empty"
    add(client, item)
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cart", "paid"]


def test_head_and_prefetch_make_nothing(client: Client, item: Item) -> None:
    add(client, item)
    assert client.head("/order/buy").status_code == 405
    prefetch = client.get("/order/buy", headers={"Sec-Purpose": "prefetch"})
    assert error_of(prefetch, 503) == "not_pressed"
    assert not Payment.objects.exists()


def test_money_for_an_order_that_is_a_cart_again_is_paid_and_called_out(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    session_id = bought(client)
    Payment.objects.update(state=PaymentState.EXPIRED)
    Order.objects.update(state=State.CART)
    order = pay_and_settle(local_stripe, session_id)
    assert (order.state, order.total_amount) == (State.PAID, 1999)
    assert "after it was a cart again" in alert_messages(order)


def test_a_used_up_code_of_a_late_payment_is_called_out(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    discount = Discount.objects.create(code="ONCE", percent=Decimal(10), max_redemptions=1)
    add(client, item)
    use_code(client, "ONCE")
    session_id = bought(client)
    Order.objects.update(state=State.CANCELLED)
    assert discount.max_redemptions == 1  # it stays taken, by another order
    order = pay_and_settle(local_stripe, session_id)
    assert order.state == State.PAID
    assert "used up since" in alert_messages(order)


@pytest.mark.parametrize("change", [{"is_active": False}, {"ends_at": timezone.now()}])
def test_a_code_that_ended_is_left_out_once_that_was_seen(
    client: Client, item: Item, local_stripe: LocalStripe, change: dict[str, Any]
) -> None:
    Discount.objects.create(code="TEN", percent=Decimal(10))
    add(client, item)
    use_code(client, "TEN")
    Discount.objects.update(**change)
    assert error_of(buy(client), 409) == "discount_refused"
    seen = quote_order(Order.objects.get(), at=timezone.now()).fingerprint
    session = local_stripe.session(bought(client, seen=seen))
    assert session["amount_total"] == 1999
    order = Order.objects.get()
    assert (order.discount, order.discount_code) == (None, "")


def test_an_order_in_checkout_is_not_frozen_again(
    client: Client, item: Item, local_stripe: LocalStripe
) -> None:
    add(client, item)
    bought(client)
    with pytest.raises(AlreadyOpen):
        freeze_order(Order.objects.get(), shown_fingerprint=None, at=timezone.now())
    assert 'class="total" data-amount="1999"' in client.get("/order").content.decode()


def test_losing_the_last_redemption_at_the_last_moment_is_a_409() -> None:
    refused = answer_to(DiscountRefused(DiscountProblem.USED_UP))
    assert (refused.status, refused.code) == (409, "discount_refused")
    assert refused.message == "This code has been used up."


@pytest.mark.parametrize(("currency", "price"), [("KWD", "1.23"), ("ISK", "1555")])
def test_a_percentage_and_a_contained_tax_in_a_currency_of_large_coins(
    client: Client, make_item: Any, local_stripe: LocalStripe, currency: str, price: str
) -> None:
    """Stripe would round them to what it then doesn't charge."""
    vat("24", is_inclusive=True)
    Discount.objects.create(code="SEVEN", percent=Decimal(7))
    add(client, make_item(currency=currency, price=Decimal(price)), quantity=3)
    answer = client.post("/order/discount", {"code": "SEVEN", "currency": currency})
    assert answer.status_code == 303
    shown = quote_order(Order.objects.get(), at=timezone.now()).totals
    session = local_stripe.session(bought(client))
    assert session["amount_total"] == shown.total == Order.objects.get().total_amount
    assert session["total_details"]["amount_discount"] == shown.discount
