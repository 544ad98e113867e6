"""Every page in every state."""

from collections.abc import Callable

from tests.support import cart_states, catalogue_states, receipt_states, shop_states
from tests.support.visit import Visit

STATES: list[Callable[[Visit], None]] = [
    *catalogue_states.STATES,
    *cart_states.STATES,
    *receipt_states.STATES,
    *shop_states.STATES,
]
# Only the gallery opens these: a closed shop takes some seconds.
OTHER_STATES = [*shop_states.CLOSED, catalogue_states.item_after_a_failed_payment]
