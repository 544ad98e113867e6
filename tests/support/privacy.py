"""Old orders with personal data, and what is stored about them."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

from django.core.management import call_command

from cart.models import Order

EMAIL = "Ada.Buyer@Mail.example"
PERSONAL = [
    *("ada.buyer", "Ada Lovelace", "Elm Street 1", "2nd floor", "55512345", "99999", "Springtown"),
    *("RX-1234", "carrier.example", "rang twice", "visitor-key", "pay.example"),
]
NOW = datetime(2036, 1, 1, 12, tzinfo=UTC)
OLD = datetime(2025, 12, 31, 12, tzinfo=UTC)
LONG_AGO = datetime(2010, 6, 1, 12, tzinfo=UTC)
KEPT = datetime(2026, 1, 1, 12, tzinfo=UTC)
DELETED = "Deleted: e-mail, name, shipping address, phone, tracking, mails and staff notes of %s."
STRIPE = "Stripe keeps its own data: redact the payments there, see https://docs.stripe.com/privacy"
type NewOrder = Callable[..., Order]


def what_is_stored() -> str:
    """All rows of the database, as a text."""
    out = StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue()
