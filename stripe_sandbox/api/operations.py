"""The types of API calls: an operation, and one call of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.http.bounds import check_metadata
from stripe_sandbox.http.errors import no_such
from stripe_sandbox.http.expansion import expand
from stripe_sandbox.http.form_encoding import Tree
from stripe_sandbox.http.parameter_types import Shape, parameters
from stripe_sandbox.http.publishable_keys import PublicCall
from stripe_sandbox.http.validation import Params, check
from stripe_sandbox.http.versions import in_words_of_endive
from stripe_sandbox.resources.checkout.sessions import CheckoutSession
from stripe_sandbox.state import Account, Sandbox
from stripe_sandbox.webhooks.events import Cause


@dataclass(frozen=True)
class Call:
    """One API call."""

    sandbox: Sandbox
    account: Account
    params: Params
    form: dict[str, Tree]  # the parameters before validation
    id: str  # from the address, or ""
    cause: Cause
    is_public: bool = False  # made with a publishable key

    @property
    def expand(self) -> list[str]:
        paths: list[str] = self.params.get("expand", [])
        return paths

    def session(self) -> CheckoutSession:
        """The session whose id is in the address. Raises `StripeError` 404 if there is none."""
        if self.id not in self.account.sessions:
            raise no_such("checkout.session", self.id, param="session", status=404)
        return self.sandbox.current(self.account.sessions[self.id])

    def get_or_404[Each](
        self, objects: dict[str, Each], kind: str, *, param: str | None = None
    ) -> Each:
        """The object whose id is in the address. Raises `StripeError` 404 if there is none."""
        if self.id not in objects:
            raise no_such(kind, self.id, param=param or kind.replace(" ", "_"), status=404)
        return objects[self.id]

    def metadata(self, present: dict[str, str]) -> dict[str, str]:
        """The metadata after an update. An empty value removes its key, an empty `metadata` all
        keys (docs.stripe.com/metadata). Raises `StripeError` for too many or too long ones."""
        sent = self.form.get("metadata", {})
        if isinstance(sent, str):
            return {}
        merged = {key: value for key, value in {**present, **sent}.items() if value}
        texts = {key: str(value) for key, value in merged.items()}
        check_metadata(texts, "metadata")
        return texts

    def expanded(self, body: dict[str, Any]) -> dict[str, Any]:
        """Apply the parameter `expand`. Raises `StripeError` for a path that can't be expanded."""
        return expand(body, self.expand, self.account.objects.get)


@dataclass(frozen=True)
class Operation:
    """A method and path of the API, and the function that answers it."""

    method: str
    path: str
    module: str  # of stripe.params
    name: str
    run: Callable[[Call], dict[str, Any]]
    public: PublicCall | None = None  # None: needs a secret key

    @property
    def shape(self) -> Shape:
        return parameters(self.module, self.name)

    def read(self, form: dict[str, Tree], *, is_public: bool, version: str) -> Params:
        """The typed parameters. Raises `StripeError` for wrong ones."""
        form = in_words_of_endive(form, self.shape, version)
        if not is_public or self.public is None:
            return check(form, self.shape)
        shape = self.public.shape(self.shape)
        self.public.check(form, shape)
        return check(form, shape)
