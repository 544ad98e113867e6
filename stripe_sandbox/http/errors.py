"""Errors with Stripe's codes and bodies (docs.stripe.com/api/errors)."""

from typing import Any

DECLINED = 402  # a call that has acted


class StripeError(Exception):
    """A call fails, with Stripe's message and code.

    `is_kept` says that the answer is kept under the call's idempotency key.
    """

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
        extra: dict[str, Any] | None = None,
        is_kept: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code
        self.status = status
        self.kind = kind
        self.extra = extra or {}
        self.is_kept = is_kept or status == DECLINED
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"type": self.kind, "message": self.message}
        if self.param is not None:
            error["param"] = self.param
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        return {"error": error | self.extra}


def missing(name: str) -> StripeError:
    return StripeError(f"Missing required param: {name}.", param=name, code="parameter_missing")


def exclusive(*names: str, param: str | None = None) -> StripeError:
    return StripeError(
        f"You may only specify one of these parameters: {', '.join(names)}.",
        param=param,
        code="parameters_exclusive",
    )


def no_such(
    kind: str, wanted: str, *, param: str = "id", status: int = 400, is_kept: bool = False
) -> StripeError:
    return StripeError(
        f"No such {kind}: '{wanted}'",
        param=param,
        code="resource_missing",
        status=status,
        is_kept=is_kept,
    )


def not_implemented(what: str, *, param: str | None = None) -> StripeError:
    """The error for a feature that Stripe has and the local Stripe doesn't."""
    return StripeError(f"The local Stripe does not implement {what} yet.", param=param)
