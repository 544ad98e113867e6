"""The page that deploy/Caddyfile shows for a body that is too large."""

from django.test import Client


def test_page_says_that_nothing_was_changed(client: Client, db: None) -> None:
    answer = client.get("/too-large")
    assert answer.status_code == 413
    assert "nothing was changed" in answer.content.decode()


def test_page_is_in_the_language_of_the_visitor(client: Client, db: None) -> None:
    answer = client.get("/too-large", headers={"Accept-Language": "ru"})
    assert "Это больше, чем принимает магазин" in answer.content.decode()
