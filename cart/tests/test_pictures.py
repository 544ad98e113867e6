from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.carts import add
from tests.support.pictures import add_picture


@pytest.mark.parametrize("path", ["/", "/order"])
def test_one_statement_reads_the_pictures_of_a_page(
    client: Client, make_item: Any, path: str
) -> None:
    for currency in ("USD", "USD", "EUR", "EUR"):
        item = make_item(currency=currency)
        add_picture(item)
        add(client, item)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path).text
    assert page.count('src="/media/items/mug-640.webp"') == 4
    assert sum('FROM "store_picture"' in each["sql"] for each in queries) == 1
