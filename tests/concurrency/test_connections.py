"""How many connections many buyers at once make the shop open."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from tests.support.buyers import Visitor, transport
from tests.support.clusters import running_cluster
from tests.support.open_connections import clients_of

THREADS = 16
BUYERS = 64


def test_64_buyers_at_a_slow_stripe_open_no_more_connections_than_threads(tmp_path: Path) -> None:
    with running_cluster(tmp_path, {"WORKER_THREADS": str(THREADS)}, servers=1) as cluster:
        created = "Item.objects.create(name='Mug', price=5, currency='USD', stock=999)"
        item = cluster.run_python(f"from store.models import Item; print({created}.pk)")
        cluster.local_stripe.slow_down(0.05)
        connections = transport()
        visitors = [Visitor(cluster, connections) for _ in range(BUYERS)]
        start = Barrier(BUYERS)
        stripe_port = int(cluster.local_stripe.address.rpartition(":")[2])
        before = clients_of(stripe_port)

        def buy(visitor: Visitor) -> int:
            start.wait()
            return visitor.get(f"/buy/{item.strip()}").status_code

        with ThreadPoolExecutor(BUYERS) as pool:
            statuses = list(pool.map(buy, visitors))
        opened = clients_of(stripe_port) - before
        connections.close()
        assert statuses == [200] * BUYERS
        assert 1 < len(opened) <= THREADS
