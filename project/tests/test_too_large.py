"""The page that deploy/Caddyfile shows for a body that is too large."""

from typing import Any

from django.test import Client


def text_of(answer: Any) -> str:
    return str(answer.content.decode().replace("\xa0", " "))


def test_page_says_that_nothing_was_changed(client: Client, db: None) -> None:
    answer = client.get("/too-large")
    assert answer.status_code == 413
    assert "more than the shop accepts (64.0 KB), so nothing was changed" in text_of(answer)


def test_page_names_the_limit_of_the_address(client: Client, db: None) -> None:
    answer = client.get("/too-large?path=/admin/store/item/add/")
    assert "(25.0 MB), so nothing was changed. Send a smaller form or picture." in text_of(answer)


def test_staff_come_back_to_their_form(client: Client, db: None) -> None:
    page = text_of(client.get("/too-large?path=/admin/store/item/add/"))
    assert "Each picture may have 20 MB." in page
    assert 'href="/admin/store/item/add/">Open the form again' in page
    assert "Look at the items" not in page
    assert "Look at the items" in text_of(client.get("/too-large?path=//other.example/"))


def test_page_is_in_the_language_of_the_visitor(client: Client, db: None) -> None:
    answer = client.get("/too-large", headers={"Accept-Language": "ru"})
    assert "Это больше, чем принимает магазин" in answer.content.decode()
