"""`manage.py worker` as real processes: two of them at once do the work once."""

import sys
from pathlib import Path

import httpx

from project.development import sandbox_settings
from tests.support.processes import Program
from tests.support.shops import Shop, running_shop
from tests.support.waiting import wait_until

AN_ITEM_WITH_STOCK = """
from store.models import Item
item = Item.objects.create(name="Vase", price=5, currency="USD", stock=3)
print(item.pk)
"""
LATER = """
from datetime import timedelta
from django.utils import timezone
from cart.models import Order
from payments.models import Payment
Payment.objects.update(created_at=timezone.now() - timedelta(minutes=11))
Order.objects.create(currency="USD")
Order.objects.filter(state="cart").update(updated_at=timezone.now() - timedelta(days=31))
"""
OUTCOME = """
from cart.models import Order
from store.models import Item
steps = Order.objects.values_list("history__from_state", "history__to_state")
print(*steps.order_by("history"), Item.objects.get(pk=%s).stock)
"""


def run_two_workers(shop: Shop, folder: Path) -> str:
    """What they printed until both had done everything once."""
    environment = shop.environment | sandbox_settings(shop.local_stripe.address)
    command = [sys.executable, "manage.py", "worker"]
    workers = [Program(command, environment, folder / f"worker-{n}.log") for n in (1, 2)]

    def have_finished() -> bool:
        return all("clean_carts finished" in worker.printed() for worker in workers)

    with workers[0], workers[1]:
        wait_until(have_finished)
    return "".join(worker.printed() for worker in workers)


def test_two_workers_settle_a_payment_and_delete_an_idle_cart(tmp_path: Path) -> None:
    with running_shop(tmp_path) as shop:
        item = shop.run_python(AN_ITEM_WITH_STOCK)
        shop.local_stripe.deliver_events(False)
        session = httpx.get(f"{shop.address}/buy/{item}").json()["id"]
        shop.local_stripe.pay(session)
        shop.run_python(LATER)
        said = run_two_workers(shop, tmp_path)
        assert "Traceback" not in said
        assert said.count("reconcile_payments finished") == 2
        assert shop.run_python(OUTCOME % item) == "('cart', 'checkout') ('checkout', 'paid') 2"
