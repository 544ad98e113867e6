"""Mail the link of an order to the address with which it was bought."""

from datetime import date

from cart.models import Order, State
from notifications.models import Mail, MailReason
from notifications.outbox import write

MAILS_A_DAY = 3


def mail_link(*, number: str, email: str, today: date) -> None:
    """Write a mail if the order has this address, at most MAILS_A_DAY for each order."""
    bought = Order.objects.filter(state__in=[State.PROCESSING, State.PAID])
    order = bought.filter(number=number, email__iexact=email).first()
    if order is None:
        return
    asked = Mail.objects.filter(
        order=order, reason=MailReason.RECEIPT_LINK, reference__startswith=today.isoformat()
    )
    if (count := asked.count()) < MAILS_A_DAY:
        # Two requests at once make one mail: the reference is unique.
        reference = f"{today.isoformat()} {count + 1}"
        reason = MailReason.RECEIPT_LINK
        write(Mail(order=order, reason=reason, reference=reference, to=order.email))
