"""Whether a mail that waited is still true: a mail server may have been gone for a day."""

from django.conf import settings

from cart.models import State
from notifications.models import Mail, MailReason
from payments.models import Refund
from payments.refund_sync import ENDED


def is_outdated(mail: Mail) -> bool:
    """Whether what the mail says has changed since it was written, and another one says so."""
    if mail.reason == MailReason.LOW_STOCK:
        stock = mail.item.stock if mail.item else None
        return stock is None or stock > settings.LOW_STOCK
    assert mail.order is not None
    if mail.reason == MailReason.PAYMENT_PROCESSING:
        return mail.order.state != State.PROCESSING
    if mail.reason == MailReason.PAYMENT_FAILED:
        return mail.order.state in (State.PROCESSING, State.PAID)
    if mail.reason == MailReason.SHIPPED:
        shipped_at = mail.order.shipped_at
        return shipped_at is None or mail.reference < shipped_at.isoformat()
    if mail.reason == MailReason.REFUNDED:
        refund = Refund.objects.filter(payment__order=mail.order, stripe_id=mail.reference)
        return refund.filter(state__in=ENDED).exists()
    if mail.reason in (MailReason.NEEDS_ATTENTION, MailReason.DISPUTE):
        return not mail.order.alerts.filter(pk=mail.reference, resolved_at=None).exists()
    return False
