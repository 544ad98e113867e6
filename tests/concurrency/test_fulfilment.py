"""Orders are paid, and marked as shipped, at the same time."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.support.buyers import Visitor, transport
from tests.support.clusters import Cluster
from tests.support.waiting import wait_until

TIMES = 16
MAKE = """
from django.contrib.auth.models import User
from store.models import Item
User.objects.filter(username="sender").delete()
User.objects.create_superuser("sender", password="correct horse")
print(Item.objects.create(name="Parcel", price=5, currency="USD").pk)
"""
NUMBERS = """
from payments.models import Invoice
print(*Invoice.objects.order_by("pk").values_list("number", flat=True))
"""


def numbers(cluster: Cluster) -> list[int]:
    return [int(each) for each in re.findall(r"TEST-INV-(\d+)", cluster.run_python(NUMBERS))]


def test_orders_paid_at_once_get_numbers_without_a_gap(cluster: Cluster) -> None:
    item = int(cluster.run_python(MAKE))
    before = numbers(cluster)
    connections = transport()
    sessions = [
        Visitor(cluster, connections).get(f"/buy/{item}").json()["id"] for _ in range(TIMES)
    ]
    start = Barrier(TIMES)

    def pay(session_id: str) -> None:
        start.wait()
        cluster.local_stripe.pay(session_id)

    with ThreadPoolExecutor(TIMES) as pool:
        list(pool.map(pay, sessions))
    connections.close()
    wait_until(lambda: len(numbers(cluster)) == len(before) + TIMES)
    assert sorted(numbers(cluster)) == list(range(1001, 1001 + len(before) + TIMES))
    assert "deadlock" not in cluster.said()


def test_an_order_that_staff_mark_at_once_is_marked_once(cluster: Cluster) -> None:
    item = int(cluster.run_python(MAKE))
    connections = transport()
    staff = Visitor(cluster, connections)
    cluster.local_stripe.pay(staff.get(f"/buy/{item}").json()["id"])
    of_item = f"from cart.models import Order; orders = Order.objects.filter(lines__item={item});"
    wait_until(lambda: cluster.run_python(f"{of_item} print(orders.get().state)") == "paid")
    order = cluster.run_python(f"{of_item} print(orders.get().pk)")
    login = {"username": "sender", "password": "correct horse"}
    assert staff.post("/admin/login/", **login).status_code == 302
    start = Barrier(TIMES)

    def mark(number: int) -> int:
        start.wait()
        form = {"mark": "x", "tracking_number": str(number)}
        return staff.post(f"/admin/cart/order/{order}/shipped/", **form).status_code

    with ThreadPoolExecutor(TIMES) as pool:
        assert list(pool.map(mark, range(TIMES))) == [302] * TIMES
    connections.close()
    steps = f"{of_item} print(orders.get().history.filter(kind='shipped').count())"
    assert cluster.run_python(steps) == "1"
    marked = cluster.run_python(f"{of_item} print(orders.get().tracking_number)")
    assert int(marked) in range(TIMES)
