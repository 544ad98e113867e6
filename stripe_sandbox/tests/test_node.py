"""Stripe's library for Node works with the local Stripe like the one for Python."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stripe_sandbox.tests.support.local_stripe import LocalStripe

FOLDER = Path(__file__).parent / "node"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node isn't installed")
@pytest.mark.skipif(
    not (FOLDER / "node_modules/stripe").exists(), reason="`make node` hasn't installed npm stripe"
)
def test_creates_a_session_a_coupon_and_an_intent(local_stripe: LocalStripe) -> None:
    command = ["node", "buy.js", local_stripe.url]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "total": 1499,
        "lines": ["Mug"],
        "discount": "Summer",
        "order": "7K3F-9QXM",
        "leaves_out": True,
        "intent": "succeeded",
        "refusal": ["StripeInvalidRequestError", "resource_missing", 404],
        "events": ["payment_intent.succeeded", "payment_intent.created"],
    }
    assert {each["status"] for each in local_stripe.requests()} == {200, 404}


def test_installs_the_version_of_the_table() -> None:
    table = json.loads((FOLDER.parents[1] / "fields/table.json").read_text())
    package = json.loads((FOLDER / "package.json").read_text())
    assert table["source"] == f"npm stripe {package['dependencies']['stripe']}"


def test_the_lock_file_has_hashes_and_no_addresses() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    installed = {name: each for name, each in lock["packages"].items() if name}
    assert installed
    for package in installed.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package
