"""`make contract LISTEN=1`: events are also delivered, with a valid signature.

Stripe delivers them to this machine through its command line (docs.stripe.com/cli/listen); the
local Stripe does it by itself.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import stripe

from stripe_sandbox.tests.support.receiver import Receiver
from tests.contract.api import Api
from tests.contract.check import Outcome
from tests.support import http
from tests.support.processes import Program, run
from tests.support.waiting import wait_until

LOCAL_SECRET = "whsec_contract"  # noqa: S105  # of the account in LOCAL_KEYS


@dataclass(frozen=True)
class Listener:
    receiver: Receiver
    secret: str

    def outcome(self, events: Sequence[str]) -> Outcome:
        """Whether all these events come, and every signature is right."""
        outcome = Outcome("Events that are delivered")
        try:
            wait_until(lambda: set(events) <= self._delivered())
        except AssertionError:
            missing = set(events) - self._delivered()
            outcome.failures += [f"{name} was not delivered" for name in sorted(missing)]
        for delivery in self.receiver.deliveries:
            try:
                stripe.Webhook.construct_event(delivery.body, delivery.signature, self.secret)
            except stripe.SignatureVerificationError as error:
                outcome.failures.append(f"{delivery.event['id']}: {error}")
        return outcome

    def _delivered(self) -> set[str]:
        return {str(delivery.event["id"]) for delivery in self.receiver.deliveries}


@contextmanager
def listening(api: Api, *, is_local: bool) -> Iterator[Listener]:
    """Receive the events of an account."""
    with Receiver(ignored="") as receiver:
        if is_local:
            config = f"{api.address}/_sandbox/config"
            http.post(config, json={"webhook_url": receiver.url}).raise_for_status()
            yield Listener(receiver, LOCAL_SECRET)
            return
        secret = webhook_secret(api.keys.secret)
        with forwarding(api.keys.secret, receiver.url):
            yield Listener(receiver, secret)


def webhook_secret(key: str) -> str:
    """The secret that Stripe's command line signs the events of this account with."""
    done = run([_command_line(), "listen", "--print-secret"], _environment(key))
    if done.returncode:
        sys.exit(f"stripe listen: {done.stderr.strip()}")
    return done.stdout.strip()


@contextmanager
def forwarding(key: str, address: str) -> Iterator[None]:
    """Stripe's command line, which sends the events of the account to `address`."""
    command = [_command_line(), "listen", "--forward-to", address]
    with (
        tempfile.TemporaryDirectory(prefix="minicart-contract-") as folder,
        Program(command, _environment(key), Path(folder) / "listen.log") as program,
    ):
        program.wait_until(lambda: "Ready!" in program.printed())
        yield


def _command_line() -> str:
    found = shutil.which("stripe")
    if found is None:
        sys.exit("LISTEN=1 needs Stripe's command line: npm install --global @stripe/cli")
    return found


def _environment(key: str) -> dict[str, str]:
    """The key is in the environment, because other users can see the arguments of a program."""
    return {**os.environ, "STRIPE_API_KEY": key}
