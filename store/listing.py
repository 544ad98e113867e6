"""What a page of the list shows: a search, the filters, the order, and where the page begins."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from store.models import Collection, Item
from store.models.item import ItemQuerySet
from store.search import MAX_LENGTH, Search
from store.sorting import OWN, SORTS, Place, Sort, text_of

PAGE_SIZE = 24


class WrongAddress(Exception):
    """A parameter of the address can't be right; the message says which."""


@dataclass(frozen=True)
class Choice:
    """A link to the same list with another filter or order."""

    label: str | Promise
    address: str
    is_current: bool


@dataclass(frozen=True)
class ListPage:
    items: list[Item]
    following: str  # the address of the next page, or ""
    is_cut: bool  # whether a search had more results than were sorted


@dataclass(frozen=True)
class Listing:
    """The parameters of the address, in the order that the shop's links have."""

    q: str = ""
    collection: Collection | None = None
    currency: str = ""
    sort: Sort = OWN
    after: Place | None = None

    @classmethod
    def of(cls, query: QueryDict) -> "Listing":
        """Raises WrongAddress, and Http404 for a collection that can't be seen."""
        sort = _sort(query.get("sort", ""))
        return cls(
            q=query.get("q", "").strip()[:MAX_LENGTH],
            collection=_collection(query.get("collection", "")),
            currency=_currency(query.get("currency", "")),
            sort=sort,
            after=_after(sort, query.get("after")),
        )

    @property
    def title(self) -> str:
        if self.search.words:
            return _("Results for “%(q)s”") % {"q": self.q}
        return self.collection.name if self.collection else _("All items")

    @property
    def parameters(self) -> dict[str, str]:
        """Those of the address that aren't empty."""
        values = {
            "q": self.q,
            "collection": self.collection.slug if self.collection else "",
            "currency": self.currency,
            "sort": self.sort.key,
            "after": text_of(self.after or ()),
        }
        return {name: value for name, value in values.items() if value}

    @property
    def hidden_parameters(self) -> dict[str, str]:
        """Those that another search keeps."""
        return replace(self, q="", after=None).parameters

    @property
    def address(self) -> str:
        query = urlencode(self.parameters)
        return reverse("store:item-list") + (f"?{query}" if query else "")

    @cached_property
    def search(self) -> Search:
        return Search(self.q)

    @property
    def items(self) -> ItemQuerySet:
        """All items that the filters leave."""
        items = Item.objects.listed().with_pictures().defer("description", "words")
        if self.currency:
            items = items.filter(currency=self.currency)
        return items.in_collection(self.collection) if self.collection else items

    def page(self) -> ListPage:
        found = self.search.page(self.items, self.sort, self.after, PAGE_SIZE + 1)
        items, following = found.items[:PAGE_SIZE], ""
        if len(found.items) > PAGE_SIZE:
            after = self.search.place_of(items[-1], self.sort)
            following = replace(self, after=after).address
        return ListPage(items, following, found.is_cut)

    def _with(self, **values: Any) -> str:
        """The address of the first page of the list with these values."""
        return replace(self, after=None, **values).address

    @property
    def first_page(self) -> str:
        return self._with()

    @property
    def without_filters(self) -> str:
        return self._with(collection=None, currency="")

    @property
    def currency_choices(self) -> Iterator[Choice]:
        labels = {"": pgettext("currencies", "All")} | {
            code: code for code in settings.STRIPE_CURRENCIES
        }
        for code, label in labels.items():
            yield Choice(label, self._with(currency=code), code == self.currency)

    @property
    def collection_choices(self) -> Iterator[Choice]:
        yield Choice(_("All items"), self._with(collection=None), self.collection is None)
        for each in Collection.in_header():
            yield Choice(each.name, self._with(collection=each), each == self.collection)

    @property
    def sort_choices(self) -> Iterator[Choice]:
        for sort in SORTS:
            yield Choice(self._label(sort), self._with(sort=sort), sort == self.sort)

    @property
    def sort_label(self) -> str | Promise:
        return self._label(self.sort)

    def _label(self, sort: Sort) -> str | Promise:
        return _("Best match") if self.search.words and sort is OWN else sort.label


def _collection(slug: str) -> Collection | None:
    if not slug:
        return None
    for each in Collection.in_header():
        if each.slug == slug:
            return each
    raise Http404


def _currency(code: str) -> str:
    if code in ("", *settings.STRIPE_CURRENCIES):
        return code
    choices = ", ".join(settings.STRIPE_CURRENCIES)
    message = _("“currency” in the address must be one of these: %(choices)s.")
    raise WrongAddress(message % {"choices": choices})


def _sort(key: str) -> Sort:
    for sort in SORTS:
        if sort.key == key:
            return sort
    choices = ", ".join(sort.key for sort in SORTS if sort.key)
    message = _("“sort” in the address must be one of these: %(choices)s.")
    raise WrongAddress(message % {"choices": choices})


def _after(sort: Sort, text: str | None) -> Place | None:
    if text is None:
        return None
    try:
        return sort.read_place(text)
    except ValidationError:
        message = _("“after” in the address must be as in a link of the shop.")
        raise WrongAddress(message) from None
