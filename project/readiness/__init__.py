"""Is the shop ready to sell? Findings about what a merchant has to set up."""

from collections.abc import Iterator

from project.readiness import server, shop, stripe_accounts
from project.readiness.finding import Finding


def findings(*, asks_stripe: bool = True) -> Iterator[Finding]:
    """One for each thing, in the order in which a merchant does it (docs/deployment.md).

    Without `asks_stripe`, only what the shop itself knows.
    """
    yield server.address()
    yield server.disk()
    yield server.staff()
    yield shop.name()
    yield from shop.contact()
    yield from shop.pages()
    yield shop.items()
    yield from shop.shipping_rates()
    yield shop.taxes()
    yield from stripe_accounts.findings() if asks_stripe else stripe_accounts.currencies()
    yield server.mail()
    yield from server.outbox()
    yield shop.is_open()


__all__ = ["Finding", "findings"]
