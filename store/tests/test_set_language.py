import pytest
from django.test import Client


def test_a_buyer_chooses_a_language(client: Client, db: None) -> None:
    page = client.get("/order").text
    assert '<button class="link" name="language" value="ru" lang="ru"' in page
    assert '<span aria-current="true" lang="en">English</span>' in page
    answer = client.post("/language", {"language": "ru", "next": "/order"})
    assert (answer.status_code, answer["Location"]) == (303, "/order")
    cookie = client.cookies["django_language"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    page = client.get("/order").text
    assert '<html lang="ru">' in page
    assert '<span aria-current="true" lang="ru">Русский</span>' in page


def test_the_form_leads_back_to_its_page(client: Client, db: None) -> None:
    assert 'value="/?currency=EUR"' in client.get("/?currency=EUR").text


def test_the_page_of_a_refused_form_leads_to_the_shop(client: Client, db: None) -> None:
    """A GET of its address could be a press of Buy."""
    page = client.post("/order/buy").text
    assert 'value="/order/buy"' not in page
    answer = client.post("/language", {"language": "ru", "next": ""})
    assert answer["Location"] == "/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "javascript:alert(1)"],
)
def test_leads_to_no_other_site(client: Client, db: None, elsewhere: str) -> None:
    answer = client.post("/language", {"language": "ru", "next": elsewhere})
    assert answer["Location"] == "/"


def test_a_newline_in_the_path_makes_no_header(client: Client, db: None) -> None:
    answer = client.post("/language", {"language": "ru", "next": "/\r\nSet-Cookie: a=b"})
    assert (answer.status_code, "a" in answer.cookies) == (303, False)


def test_a_language_that_the_shop_has_not_sets_no_cookie(client: Client, db: None) -> None:
    assert client.post("/language", {"language": "xx", "next": "/"}).status_code == 303
    assert not client.cookies


def test_another_site_sets_no_cookie(db: None) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "cross-site"})
    assert browser.post("/language", {"language": "ru"}).status_code == 403
    assert not browser.cookies


def test_looking_sets_no_language_cookie(client: Client, db: None) -> None:
    client.get("/", headers={"Accept-Language": "ru"})
    assert not client.cookies


def test_the_address_itself_leads_to_the_shop(client: Client, db: None) -> None:
    answer = client.get("/language")
    assert (answer.status_code, answer["Location"]) == (303, "/")
