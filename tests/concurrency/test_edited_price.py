"""Staff change a price while a buyer presses Buy."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

from tests.support.buyers import Visitor, transport
from tests.support.clusters import Cluster
from tests.support.waiting import wait_until

EDIT = """
from pathlib import Path
from django.db import transaction
from store.models import Item
from tests.support.waiting import wait_until
with transaction.atomic():
    Item.objects.filter(pk={item}).update(price=7)
    Path({edited!r}).touch()
    wait_until(Path({commit!r}).exists)
"""


def test_a_press_waits_for_an_edit_and_sells_at_the_new_price(
    cluster: Cluster, tmp_path: Path
) -> None:
    created = "Item.objects.create(name='Mug', price=5, currency='USD')"
    item = cluster.run_python(f"from store.models import Item; print({created}.pk)").strip()
    edited, commit = tmp_path / "edited", tmp_path / "commit"
    code = EDIT.format(item=item, edited=str(edited), commit=str(commit))
    connections = transport()
    with ThreadPoolExecutor(2) as pool:
        edit = pool.submit(cluster.run_python, code)
        wait_until(lambda: edited.exists() or edit.done())
        press = pool.submit(Visitor(cluster, connections).get, f"/buy/{item}")
        sleep(2)  # without the lock, the press would have answered
        commit.touch()
        edit.result()
        session_id = press.result().json()["id"]
    connections.close()
    sessions = {each["id"]: each for each in cluster.local_stripe.all_sessions()}
    assert sessions[session_id]["amount_total"] == 700
