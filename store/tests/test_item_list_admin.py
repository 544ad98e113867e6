"""The list of items in the admin, in which two staff edit at once: web.concurrent_lists."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from store.models import Collection, Item, Page
from tests.support.admin_forms import fields_of, opened_form, save
from tests.support.rights import client_of_staff

LIST = "/admin/store/item/"
SAVE = {"_save": "Save"}


@pytest.fixture
def items(make_item: Any) -> dict[str, Item]:
    made = [
        make_item(name="Mug", price=Decimal("19.99"), stock=5),
        make_item(name="Lamp", price=Decimal(45), currency="EUR"),
        make_item(name="Print", price=500, currency="JPY", stock=0, is_listed=False),
    ]
    return {item.name: item for item in made}


def row(form: dict[str, str], item: Item) -> str:
    """The prefix of the fields of this item."""
    (name,) = [name for name, value in form.items() if value == str(item.pk) and "-id" in name]
    return name.removesuffix("id")


def send(client: Client, form: dict[str, str], item: Item, **changes: Any) -> str:
    """Save the list with changes in one row. Return the page, or "" if it was saved."""
    prefix = row(form, item)
    return save(client, LIST, form | SAVE, **{prefix + name: v for name, v in changes.items()})


def values_of(item: Item) -> dict[str, Any]:
    stored = Item.objects.get(pk=item.pk)
    return {"price": stored.price, "stock": stored.stock, "is_listed": stored.is_listed}


def test_price_stock_and_listed_are_edited_in_the_list(
    admin_client: Client, items: dict[str, Item]
) -> None:
    form = opened_form(admin_client, LIST)
    mug, lamp = row(form, items["Mug"]), row(form, items["Lamp"])
    changes = {f"{mug}price": "21.50", f"{mug}stock": "", f"{lamp}is_listed": None}
    assert save(admin_client, LIST, form | SAVE, **changes) == ""
    assert values_of(items["Mug"]) == {"price": Decimal("21.5"), "stock": None, "is_listed": True}
    assert values_of(items["Lamp"]) == {"price": Decimal(45), "stock": None, "is_listed": False}
    page = admin_client.get(LIST).content.decode()
    assert "2 items were changed successfully." in page


def test_each_field_says_its_column_and_its_item(
    admin_client: Client, items: dict[str, Item]
) -> None:
    page = admin_client.get(LIST).content.decode()
    for label in ("Price: Mug", "Stock: Mug", "Listed: Lamp"):
        assert f'aria-label="{label}"' in page


@pytest.mark.parametrize(
    ("price", "sentence"),
    [("500.5", "JPY has 0 decimals"), ("5", "The price must be at least ¥50")],
)
def test_a_price_is_typed_with_the_decimals_of_its_currency(
    admin_client: Client, items: dict[str, Item], price: str, sentence: str
) -> None:
    form = opened_form(admin_client, LIST)
    assert form[f"{row(form, items['Mug'])}price"] == "19.99"
    assert form[f"{row(form, items['Print'])}price"] == "500"
    page = send(admin_client, form, items["Print"], price=price)
    assert sentence in page
    assert f'value="{price}"' in page
    assert values_of(items["Print"])["price"] == 500


def test_a_sale_meanwhile_is_kept(admin_client: Client, items: dict[str, Item]) -> None:
    form = opened_form(admin_client, LIST)
    Item.objects.take_stock(items["Mug"].pk, 3)
    assert send(admin_client, form, items["Mug"], price="18") == ""
    assert values_of(items["Mug"]) == {"price": Decimal(18), "stock": 2, "is_listed": True}


EDITS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"price": Decimal(25)}, {"price": "22"}, "from “19.99” to “25.00” while you edited. Save"),
    ({"price": Decimal(25)}, {"stock": "9"}, "from “19.99” to “25.00” while you edited. The form"),
    ({"stock": 2}, {"stock": "9"}, "from “5” to “2” while you edited. Save"),
    ({"stock": None}, {"stock": "9"}, "from “5” to “never runs out” while you edited. Save"),
    ({"is_listed": False}, {"price": "22"}, "from “Yes” to “No” while you edited. The form"),
]


@pytest.mark.parametrize(("theirs", "mine", "told"), EDITS)
def test_the_second_is_told_both_values_and_nothing_is_undone(
    admin_client: Client,
    items: dict[str, Item],
    theirs: dict[str, Any],
    mine: dict[str, Any],
    told: str,
) -> None:
    mug = items["Mug"]
    form = opened_form(admin_client, LIST)
    Item.objects.filter(pk=mug.pk).update(**theirs)
    before = values_of(mug)
    page = send(admin_client, form, mug, **mine)
    assert page.count("while you edited") == 1
    assert told in page
    assert values_of(mug) == before
    again = fields_of(page)
    ((name, typed),) = mine.items()
    assert again[row(again, mug) + name] == typed
    assert save(admin_client, LIST, again | SAVE) == ""
    assert values_of(mug) == before | theirs | {name: Decimal(typed)}


def test_a_row_in_which_nothing_was_typed_is_neither_compared_nor_saved(
    admin_client: Client, items: dict[str, Item]
) -> None:
    form = opened_form(admin_client, LIST)
    Item.objects.filter(pk=items["Lamp"].pk).update(price=50, is_listed=False)
    with CaptureQueriesContext(connection) as queries:
        assert send(admin_client, form, items["Mug"], price="21") == ""
    assert values_of(items["Lamp"]) == {"price": Decimal(50), "stock": None, "is_listed": False}
    updates = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "store_item"')]
    assert len(updates) == 1
    assert '"stock"' not in updates[0].split("WHERE")[0]


def test_a_refused_page_shows_the_rows_that_were_sent(
    admin_client: Client, items: dict[str, Item], make_item: Any
) -> None:
    """Another item is new meanwhile, and one is gone."""
    form = opened_form(admin_client, LIST)
    make_item(name="Newer")
    items["Lamp"].delete()
    page = send(admin_client, form, items["Mug"], price="0")
    assert "The price must be more than zero." in page
    table = page[page.index('id="result_list"') :]
    rows = [each for each in table.split("<tr>") if "action-select" in each]
    assert len(rows) == 2
    for name, cells in zip(("Print", "Mug"), rows, strict=True):
        assert f">{name}</a>" in cells
        assert f'aria-label="Price: {name}"' in cells
    price = row(form, items["Mug"]) + "price"
    assert save(admin_client, LIST, fields_of(page) | SAVE, **{price: "9"}) == ""
    assert values_of(items["Mug"])["price"] == 9


def test_enter_saves_and_runs_no_action(admin_client: Client, items: dict[str, Item]) -> None:
    """Browsers press the first button of the form."""
    page = admin_client.get(LIST).content.decode()
    form = page[page.index('id="changelist-form"') :]
    assert 'name="_save"' in form[: form.index('type="submit"') + 30]
    assert form.index('name="_save"') < form.index('name="index"')


def test_the_collections_of_an_item_are_shown(admin_client: Client, items: dict[str, Item]) -> None:
    for name in ("Kitchen", "Gifts"):
        Collection.objects.create(name=name, slug=name.lower()).items.add(items["Mug"])
    assert ">Gifts, Kitchen</td>" in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize("key", ["99999", "9" * 30])
def test_a_list_with_wrong_keys_changes_nothing(
    admin_client: Client, items: dict[str, Item], key: str
) -> None:
    form = opened_form(admin_client, LIST)
    form |= {f"{row(form, items['Mug'])}id": "x", f"{row(form, items['Lamp'])}id": key}
    assert save(admin_client, LIST, form | SAVE) == ""
    assert values_of(items["Mug"])["price"] == Decimal("19.99")


def test_staff_without_the_right_to_change_read_the_prices(
    db: None, items: dict[str, Item]
) -> None:
    page = client_of_staff("store.view_item").get(LIST).content.decode()
    assert "$19.99" in page
    assert "¥500" in page
    assert "€45.00" in page
    assert 'name="form-' not in page


def test_two_staff_edit_the_list_of_pages(admin_client: Client) -> None:
    address = "/admin/store/page/"
    about = Page.objects.create(title="About", slug="about", text="Us.", position=1)
    form = opened_form(admin_client, address)
    Page.objects.update(position=5, text="New.")
    page = save(admin_client, address, form | SAVE, **{"form-0-position": "3"})
    assert "This was changed from “1” to “5” while you edited." in page
    assert save(admin_client, address, fields_of(page) | SAVE) == ""
    about.refresh_from_db()
    assert (about.position, about.text) == (3, "New.")
