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
# They take some seconds each.
SLOW_STATES = shop_states.CLOSED
