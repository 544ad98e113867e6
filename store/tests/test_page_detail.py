from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from store.models import Page
from tests.support.admin_forms import opened_form, save


@pytest.fixture
def about(db: None) -> Page:
    return Page.objects.create(slug="about", title="About us", text="We **make** mugs.", position=2)


def test_shows_the_text_and_its_title(client: Client, about: Page) -> None:
    page = client.get("/pages/about").text
    assert "<title>About us · Minicart</title>" in page
    assert "<p>We <strong>make</strong> mugs.</p>" in page


def test_an_unknown_page_is_404(client: Client, db: None) -> None:
    assert client.get("/pages/nothing").status_code == 404


def test_the_footer_has_the_pages_in_their_order(client: Client, about: Page) -> None:
    Page.objects.create(slug="terms", title="Terms", text="x", position=1)
    Page.objects.create(slug="hidden", title="Hidden", text="x", is_in_footer=False)
    footer = client.get("/").text.partition("<footer")[2]
    assert footer.index('href="/pages/terms"') < footer.index('href="/pages/about"')
    assert "Hidden" not in footer
    assert client.get("/pages/hidden").status_code == 200


def test_a_saved_or_deleted_page_is_in_the_footer_at_once(client: Client, about: Page) -> None:
    assert "About us" in client.get("/").text
    about.title = "Who we are"
    about.save()
    assert "Who we are" in client.get("/").text
    Page.objects.filter(pk=about.pk).delete()
    assert "Who we are" not in client.get("/").text


def test_a_merchant_writes_a_page(admin_client: Client, about: Page) -> None:
    address = f"/admin/store/page/{about.pk}/change/"
    page = admin_client.get(address).text
    assert 'href="/pages/about"' in page
    assert save(admin_client, address, opened_form(admin_client, address), text="New.") == ""
    assert "<p>New.</p>" in admin_client.get("/pages/about").text


def test_a_sample_is_no_sample_after_its_text_was_changed(admin_client: Client, db: None) -> None:
    page = Page.objects.create(slug="terms", title="Terms", text="Sample.", is_sample=True)
    address = f"/admin/store/page/{page.pk}/change/"
    save(admin_client, address, opened_form(admin_client, address), position="7")
    page.refresh_from_db()
    assert (page.position, page.is_sample) == (7, True)
    save(admin_client, address, opened_form(admin_client, address), text="Our terms.")
    page.refresh_from_db()
    assert not page.is_sample


def test_the_list_says_which_texts_are_samples(admin_client: Client, about: Page) -> None:
    Page.objects.create(slug="terms", title="Terms", text="Sample.", is_sample=True)
    page = admin_client.get("/admin/store/page/").text
    assert '<td class="field-text_state">still the sample</td>' in page
    assert '<td class="field-text_state">your own</td>' in page


def test_the_list_sets_order_and_place(admin_client: Client, about: Page) -> None:
    form: dict[str, Any] = opened_form_of_list(admin_client)
    form |= {"form-0-position": "9", "_save": "Save"}
    del form["form-0-is_in_footer"]
    assert admin_client.post("/admin/store/page/", form).status_code == 302
    about.refresh_from_db()
    assert (about.position, about.is_in_footer) == (9, False)


def opened_form_of_list(client: Client) -> dict[str, str]:
    form = opened_form(client, "/admin/store/page/")
    return {name: value for name, value in form.items() if "form-" in name}


@pytest.mark.parametrize(("language", "title"), [("en", "Terms"), ("ru", "Условия продажи")])
def test_sample_pages_say_that_they_are_samples(
    client: Client, db: None, language: str, title: str
) -> None:
    call_command("seed_pages", language=language, verbosity=0)
    sentence = {"en": "This is a sample text", "ru": "Это образец"}[language]
    for page in Page.objects.all():
        assert page.text.splitlines()[0].startswith(f"*{sentence}"), page
        assert page.is_sample
    assert title in client.get("/pages/terms").text
    slugs = ["about", "shipping-and-returns", "terms", "privacy", "legal-notice"]
    assert [page.slug for page in Page.footer()] == slugs


def test_seeding_keeps_the_merchants_pages(about: Page, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_pages")
    assert capsys.readouterr().out == "4 sample pages added, 1 existed.\n"
    assert Page.objects.get(slug="about").text == "We **make** mugs."
