"""Staff save several taxes at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.support.admin_forms import fields_of
from tests.support.buyers import Visitor, transport
from tests.support.clusters import Cluster

TIMES = 32
MAKE_TAXES = """
from django.contrib.auth.models import User
from cart.models import Tax
User.objects.create_superuser("taxes", password="correct horse")
print(*(Tax.objects.create(display_name=name, percentage=5).pk for name in ("First", "Second")))
"""


def test_saving_two_taxes_at_once_never_deadlocks(cluster: Cluster) -> None:
    """Each save locks all taxes, so all saves must lock them in the same order."""
    addresses = [f"/admin/cart/tax/{tax}/change/" for tax in cluster.run_python(MAKE_TAXES).split()]
    connections = transport()
    staff = Visitor(cluster, connections)
    login = {"username": "taxes", "password": "correct horse"}
    assert staff.post("/admin/login/", **login).status_code == 302
    forms = [fields_of(staff.get(address).text) for address in addresses]
    start = Barrier(TIMES)

    def save(number: int) -> int:
        start.wait()
        return staff.post(addresses[number % 2], **forms[number % 2]).status_code

    with ThreadPoolExecutor(TIMES) as pool:
        statuses = list(pool.map(save, range(TIMES)))
    connections.close()
    cluster.run_python("from cart.models import Tax; Tax.objects.update(is_active=False)")
    assert statuses == [302] * TIMES
    assert "deadlock" not in cluster.said()
