"""Events are delivered: by the local Stripe itself, and by Stripe's command line."""

import os
import sys
from pathlib import Path

import pytest

from stripe_sandbox.tests.support.receiver import Delivery, Receiver
from tests.contract.__main__ import main
from tests.contract.listening import Listener, forwarding, webhook_secret
from tests.contract.scenarios import ALL
from tests.support.local_stripe import LocalStripe
from tests.support.processes import ROOT, run

# Stands in for Stripe's command line: it reads the events of the account and forwards them, signed.
COMMAND_LINE = """#!{python}
import json, os, signal, sys, time
import httpx, stripe
assert sys.argv[1] == "listen"
if sys.argv[2] == "--print-secret":
    print("whsec_cli")
    sys.exit()
assert sys.argv[2] == "--forward-to"
print("Ready! Your webhook signing secret is whsec_cli", flush=True)
sent, stopping = set(), []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
key = {{"Authorization": "Bearer " + os.environ["STRIPE_API_KEY"]}}
is_last = False
while not is_last:  # once more after the signal, for the newest events
    is_last = bool(stopping)
    events = httpx.get("{address}/v1/events?limit=100", headers=key, trust_env=False).json()
    for event in reversed(events["data"]):
        if event["id"] not in sent:
            sent.add(event["id"])
            payload = json.dumps(event)
            signature = stripe.WebhookSignature.generate_signature_header(payload, "whsec_cli")
            headers = {{"Stripe-Signature": signature}}
            answer = httpx.post(sys.argv[3], content=payload, headers=headers, trust_env=False)
            with open("{folder}/forwarded", "a") as file:
                print(event["type"], answer.status_code, file=file)
    time.sleep(0.05)
"""


@pytest.fixture
def _command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local_stripe: LocalStripe
) -> None:
    program = tmp_path / "stripe"
    text = COMMAND_LINE.format(python=sys.executable, address=local_stripe.address, folder=tmp_path)
    program.write_text(text)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.usefixtures("_no_account")
def test_receives_the_events_of_the_local_stripe(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--local", local_stripe.address, "--listen"]) == 0
    printed = capsys.readouterr().out
    assert "Events that are delivered" in printed
    assert f"\n{len(ALL) + 1} same in " in printed


@pytest.mark.usefixtures("_command_line")
def test_receives_the_events_of_an_account_by_the_command_line(
    local_stripe: LocalStripe, capsys: pytest.CaptureFixture[str], account_answers: Path
) -> None:
    """The local Stripe is in the place of api.stripe.com."""
    address = local_stripe.address
    where = ["--stripe", address, "--local", address, "--answers", str(account_answers)]
    assert main([*where, "--listen"]) == 0
    assert f"\n{len(ALL) + 1} same in " in capsys.readouterr().out


@pytest.mark.usefixtures("_command_line")
def test_forwards_to_the_shop_with_the_secret_of_the_command_line() -> None:
    assert webhook_secret("sk_test_elsewhere") == "whsec_cli"
    with Receiver() as receiver, forwarding("sk_test_elsewhere", receiver.url):
        assert receiver.deliveries == []


@pytest.mark.usefixtures("_command_line")
def test_the_shop_of_an_account_receives_its_events(
    local_stripe: LocalStripe, account_answers: Path, tmp_path: Path
) -> None:
    """A shop with the keys of an account, which the local Stripe has here."""
    command = [sys.executable, "-m", "tests.contract", "--shop", "--headless", "--listen"]
    address = local_stripe.address
    where = ["--stripe", address, "--local", address, "--answers", str(account_answers)]
    done = run([*command, *where, "--only", "Pay here"], os.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    forwarded = (tmp_path / "forwarded").read_text().splitlines()
    assert "payment_intent.succeeded 200" in forwarded


def test_says_what_to_install_without_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match="npm install --global @stripe/cli"):
        webhook_secret("sk_test_elsewhere")


def test_names_an_event_that_does_not_come_and_a_wrong_signature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.support.waiting.LIMIT_SECONDS", 0.1)
    with Receiver(ignored="") as receiver:
        receiver.deliveries.append(Delivery(b'{"id": "evt_1"}', "t=1,v1=0"))
        outcome = Listener(receiver, "whsec_contract").outcome(["evt_1", "evt_2"])
    assert outcome.verdict == "failed"
    assert outcome.failures[0] == "evt_2 was not delivered"
    assert outcome.failures[1].startswith("evt_1: ")
