"""The kept pages and their ages, at times that the tests choose."""

from concurrent.futures import ThreadPoolExecutor

from django.urls import resolve

from project.kept_pages import MAX_PAGES, KeptPage, Key, Pages


def page(text: str, rendered_at: float) -> KeptPage:
    return KeptPage(text.encode(), {}, resolve("/"), rendered_at)


def key(number: int) -> Key:
    return Key("https", f"/item/{number}", "", "en")


def test_one_request_renders_an_old_page_while_the_others_get_it_for_a_second() -> None:
    pages = Pages(seconds=5)
    old = page("old", 100)
    pages.keep(key(1), old)
    assert pages.get(key(1), at=104.9) is old
    assert pages.get(key(1), at=105) is None
    assert pages.get(key(1), at=105) is old
    assert pages.get(key(1), at=105.9) is old
    assert pages.get(key(1), at=106) is None  # the first request has failed or is slow
    new = page("new", 105)
    pages.keep(key(1), new)
    assert pages.get(key(1), at=109.9) is new


def test_a_page_that_nobody_asked_for_in_time_is_rendered() -> None:
    pages = Pages(seconds=5)
    pages.keep(key(1), page("old", 100))
    assert pages.get(key(1), at=200) is None
    assert pages.get(key(1), at=200) is None


def test_one_of_many_threads_renders_an_old_page() -> None:
    pages = Pages(seconds=5)
    old = page("old", 100)
    pages.keep(key(1), old)
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda _number: pages.get(key(1), at=105), range(1000)))
    assert found.count(None) == 1
    assert found.count(old) == 999


def test_a_page_that_was_rendered_earlier_does_not_replace_a_newer_one() -> None:
    pages = Pages(seconds=5)
    pages.keep(key(1), page("new", 103))
    pages.keep(key(1), page("slow", 100))
    found = pages.get(key(1), at=104)
    assert found
    assert found.content == b"new"


def test_the_pages_that_were_asked_for_last_are_kept() -> None:
    pages = Pages(seconds=5)
    for number in range(MAX_PAGES):
        pages.keep(key(number), page("", 100))
    assert pages.get(key(0), at=101)
    pages.keep(key(MAX_PAGES), page("", 101))
    assert pages.get(key(0), at=101)
    assert pages.get(key(1), at=101) is None
    assert pages.get(key(2), at=101)
