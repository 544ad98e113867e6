"""A voucher or a bank transfer that a buyer confirms with Pay here."""

from django.test import Client

from cart.models import State
from payments.models import Payment
from store.models import Item
from tests.support.local_stripe import LocalStripe
from tests.support.payments import look_again
from tests.support.presses import intent_of_item

VOUCHER, TRANSFER = "multibanco", "customer_balance"


def confirm_here(client: Client, item: Item, local_stripe: LocalStripe, method: str) -> Payment:
    """Pay here for one piece; the shop hasn't heard of the voucher or transfer yet."""
    intent_id = intent_of_item(client, item)
    local_stripe.pay_intent(intent_id, method=method)
    return Payment.objects.get(stripe_id=intent_id)


def voucher_for(client: Client, item: Item, local_stripe: LocalStripe) -> Payment:
    payment = confirm_here(client, item, local_stripe, VOUCHER)
    assert look_again(payment).state == State.PROCESSING
    return payment


def stock_of(item: Item) -> int | None:
    item.refresh_from_db()
    return item.stock
