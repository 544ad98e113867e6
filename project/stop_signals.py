"""How long-running programs notice that they should stop."""

import signal
from typing import Any


class StopSignals:
    """Remembers SIGTERM, SIGINT (Ctrl-C) and SIGHUP (a closed terminal).

    Handlers of our own are needed because a child of a shell with `trap '' INT` inherits that it
    ignores SIGINT. They only set a flag, so that they never interrupt a step halfway.
    """

    def __init__(self) -> None:
        self.received = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._remember)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # started with nohup
            signal.signal(signal.SIGHUP, self._remember)

    def _remember(self, *_: Any) -> None:
        self.received = True
