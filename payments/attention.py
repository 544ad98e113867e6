"""What staff must look at: on top of the order list in the admin, with what to do."""

import logging
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from cart.models import Order

logger = logging.getLogger(__name__)
LONGEST = 300


def call_staff(order: Order, sentence: Promise, *, at: datetime) -> None:
    """Adds the sentence to what staff must look at, once: what they dealt with doesn't come back.

    In the shop's own language, whoever's request it is. Call it with the order's row locked.
    """
    with translation.override(settings.LANGUAGE_CODE):
        text = str(sentence)[:LONGEST]
    if order.history.filter(why=text).exists():
        return
    order.needs_attention = "\n".join(filter(None, [order.needs_attention, text]))
    order.save(update_fields=["needs_attention"])
    order.note(text, at=at)
    logger.error("order %s needs attention: %s", order, text)
