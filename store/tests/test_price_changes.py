"""Staff change several prices at once: the sums, the preview, and two staff at once."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from store.models import Item
from store.price_changes import PriceChange
from tests.support.admin_forms import fields_of
from tests.support.rights import client_of_staff

LIST, PRICES = "/admin/store/item/", "/admin/store/item/prices/"


@pytest.mark.parametrize(
    ("number", "unit", "amount", "currency", "expected"),
    [
        ("10", "", 1999, "USD", 2199),  # 21.989
        ("-10", "", 1995, "USD", 1796),  # 17.955 is rounded half up
        ("2.5", "", 1, "USD", 1),
        ("10", "", 505, "JPY", 556),  # 555.5
        ("3", "", 10_000, "ISK", 10_300),
        ("2", "", 12_300, "ISK", 12_500),  # 125.46 krónur: only whole ones are charged
        ("1", "", 10_010, "KWD", 10_110),  # 10.110(1) dinars: the third decimal is 0
        ("0.50", "USD", 1999, "USD", 2049),
        ("-5", "JPY", 500, "JPY", 495),
        ("-100", "", 1999, "USD", 0),
    ],
)
def test_a_new_price_is_rounded_to_what_can_be_charged(
    number: str, unit: str, amount: int, currency: str, expected: int
) -> None:
    assert PriceChange(Decimal(number), unit).new_amount(amount, currency) == expected


@pytest.fixture
def items(make_item: Any) -> list[Item]:
    return [
        make_item(name="Mug", price=Decimal("19.99")),
        make_item(name="Pin", price=Decimal("0.50")),
        make_item(name="Lamp", price=Decimal(45), currency="EUR"),
    ]


def chosen(client: Client, items: list[Item], query: str = "") -> dict[str, str]:
    """Choose the items in the list; return the fields of the page that asks for the change."""
    keys = [item.pk for item in items]
    answer = client.post(LIST + query, {"action": "change_prices", "_selected_action": keys})
    assert answer.status_code == 200
    return fields_of(answer.content.decode())


def prices() -> dict[str, Decimal]:
    return dict(Item.objects.values_list("name", "price"))


def preview(client: Client, form: dict[str, str], **typed: str) -> str:
    return client.post(PRICES, form | {"preview": "1"} | typed).content.decode()


def test_prices_change_as_they_were_shown(admin_client: Client, items: list[Item]) -> None:
    before = prices()
    form = chosen(admin_client, items, "?currency=")
    page = preview(admin_client, form, direction="lower", number="10", unit="")
    assert prices() == before
    for shown in ("$19.99", "<strong>$17.99</strong>", "<strong>€40.50</strong>"):
        assert shown in page
    assert "stays: The price must be at least $0.50" in page
    assert "Change 2 prices" in page
    answer = admin_client.post(PRICES, fields_of(page) | {"apply": "1"}, follow=True)
    assert "2 prices were changed." in answer.content.decode()
    assert prices() == before | {"Mug": Decimal("17.99"), "Lamp": Decimal("40.5")}
    texts = LogEntry.objects.values_list("change_message", flat=True)
    assert "Price: $19.99 → $17.99" in texts


def test_an_amount_changes_the_prices_in_its_currency(
    admin_client: Client, items: list[Item]
) -> None:
    form = chosen(admin_client, items)
    page = preview(admin_client, form, direction="raise", number="1.50", unit="USD")
    assert "<strong>$21.49</strong>" in page
    assert "stays: another currency" in page
    admin_client.post(PRICES, fields_of(page) | {"apply": "1"})
    assert prices() == {"Mug": Decimal("21.49"), "Pin": Decimal(2), "Lamp": Decimal(45)}


@pytest.mark.parametrize(
    "theirs", [{"price": Decimal(25)}, {"currency": "EUR"}], ids=["price", "currency"]
)
def test_a_price_that_somebody_else_changed_is_shown_again(
    admin_client: Client, items: list[Item], theirs: dict[str, Any]
) -> None:
    form = chosen(admin_client, items)
    page = preview(admin_client, form, direction="raise", number="10", unit="")
    Item.objects.filter(name="Mug").update(**theirs)
    before = prices()
    page = admin_client.post(PRICES, fields_of(page) | {"apply": "1"}).content.decode()
    assert "Nothing was changed: these are other prices than you saw." in page
    assert prices() == before
    admin_client.post(PRICES, fields_of(page) | {"apply": "1"})
    assert prices()["Mug"] == round(before["Mug"] * Decimal("1.1"), 2)


def test_another_number_than_in_the_preview_changes_nothing(
    admin_client: Client, items: list[Item]
) -> None:
    before = prices()
    form = chosen(admin_client, items)
    page = preview(admin_client, form, direction="raise", number="10", unit="")
    form = fields_of(page) | {"apply": "1", "number": "20"}
    assert "Nothing was changed" in admin_client.post(PRICES, form).content.decode()
    assert prices() == before


def test_an_item_that_was_deleted_meanwhile_is_left_out(
    admin_client: Client, items: list[Item]
) -> None:
    form = chosen(admin_client, items)
    page = preview(admin_client, form, direction="raise", number="10", unit="")
    items[2].delete()
    page = admin_client.post(PRICES, fields_of(page) | {"apply": "1"}).content.decode()
    assert "Nothing was changed" in page
    assert "Change 2 prices" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"number": ""}, "This field is required."),
        ({"number": "-5"}, "greater than or equal to 0"),
        ({"number": "1.005", "unit": "USD"}, "USD has 2 decimals"),
        ({"number": "5", "unit": "GBP"}, "Select a valid choice"),
    ],
)
def test_what_was_typed_wrong_is_said_at_its_field(
    admin_client: Client, items: list[Item], typed: dict[str, str], sentence: str
) -> None:
    form = chosen(admin_client, items) | {"direction": "raise", "unit": ""} | typed
    answer = admin_client.post(PRICES, form | {"preview": "1"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "€45.00" in answer.content.decode()


def test_a_change_that_changes_nothing_offers_no_button(
    admin_client: Client, items: list[Item]
) -> None:
    form = chosen(admin_client, items)
    form["keys"] += f" x {'9' * 30}"
    page = preview(admin_client, form, direction="raise", number="0", unit="")
    assert page.count("stays: the same price") == 3
    assert 'name="apply"' not in page


def test_staff_without_the_right_to_change_items_change_no_prices(
    db: None, items: list[Item]
) -> None:
    client = client_of_staff("store.view_item")
    typed = {"keys": str(items[0].pk), "direction": "raise", "number": "1", "apply": "1"}
    assert client.post(PRICES, typed).status_code == 403
    answer = client.get(PRICES)  # after a login, for example
    assert (answer.status_code, answer["Location"]) == (303, LIST)


def test_the_list_keeps_its_filters(admin_client: Client, items: list[Item]) -> None:
    form = chosen(admin_client, items[:1], "?currency=USD")
    page = preview(admin_client, form, direction="raise", number="1", unit="")
    answer = admin_client.post(PRICES, fields_of(page) | {"apply": "1"})
    assert answer["Location"] == f"{LIST}?currency=USD"


def test_many_prices_take_as_few_statements_as_few(
    admin_client: Client, make_item: Any, items: list[Item]
) -> None:
    """Other writers of a SQLite file wait meanwhile."""

    def statements(chosen_items: list[Item]) -> int:
        form = chosen(admin_client, chosen_items) | {
            "direction": "raise",
            "number": "10",
            "unit": "",
        }
        form |= fields_of(admin_client.post(PRICES, form).content.decode())
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.post(PRICES, form | {"apply": "1"}).status_code == 303
        return len(queries)

    few = statements(items[:1])  # reads the type of the content besides
    assert statements([make_item(name=f"Mug {n}") for n in range(30)]) <= few
