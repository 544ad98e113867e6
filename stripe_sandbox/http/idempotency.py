"""Idempotency keys: a repeated POST gets the first answer again.

Answers of calls that began to act are kept, declined payments included; a call that was refused for
its parameters isn't (docs.stripe.com/api/idempotent_requests). Whether a coupon or tax rate that
can't be applied is noticed before a call begins to act isn't documented. Here such a refusal is
kept, so that a program works in both cases.
"""

from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.http.errors import StripeError

MAX_KEY_LENGTH = 255
MAX_KEYS = 20_000  # of an account; Stripe removes keys after a day, the local Stripe the oldest


@dataclass
class FirstUse:
    """The first call with an idempotency key, and its answer."""

    path: str
    form: dict[str, Any]
    answer: dict[str, Any] | None = None  # None while the call is running
    failure: StripeError | None = None  # of a call that has acted

    @property
    def is_over(self) -> bool:
        return self.answer is not None or self.failure is not None

    def result(self) -> dict[str, Any]:
        """The answer. Raises `StripeError` if the call failed."""
        if self.failure is not None:
            raise self.failure.with_traceback(None)
        assert self.answer is not None
        return self.answer


@dataclass
class IdempotencyStore:
    """The idempotency keys of one account."""

    _uses: dict[str, FirstUse] = field(default_factory=dict)

    def begin(self, key: str, *, path: str, form: dict[str, Any]) -> FirstUse:
        """The first use of the key, which may be this one.

        Raises `StripeError` for a key that is too long, that belongs to another request, or whose
        request is still running.
        """
        if len(key) > MAX_KEY_LENGTH:
            raise StripeError(
                f"Idempotency keys can have up to {MAX_KEY_LENGTH} characters, but you passed one "
                f"of {len(key)}."
            )
        first = self._uses.get(key)
        if first is None:
            if len(self._uses) >= MAX_KEYS:
                del self._uses[next(iter(self._uses))]
            self._uses[key] = FirstUse(path, form)
            return self._uses[key]
        _check_same_request(first, key, path=path, form=form)
        return first

    def forget(self, key: str) -> None:
        self._uses.pop(key, None)


def _check_same_request(first: FirstUse, key: str, *, path: str, form: dict[str, Any]) -> None:
    if first.path != path:
        raise _mismatch(
            "Keys for idempotent requests can only be used for the same endpoint they were "
            f"first used for ('{path}' vs '{first.path}'). Try using a key other than '{key}' "
            "if you meant to execute a different request."
        )
    if first.form != form:
        raise _mismatch(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request."
        )
    if not first.is_over:
        raise StripeError(
            "There is currently another in-progress request using this Idempotent Key (that "
            "probably means you submitted twice, and the other request is still going "
            f"through): {key}. Please try again later.",
            code="idempotency_key_in_use",
            status=409,
        )


def _mismatch(message: str) -> StripeError:
    return StripeError(message, kind="idempotency_error")
