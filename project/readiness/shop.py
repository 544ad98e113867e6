"""What the merchant enters in the admin."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from cart.models import ShippingRate, Tax
from project.readiness.finding import Finding
from store.models import Item, Page, Shop

NEWEST = 500  # items of a currency


def _corrected_in_form(message: str) -> Finding:
    """What a merchant can correct in the form of the shop."""
    return Finding(False, message, reverse("admin:store_shop_change", args=[1]))


def name() -> Finding:
    shop = Shop.current()
    if not shop.is_named:
        return _corrected_in_form(_("The shop has no name: enter one in the admin."))
    return Finding(True, _("The shop’s name is %s.") % shop.name)


def contact() -> Iterator[Finding]:
    """What buyers must be able to read about the seller, and the country that is the default."""
    shop = Shop.current()
    yield (
        Finding(True, _("Buyers can write to %s.") % shop.email)
        if shop.email
        else _corrected_in_form(_("The shop has no contact e-mail: enter one in the admin."))
    )
    yield (
        Finding(True, _("The shop has a postal address."))
        if shop.postal_address
        else _corrected_in_form(_("The shop has no postal address: enter it in the admin."))
    )
    yield (
        Finding(True, _("The shop’s country is %s.") % shop.country)
        if shop.country
        else _corrected_in_form(_("The shop has no country: enter it in the admin."))
    )


def pages() -> Iterator[Finding]:
    if not Page.objects.exists():
        text = _("There are no pages: add terms, privacy and a legal notice in the admin.")
        yield Finding(False, text, reverse("admin:store_page_add"))
        return
    samples = Page.objects.filter(is_sample=True)
    if not samples:
        yield Finding(True, _("The pages have your own texts."))
    text = _("The page “%s” has a sample text: write your own in the admin.")
    for page in samples:
        yield Finding(False, text % page, reverse("admin:store_page_change", args=[page.pk]))


def items() -> Finding:
    if not Item.objects.listed().exists():
        text = _("No item is listed: add one in the admin.")
        return Finding(False, text, reverse("admin:store_item_changelist"))
    return Finding(True, _("There are items to buy."))


def shipping_rates() -> Iterator[Finding]:
    """One finding for each currency in which items need shipping without a rate."""
    currencies = set(_shipped_currencies())
    if not currencies:
        yield Finding(True, _("No item needs shipping."))
        return
    rates = ShippingRate.objects.filter(is_active=True, currency__in=currencies)
    missing = currencies - set(rates.values_list("currency", flat=True))
    if not missing:
        yield Finding(True, _("Items that need shipping have a shipping rate."))
    text = _("Items in %s need shipping, but no shipping rate is active: add one in the admin.")
    for currency in sorted(missing):
        yield Finding(False, text % currency, reverse("admin:cart_shippingrate_changelist"))


def _shipped_currencies() -> Iterator[str]:
    """The currencies in which one of the newest items needs shipping.

    To look at all items would take seconds in a large shop of downloads.
    """
    for currency in _currencies():
        newest = Item.objects.listed().filter(currency=currency).order_by("-pk")[:NEWEST]
        if Item.objects.filter(pk__in=newest.values("pk"), needs_shipping=True).exists():
            yield currency


def _currencies() -> Iterator[str]:
    """The currencies of listed items. An index finds each; DISTINCT would read all items."""
    codes = Item.objects.listed().order_by("currency").values_list("currency", flat=True)
    currency: str | None = ""
    while currency := codes.filter(currency__gt=currency).first():
        yield currency


def taxes() -> Finding:
    if not Tax.objects.applied().exists():
        return Finding(True, _("No tax is added; add one in the admin if you must charge it."))
    return Finding(True, _("Taxes are set up."))


def is_open() -> Finding:
    if Shop.current().is_closed:
        return _corrected_in_form(_("The shop is closed: open it in the admin to sell."))
    return Finding(True, _("The shop is open."))
