"""make contract: compares the local Stripe with Stripe, or with the recorded answers.

See docs/contract.md.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.contract import table
from tests.contract.answers import FILE, Expected
from tests.contract.api import STRIPE, Api
from tests.contract.check import SAME, Outcome, check
from tests.contract.keys import LOCAL_KEYS, SECRET_VARIABLE, keys_of_environment
from tests.contract.labels import end_leftovers
from tests.contract.scenarios import ALL
from tests.support.ports import free_port
from tests.support.processes import Program


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    keys = keys_of_environment(os.environ)
    begun = time.monotonic()
    with ExitStack() as stack:
        address = options.local or stack.enter_context(local_stripe())
        local = stack.enter_context(Api(address, LOCAL_KEYS))
        stripe = stack.enter_context(Api(options.stripe, keys)) if keys else None
        if stripe is not None:
            _prepare(stripe)
        expected = Expected.read(options.answers)
        print(_introduction(stripe, expected, options.answers))
        outcomes = _run(local, stripe, expected)
        if stripe is not None:
            expected.write(options.answers)
    print(*table.details(outcomes), sep="\n")
    print(f"\n{table.summary(outcomes)} in {time.monotonic() - begun:.0f} seconds")
    return 0 if all(each.verdict == SAME and not each.left_behind for each in outcomes) else 1


def _run(local: Api, stripe: Api | None, expected: Expected) -> list[Outcome]:
    outcomes = []
    for outcome in check(ALL, local=local, stripe=stripe, expected=expected):
        print(table.row(outcome), flush=True)
        outcomes.append(outcome)
    return outcomes


def _prepare(stripe: Api) -> None:
    """End what an interrupted run has left. Exits if Stripe refuses the key."""
    answer = stripe.call("GET", "/v1/coupons", {"limit": 1})
    if answer.status != 200:
        sys.exit(f"{stripe.address}: {answer.body['error']['message']}")
    for name in end_leftovers(stripe):
        print(f"an earlier run has left {name}, which could not be ended")


def _introduction(stripe: Api | None, expected: Expected, file: Path) -> str:
    if stripe is not None:
        return f"The local Stripe and {stripe.address}; the answers go to {file.name}.\n"
    sources = ", ".join(f"{count} from {source}" for source, count in expected.sources().items())
    return (
        f"The local Stripe and the answers in {file.name}: {sources}.\n"
        f"Set {SECRET_VARIABLE} to ask Stripe itself (docs/contract.md).\n"
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--local", help="the address of a local Stripe that runs already")
    parser.add_argument("--stripe", default=STRIPE, help="another local Stripe, for tests")
    parser.add_argument("--answers", type=Path, default=FILE, help="the file of the answers")
    options = parser.parse_args(arguments)
    if options.stripe != STRIPE and urlsplit(options.stripe).hostname != "127.0.0.1":
        parser.error("A key is sent to api.stripe.com or to this machine only.")
    return options


@contextmanager
def local_stripe() -> Iterator[str]:
    """The address of a new local Stripe."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "stripe_sandbox", "--port", str(port)]
    ready = f"{address}/_sandbox/config"
    with (
        tempfile.TemporaryDirectory(prefix="minicart-contract-") as folder,
        Program(command, os.environ, Path(folder) / "stripe.log", ready=ready),
    ):
        yield address


if __name__ == "__main__":
    sys.exit(main())
