"""The admin in Russian: no text of ours or of Django's stays English."""

import re

from django.contrib import admin
from django.test import Client

from store.models import Collection, Item, Page

UNSEEN = re.compile(r"<(script|style|template|code)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
WORD = re.compile(r"[(«“]?([A-Za-z]{3,})[)»”.,:;]*")  # no address, and no name of a setting
NAMES = {"Minicart", "Stripe", "Markdown", "CSV", "XLSX", "USD", "EUR", "admin", "editor", "packer"}


def english(page: str) -> set[str]:
    """The Latin words that the page shows."""
    matches = map(WORD.fullmatch, UNSEEN.sub(" ", page).split())
    return {match[1] for match in matches if match} - NAMES


def test_no_list_and_no_form_shows_english(admin_client: Client, item: Item) -> None:
    Collection.objects.create(name="Кухня", slug="42")
    Page.objects.create(title="О нас", slug="43", text="…")
    Item.objects.update(name="Кружка", description="")
    addresses = ["/admin/", f"/admin/store/item/{item.pk}/change/"]
    for model in admin.site._registry:
        names = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        addresses += [names] if model._meta.app_label == "auth" else [names, f"{names}add/"]
    answers = {
        address: admin_client.get(address, follow=True, headers={"Accept-Language": "ru"})
        for address in addresses  # without forms that show rights, which Django stores in English
    }
    shown = {address: each for address, each in answers.items() if each.status_code == 200}
    assert len(shown) > 15
    found = {address: english(each.text) for address, each in shown.items()}
    lines = [f"{address}: {sorted(words)}" for address, words in found.items() if words]
    assert not lines, "\n".join(lines)
