"""Two people edit one item, discount or tax at once: web.concurrent_edits."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cart.models import Discount, Tax
from store.models import Item, Picture
from tests.support.admin_forms import fields_of, opened_form, save
from tests.support.photos import photo
from tests.support.pictures import add_picture

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 3, 12, 0, 0, 250_000, tzinfo=UTC)
LATER = datetime(2026, 12, 24, 18, 30, tzinfo=UTC)
LONG = "Holds 350 ml.\r\n\r\n<b>Blue</b> & white "


def make_row(kind: str) -> Any:
    if kind == "item":
        return Item.objects.create(name=" Mug", description=LONG, price=Decimal(20), currency="USD")
    if kind == "tax":
        return Tax.objects.create(display_name="VAT", percentage=Decimal("19.5"), country="DE")
    return Discount.objects.create(
        code="TEN", amount=500, currency="USD", minimum_amount=2000, starts_at=NOON
    )


def address_of(row: Any) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


@pytest.mark.parametrize("kind", ["item", "discount", "tax"])
def test_a_form_that_nobody_else_changed_is_saved(admin_client: Client, kind: str) -> None:
    """Whatever a browser does to newlines, spaces, and parts of a second."""
    row = make_row(kind)
    assert save(admin_client, address_of(row), opened_form(admin_client, address_of(row))) == ""
    before = {name: value for name, value in vars(row).items() if name[0] != "_"}
    row.refresh_from_db()
    after = {name: value for name, value in vars(row).items() if name[0] != "_"}
    assert after | {"updated_at": 0} == before | {"updated_at": 0}


# Model, what the first changes, the field and what the second types there, what the page says.
EDITS: list[tuple[str, dict[str, Any], dict[str, str], tuple[str, str]]] = [
    ("item", {"name": "Cup"}, {"name": "Bowl"}, ("Mug", "Cup")),
    ("item", {"price": Decimal(25)}, {"price": "22.50"}, ("20.00", "25.00")),
    ("item", {"currency": "EUR"}, {"description": ""}, ("USD", "EUR")),
    ("item", {"is_listed": False}, {"name": "Bowl"}, ("Yes", "No")),
    ("item", {"description": "New"}, {"description": "Other"}, ("Holds 350 ml.", "New")),
    ("item", {"stock": 3}, {"stock": "4"}, ("never runs out", "3")),
    ("discount", {"amount": 700}, {"amount": "6.00"}, ("5.00", "7.00")),
    ("discount", {"amount": 700}, {"code": "ELEVEN"}, ("5.00", "7.00")),
    ("discount", {"starts_at": LATER}, {"code": "ELEVEN"}, ("12:00:00", "2026-12-24 18:30:00")),
    ("discount", {"starts_at": None}, {"starts_at_0": "2026-11-04"}, ("12:00:00", "—")),
    ("discount", {"is_active": False}, {"max_redemptions": "3"}, ("Yes", "No")),
    ("tax", {"percentage": Decimal(20)}, {"percentage": "21"}, ("19.5000", "20.0000")),
    ("tax", {"country": ""}, {"display_name": "MwSt."}, ("DE", "—")),
    ("tax", {"is_inclusive": True}, {"country": "AT"}, ("No", "Yes")),
]


@pytest.mark.parametrize(("kind", "theirs", "mine", "values"), EDITS)
def test_the_second_is_told_both_values_and_nothing_is_undone(
    admin_client: Client,
    kind: str,
    theirs: dict[str, Any],
    mine: dict[str, str],
    values: tuple[str, str],
) -> None:
    row = make_row(kind)
    form = opened_form(admin_client, address_of(row))
    type(row).objects.update(**theirs)
    page = save(admin_client, address_of(row), form, **mine)
    assert page.count("while you edited") == 1
    before, after = values
    told = page[page.index("This was changed from") : page.index("while you edited")]
    assert before in told
    assert f"to “{after}”" in told
    assert_stored(row, theirs)
    # The form has what was typed, and else what is stored; saved again, it is stored.
    again = fields_of(page)
    assert mine.items() <= again.items()
    assert save(admin_client, address_of(row), again) == ""
    (field,) = mine
    typed = type(row).objects.filter(pk=row.pk, **typed_values(mine))
    assert typed.exists()
    kept = {name: value for name, value in theirs.items() if not field.startswith(name)}
    assert_stored(row, kept)


def typed_values(mine: dict[str, str]) -> dict[str, Any]:
    """What is stored for the only field that was typed."""
    ((name, text),) = mine.items()
    if name == "amount":
        return {"amount": int(Decimal(text) * 100)}
    return {"starts_at__date": text} if name == "starts_at_0" else {name: text}


def assert_stored(row: Any, values: dict[str, Any]) -> None:
    stored = type(row).objects.get(pk=row.pk)
    assert {name: getattr(stored, name) for name in values} == values


def test_a_chosen_picture_must_be_chosen_again(
    admin_client: Client, settings: Any, tmp_path: Any
) -> None:
    """A browser can't send the file again."""
    settings.MEDIA_ROOT = tmp_path
    row = make_row("item")
    add_picture(row, "items/a.webp")
    form = opened_form(admin_client, address_of(row))
    Picture.objects.update(image="items/b.webp")
    files: dict[str, Any] = {"pictures-0-image": SimpleUploadedFile("c.jpg", photo())}
    page = save(admin_client, address_of(row), form, **files)
    assert "to “items/b.webp” while you edited. To replace that, choose your file again." in page
    assert Picture.objects.get().image.name == "items/b.webp"
    files["pictures-0-image"].seek(0)  # the first request has read it to its end
    assert save(admin_client, address_of(row), fields_of(page), **files) == ""
    assert str(Picture.objects.get().image.name).endswith(".jpeg")


def test_the_text_of_a_picture_is_not_overwritten(admin_client: Client) -> None:
    row = make_row("item")
    add_picture(row)
    form = opened_form(admin_client, address_of(row))
    Picture.objects.update(alternative="A mug")
    mine = {"pictures-0-alternative": "A cup"}
    page = save(admin_client, address_of(row), form, **mine, name="Cup")
    assert "This was changed from “—” to “A mug” while you edited." in page
    assert Picture.objects.get().alternative == "A mug"
    assert save(admin_client, address_of(row), fields_of(page)) == ""
    row.refresh_from_db()
    assert (Picture.objects.get().alternative, row.name) == ("A cup", "Cup")


def test_an_equal_change_by_both_is_saved(admin_client: Client) -> None:
    row = make_row("tax")
    form = opened_form(admin_client, address_of(row))
    Tax.objects.update(percentage=Decimal(20))
    assert save(admin_client, address_of(row), form, percentage="20") == ""


def test_a_change_after_the_refusal_is_told_again(admin_client: Client) -> None:
    row = make_row("item")
    page = ""
    for price in (25, 30):
        form = fields_of(page) if page else opened_form(admin_client, address_of(row))
        Item.objects.update(price=Decimal(price))
        page = save(admin_client, address_of(row), form, price="19")
        assert f"to “{price}.00” while you edited" in page
    assert save(admin_client, address_of(row), fields_of(page)) == ""
    assert_stored(row, {"price": Decimal(19)})


def test_another_error_does_not_lose_an_edited_time(admin_client: Client) -> None:
    row = make_row("discount")
    form = opened_form(admin_client, address_of(row))
    page = save(admin_client, address_of(row), form, starts_at_0="2026-11-09", amount="0")
    assert "while you edited" not in page
    assert save(admin_client, address_of(row), fields_of(page), amount="5.00") == ""
    assert_stored(row, {"starts_at": NOON.replace(day=9, microsecond=0)})


def test_a_new_row_has_nothing_to_compare(admin_client: Client) -> None:
    assert "initial-" not in "".join(opened_form(admin_client, "/admin/store/item/add/"))
