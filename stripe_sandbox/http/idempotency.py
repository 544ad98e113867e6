"""Idempotency keys of one account: a repeated POST gets the first answer again.

Only answers of calls that began to act are kept, declined payments too; a refused parameter is not
(docs.stripe.com/api/idempotent_requests).
"""

from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.http.errors import StripeError

LONGEST_KEY = 255
MOST_KEYS = 20_000  # what Stripe forgets after a day, this forgets after so many others


@dataclass
class FirstUse:
    path: str
    form: dict[str, Any]
    answer: dict[str, Any] | None = None  # None while the call is running
    failure: StripeError | None = None  # of a call that had acted

    @property
    def is_over(self) -> bool:
        return self.answer is not None or self.failure is not None

    def result(self) -> dict[str, Any]:
        """Raises what the call failed with."""
        if self.failure is not None:
            raise self.failure.with_traceback(None)
        assert self.answer is not None
        return self.answer


@dataclass
class IdempotencyStore:
    _uses: dict[str, FirstUse] = field(default_factory=dict)

    def begin(self, key: str, *, path: str, form: dict[str, Any]) -> FirstUse:
        """The first use of the key, which may be this one. Raises `StripeError` for a key that
        belongs to another request, or whose request is still running."""
        if len(key) > LONGEST_KEY:
            raise StripeError(
                f"Idempotency keys can have up to {LONGEST_KEY} characters, but you passed one of "
                f"{len(key)}."
            )
        first = self._uses.get(key)
        if first is None:
            if len(self._uses) >= MOST_KEYS:
                del self._uses[next(iter(self._uses))]
            self._uses[key] = FirstUse(path, form)
            return self._uses[key]
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
        return first

    def forget(self, key: str) -> None:
        self._uses.pop(key, None)


def _mismatch(message: str) -> StripeError:
    return StripeError(message, kind="idempotency_error")
