"""Alerts: what staff must look at is shown first in the admin's list of orders."""

import logging
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from cart.models import Order

logger = logging.getLogger(__name__)
MAX_REASON_LENGTH = 300


def call_staff(order: Order, message: Promise, *, at: datetime) -> None:
    """Adds the message to what staff must look at, unless it was added before.

    It is in the shop's language, not in the buyer's. Call it with the order's row locked.
    """
    with translation.override(settings.LANGUAGE_CODE):
        text = str(message)[:MAX_REASON_LENGTH]
    if order.history.filter(why=text).exists():
        return
    order.needs_attention = "\n".join(filter(None, [order.needs_attention, text]))
    order.save(update_fields=["needs_attention"])
    order.note(text, at=at)
    logger.error("order %s needs attention: %s", order, text)
