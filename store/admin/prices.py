"""Staff change the prices of several items at once, after they have seen the new ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from store.amount_errors import decimals_error
from store.models import Item
from store.money import InvalidAmount, from_minor, to_minor
from store.price_changes import PriceChange
from store.templatetags.money import money
from web.http import SeeOther, post_only
from web.keys import as_key

# Rows of one UPDATE.
AT_ONCE = 500


class PriceForm(forms.Form):
    """How the prices of `items` are changed."""

    direction = forms.ChoiceField(
        label=_("Prices"), choices=[("raise", _("raise by")), ("lower", _("lower by"))]
    )
    number = forms.DecimalField(
        label=_("Number"),
        max_digits=12,
        min_value=0,
        widget=forms.NumberInput({"step": "any", "class": "list-price"}),
    )
    unit = forms.ChoiceField(label=_("Percent or amount"))

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        currencies = sorted({item.currency for item in items})
        field.choices = [("", "%"), *((code, code) for code in currencies)]
        field.required = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        unit = values.get("unit")
        if unit and "number" in values:
            try:
                to_minor(values["number"], unit)
            except InvalidAmount:
                self.add_error("number", decimals_error(unit))
        return values

    @property
    def change(self) -> PriceChange:
        number = self.cleaned_data["number"]
        is_lower = self.cleaned_data["direction"] == "lower"
        return PriceChange(-number if is_lower else number, self.cleaned_data["unit"])


@dataclass(frozen=True)
class NewPrice:
    """A line of the preview. `why_not` says why the price stays as it is."""

    item: Item
    amount: int
    why_not: str


def new_prices(items: Sequence[Item], change: PriceChange) -> Iterator[NewPrice]:
    for item in items:
        if not change.applies_to(item.currency):
            yield NewPrice(item, item.amount, gettext("another currency"))
            continue
        amount = change.new_amount(item.amount, item.currency)
        yield NewPrice(item, amount, _why_not(item, amount))


def _why_not(item: Item, amount: int) -> str:
    if amount == item.amount:
        return gettext("the same price")
    changed = Item(price=from_minor(amount, item.currency), currency=item.currency)
    try:
        changed.clean()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def ask_for_change(request: HttpRequest, items: Sequence[Item]) -> HttpResponse:
    """Show the page on which the change is typed, for the chosen items."""
    return _page(request, PriceForm(items=items), items, filters=request.GET.urlencode())


@post_only("admin:store_item_changelist")
def change_prices(request: HttpRequest) -> HttpResponse:
    """Show the new prices, or store them if they were shown. Raises PermissionDenied."""
    if not request.user.has_perm("store.change_item"):
        raise PermissionDenied
    texts = request.POST.get("keys", "").split()
    keys = [key for text in texts if (key := as_key(text)) is not None]
    filters = request.POST.get("filters", "")
    with transaction.atomic():
        # All lock in the order of the keys, so that two transactions don't wait for each other.
        items = list(Item.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True))
        form = PriceForm(request.POST, items=items)
        if not form.is_valid():
            return _page(request, form, items, filters=filters, status=422)
        lines = list(new_prices(items, form.change))
        if "apply" in request.POST and request.POST.get("shown") == _as_text(lines):
            _store(request, [line for line in lines if not line.why_not])
            return SeeOther(f"{reverse('admin:store_item_changelist')}?{filters}")
    if "apply" in request.POST:
        text = gettext("Nothing was changed: these are other prices than you saw. Look at them.")
        messages.warning(request, text)
    return _page(request, form, items, filters=filters, lines=lines)


def _as_text(lines: Sequence[NewPrice]) -> str:
    """What the page sends back, so that only prices are stored that were shown."""
    return " ".join(
        f"{line.item.pk}:{line.item.currency}:{line.item.amount}:{line.amount}" for line in lines
    )


def _store(request: HttpRequest, lines: Sequence[NewPrice]) -> None:
    """Store the new prices and write into the history of each item. The rows are locked."""
    now, entries = timezone.now(), []
    for line in lines:
        item = line.item
        old, new = (money(amount, item.currency) for amount in (item.amount, line.amount))
        text = gettext("Price: %(old)s → %(new)s") % {"old": old, "new": new}
        entries.append(_log_entry(request, item, text))
        item.price, item.updated_at = from_minor(line.amount, item.currency), now
    items = [line.item for line in lines]
    Item.objects.bulk_update(items, ["price", "updated_at"], batch_size=AT_ONCE)
    LogEntry.objects.bulk_create(entries)
    text = ngettext("%(count)d price was changed.", "%(count)d prices were changed.", len(lines))
    messages.success(request, text % {"count": len(lines)})


def _log_entry(request: HttpRequest, item: Item, text: str) -> LogEntry:
    """`LogEntry.objects.log_actions` would take one text for all items."""
    return LogEntry(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(Item),
        object_id=str(item.pk),
        object_repr=str(item)[:200],
        action_flag=CHANGE,
        change_message=text,
    )


def _page(
    request: HttpRequest,
    form: PriceForm,
    items: Sequence[Item],
    *,
    filters: str,
    lines: Sequence[NewPrice] = (),
    status: int = 200,
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": gettext("Change prices"),
        "form": form,
        "keys": " ".join(str(item.pk) for item in items),
        "filters": filters,
        "items": items,
        "lines": lines,
        "shown": _as_text(lines),
        "count": sum(not line.why_not for line in lines),
    }
    return render(request, "admin/store/item/prices.html", context, status=status)
