"""A shop with rows of every kind, made by what buyers, staff and Stripe do."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from cart.models import Discount, OrderLine, Tax
from notifications.models import Mail, MailReason, MailState
from payments.models import Payment, Refund
from store.models import Collection, Item, Page
from tests.support import admin_forms, fulfilment, refund_form
from tests.support.alerts import add_alert
from tests.support.carts import add, add_tax, use_code
from tests.support.events import deliver, event_about
from tests.support.local_stripe import LocalStripe, to
from tests.support.payments import look_again, paid, paid_cart, pay_and_settle
from tests.support.pictures import add_picture
from tests.support.presses import (
    intent_of_cart,
    intent_of_item,
    new_browser,
    press_buy,
    session_of_cart,
)
from tests.support.shipping import add_rate
from tests.support.shop_row import edit_shop
from tests.support.vouchers import TRANSFER, confirm_here, voucher_for

PASSWORD = "ten mugs and a lamp"
FAILING_IBAN = "DE62370400440532013001"
GOOD_IBAN = "DE89370400440532013000"


def populate(stripe: LocalStripe) -> None:
    stripe.configure(delayed_seconds=None)  # a bank answers when it is told to
    set_up()
    sell_without_shipping(stripe)
    sell_with_shipping(stripe)
    leave_unpaid(stripe)
    send_mails()


def set_up() -> None:
    edit_shop(
        name="Clay & Co",
        sentence="Mugs, bowls and lamps from Łódź.",
        logo="shop/logo.webp",
        accent_color="#1f5f4a",
        email="hello@clay.example",
        staff_email="orders@clay.example",
        postal_address="Clay & Co Ltd\n1 High Street\nLondon",
        country="GB",
        tax_id="GB123456789",
        notice="Closed from 24 to 31 December.",
    )
    User.objects.create_superuser("merchant", "merchant@clay.example", PASSWORD)
    for role in ("packer", "editor"):
        user = User.objects.create_user(role, f"{role}@clay.example", PASSWORD, is_staff=True)
        user.groups.set(Group.objects.filter(name=role))
    call_command("seed_pages", verbosity=0)
    add_items()
    now = timezone.now()
    Discount.objects.create(code="TEN", percent=Decimal(10))
    Discount.objects.create(
        code="FIVE",
        amount=500,
        currency="USD",
        minimum_amount=2000,
        max_redemptions=5,
        starts_at=now - timedelta(days=7),
        ends_at=now + timedelta(days=30),
    )
    Discount.objects.create(code="GIFT", percent=Decimal(100), max_redemptions=3)
    Discount.objects.create(code="SUMMER", percent=Decimal("7.5"), is_active=False)
    add_tax("20")
    Tax.objects.create(display_name="Levy", percentage=Decimal("2.5"), is_inclusive=True)
    add_tax("19", country="DE", is_active=False)


def add_items() -> None:
    mug = _item("Speckled mug", "19.99", description="Holds 350 ml.", position=10)
    bowl = _item("Tea bowl “Łódź”", "12.10", stock=40)
    lamp = _item("Clay lamp", "49.00", stock=30)
    _item("Last vase", "33.33", stock=1)
    _item("Pattern as PDF", "4.20", needs_shipping=False)
    cup = _item("Чашка «Ёлка»", "18.49", currency="EUR", stock=30)
    _item("Sold-out jug", "24.90", stock=0)
    hidden = _item("Hidden plate", "7.35", is_listed=False)
    add_picture(mug, "items/mug.webp", alternative="A mug with blue speckles", position=1)
    add_picture(mug, "items/mug-2.png", widths=[], needs_sizes=True)
    add_picture(lamp, "items/lamp.webp")
    table = Collection.objects.create(
        name="For the table",
        slug="table",
        description="What we eat and drink from.",
        picture="collections/table.webp",
        position=1,
    )
    table.items.set([mug, bowl, cup, hidden])
    Collection.objects.create(name="Winter", slug="winter", is_listed=False).items.set([lamp])


def _item(name: str, price: str, *, currency: str = "USD", **values: Any) -> Item:
    return Item.objects.create(name=name, price=Decimal(price), currency=currency, **values)


def _named(name: str) -> Item:
    return Item.objects.get(name__contains=name)


def sell_without_shipping(stripe: LocalStripe) -> None:
    """Orders that were paid on Stripe's page, refunded, disputed or given away."""
    merchant, packer = log_in("merchant"), log_in("packer")
    mug, bowl, lamp = _named("mug"), _named("bowl"), _named("lamp")
    shipped = paid(mug, stripe)
    fulfilment.press(
        packer,
        shipped.order,
        tracking_number="LD 12",
        tracking_url="https://carrier.example/12",
    )
    waits = paid_cart({mug: 1, bowl: 2, lamp: 1}, stripe, code="TEN")
    waits.order.staff_notes.create(text="Wrap it as a gift.", written_by="packer")
    new_browser().post("/order/find", {"number": waits.order.number, "email": "buyer@shop.example"})
    refund(merchant, paid_cart({bowl: 3}, stripe))
    refunded = paid(mug, stripe)
    stripe.refund(refunded.intent_id)
    look_again(refunded)
    refunds_in_other_states(stripe, paid(mug, stripe))
    dispute_and_warn(stripe, paid(lamp, stripe), paid(mug, stripe))
    free = new_browser()
    add(free, _named("Pattern"))
    use_code(free, "GIFT")
    pay_and_settle(stripe, session_of_cart(free))
    russian = Client(headers={"Accept-Language": "ru"}, REMOTE_ADDR="192.0.2.20")
    pay_and_settle(stripe, russian.get(f"/buy/{_named('Чашка').pk}").json()["id"])
    edit_a_page(log_in("editor"))


def log_in(name: str) -> Client:
    staff = new_browser("192.0.2.1")
    answer = staff.post(
        "/admin/login/", {"username": name, "password": PASSWORD, "next": "/admin/"}
    )
    assert answer.status_code == 302
    return staff


def refund(staff: Client, payment: Payment) -> None:
    """Two pieces of the payment's only line, which return to the stock."""
    (line,) = payment.order.lines.all()
    chosen = refund_form.pieces(payment, **{line.name: 2})
    form = refund_form.filled_form(staff, payment, amount="20.00", restock="on", **chosen)
    assert staff.post(refund_form.address(payment), form).status_code == 302


def refunds_in_other_states(stripe: LocalStripe, payment: Payment) -> None:
    """The credit note of the failed refund becomes void."""
    stripe.configure(refunds="pending")
    for end in ("failed", "canceled", ""):
        refund_id = stripe.refund(payment.intent_id, 300)
        look_again(payment)
        if end:
            stripe.finish_refund(refund_id, end)
            look_again(payment)
    stripe.configure(refunds="succeed")
    Refund.objects.create(payment=payment, amount=200, requested_by="merchant")  # no answer yet


def dispute_and_warn(stripe: LocalStripe, disputed: Payment, warned: Payment) -> None:
    stripe.dispute(disputed.intent_id)
    look_again(disputed)
    won = stripe.dispute(warned.intent_id)
    stripe.close_dispute(won, "won")
    _hear("evt_dispute", "charge.dispute.closed", won, warned)
    warning = stripe.warn_of_fraud(warned.intent_id)
    _hear("evt_warning", "radar.early_fraud_warning.created", warning, warned)
    add_alert(warned.order, "Refund one of the two payments.")
    now = timezone.now()
    warned.order.alerts.filter(reason="paid_twice").update(resolved_at=now, resolved_by="merchant")


def _hear(event_id: str, kind: str, object_id: str, payment: Payment) -> None:
    about = {"object": {"id": object_id, "payment_intent": payment.intent_id}}
    assert deliver(event_about("", id=event_id, type=kind, data=about)) == 200


def edit_a_page(editor: Client) -> None:
    """The admin writes into its own log, too."""
    address = f"/admin/store/page/{Page.objects.earliest('pk').pk}/change/"
    form = admin_forms.opened_form(editor, address)
    assert admin_forms.save(editor, address, form, text="We make **mugs**.") == ""


def sell_with_shipping(stripe: LocalStripe) -> None:
    add_rate(490, "DE", "FR", free_from_amount=20000)
    add_rate(900, "DE", name="Express", delivery_time="")
    add_rate(1900, name="International parcel")
    add_rate(500, currency="EUR")
    add_rate(100, name="Pigeon", is_active=False)
    mug, bowl, cup = _named("mug"), _named("bowl"), _named("Чашка")
    buyer = new_browser("192.0.2.30")
    add(buyer, bowl, quantity=2)
    add(buyer, mug)
    use_code(buyer, "FIVE")
    buyer.post("/order/shipping", {"currency": "USD", "country": "DE"})
    session_id = session_of_cart(buyer)
    stripe.pay(session_id, email="zoe@mail.example", shipping=to("DE", name="Zoë Müller"))
    look_again(Payment.objects.get(stripe_id=session_id))
    here = intent_of_item(new_browser("192.0.2.31"), cup)
    stripe.pay_intent(here, shipping=to("FR", name="Anaïs"))
    look_again(Payment.objects.get(stripe_id=here))
    paid_while_editing = new_browser("192.0.2.32")
    add(paid_while_editing, mug)
    stripe.pay(session_of_cart(paid_while_editing))
    add(paid_while_editing, mug)


def leave_unpaid(stripe: LocalStripe) -> None:
    """Carts, and attempts that are open, ended, or wait for a bank."""
    mug, bowl, vase, cup = _named("mug"), _named("bowl"), _named("vase"), _named("Чашка")
    cart = new_browser("192.0.2.40")
    for item in (mug, bowl, cup):
        add(cart, item, quantity=2)
    use_code(cart, "TEN")
    cart.post("/order/shipping", {"currency": "USD", "country": "FR"})
    pays_on_stripes_page = new_browser("192.0.2.41")
    add(pays_on_stripes_page, bowl, quantity=2)
    use_code(pays_on_stripes_page, "FIVE")
    session_of_cart(pays_on_stripes_page)
    pays_here = new_browser("192.0.2.42")
    add(pays_here, mug)
    intent_of_cart(pays_here)
    edits = new_browser("192.0.2.43")
    add(edits, bowl)
    session_of_cart(edits)
    edits.post(f"/order/lines/{OrderLine.objects.latest('pk').pk}", {"quantity": 2})
    press_buy(vase)
    expired = press_buy(mug)
    stripe.expire(expired.stripe_id)
    look_again(expired)
    wait_for_banks(stripe, cup)


def wait_for_banks(stripe: LocalStripe, cup: Item) -> None:
    """A voucher, a transfer, a debit, and one that fails, whose lines are a cart again."""
    voucher_for(new_browser("192.0.2.50"), cup, stripe)
    look_again(confirm_here(new_browser("192.0.2.51"), cup, stripe, TRANSFER))
    debit(stripe, new_browser("192.0.2.52"), cup, GOOD_IBAN)
    failed = debit(stripe, new_browser("192.0.2.53"), cup, FAILING_IBAN)
    stripe.finish_delayed(failed.stripe_id)
    look_again(failed)


def debit(stripe: LocalStripe, buyer: Client, cup: Item, iban: str) -> Payment:
    add(buyer, cup)
    intent_id = intent_of_cart(buyer)
    stripe.pay_intent(intent_id, iban=iban)
    payment = Payment.objects.get(stripe_id=intent_id)
    look_again(payment)
    return payment


def send_mails() -> None:
    """Mails in all states, without a mail server."""
    now = timezone.now()
    confirmed = Mail.objects.filter(reason=MailReason.ORDER_CONFIRMED).order_by("pk")
    first, second, *others = confirmed.values_list("pk", flat=True)
    Mail.objects.filter(pk__in=others).update(state=MailState.SENT, tries=1, sent_at=now)
    Mail.objects.filter(pk=first).update(
        state=MailState.FAILED, tries=18, failing_since=now, last_error="550 unknown user"
    )
    Mail.objects.filter(pk=second).update(state=MailState.DROPPED)
