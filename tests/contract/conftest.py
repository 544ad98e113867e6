"""Which account the contract command asks: none, or one elsewhere with its own file of answers."""

from pathlib import Path

import pytest


@pytest.fixture
def _no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_CONTRACT_KEY", raising=False)


@pytest.fixture
def account_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of answers of an account whose keys are set."""
    monkeypatch.setenv("STRIPE_CONTRACT_KEY", "sk_test_elsewhere")
    monkeypatch.setenv("STRIPE_CONTRACT_PUBLISHABLE_KEY", "pk_test_elsewhere")
    return tmp_path / "answers.json"
