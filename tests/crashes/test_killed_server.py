"""A real server process, killed between Stripe's response and its commit."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from project.development import shop_command
from tests.settings import ON_POSTGRESQL
from tests.support import http
from tests.support.django_shell import open_shell
from tests.support.local_stripe import LocalStripe
from tests.support.ports import free_port
from tests.support.postgresql import empty_database
from tests.support.processes import Program
from tests.support.shops import Shop
from tests.support.waiting import wait_until

SETTINGS = "DJANGO_SETTINGS_MODULE"  # names the settings of the tests
SESSIONS = "/v1/checkout/sessions"
RECOVER = """
from datetime import timedelta
from django.utils import timezone
from cart.models import Order
from payments.checkout import buy_item
from payments.models import Kind
from payments.reconcile import reconcile
from store.models import Item
def show():
    states = Order.objects.order_by("pk").values_list("state", flat=True)
    print(*states, Item.objects.get().stock)
show()
list(reconcile(older_than=timedelta(0), at=timezone.now() + timedelta(minutes=1)))
show()
item, now = Item.objects.get(), timezone.now()
buy_item(item_id=item.pk, visitor="visitor", address_hash="", kind=Kind.CHECKOUT, at=now)
show()
"""


class DeadlyShop(Shop):
    """A shop whose server is started and killed at any moment; its database stays."""

    @contextmanager
    def server(self) -> Iterator[Program]:
        port = int(self.address.rsplit(":", 1)[1])
        log, ready = self.var_dir / "server.log", f"{self.address}/healthz"
        with Program(shop_command(port), self.environment, log, ready=ready) as server:
            yield server


@pytest.fixture
def deadly_shop(tmp_path: Path, local_stripe: LocalStripe) -> Iterator[DeadlyShop]:
    with ExitStack() as stack:
        database = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
        if ON_POSTGRESQL:
            database = stack.enter_context(empty_database(os.environ["TEST_DATABASE_URL"]))
        address = f"http://localhost:{free_port()}"
        environment = {
            **{name: value for name, value in os.environ.items() if name != SETTINGS},
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": database,
            "ALLOWED_HOSTS": "localhost",
            "BASE_URL": address,
        }
        shell = stack.enter_context(open_shell(environment))
        shop = DeadlyShop(address, local_stripe, "", tmp_path, environment, shell)
        shop.run_python(
            "from django.core.management import call_command; from store.models import Item;"
            "call_command('migrate', verbosity=0);"
            "Item.objects.create(pk=1, name='Mug', price=5, currency='USD', stock=1)"
        )
        yield shop


def press_buy(shop: DeadlyShop) -> int | None:
    try:
        return http.get(f"{shop.address}/buy/1").status_code
    except httpx.TransportError:
        return None


def test_reconciler_frees_what_a_killed_server_held(
    deadly_shop: DeadlyShop, local_stripe: LocalStripe
) -> None:
    local_stripe.fail(path=SESSIONS, method="POST", latency=5)
    with deadly_shop.server() as server, ThreadPoolExecutor(1) as pool:
        press = pool.submit(press_buy, deadly_shop)
        wait_until(lambda: local_stripe.requests("POST", SESSIONS))
        server.kill()
        assert press.result() is None
    wait_until(local_stripe.all_sessions)  # Stripe made it, but no buyer has it
    shown = deadly_shop.run_python(RECOVER).splitlines()
    assert shown == ["checkout 0", "cancelled 1", "cancelled checkout 0"]
