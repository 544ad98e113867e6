import functools

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from store import theme
from store.pictures.names import ICON_SIDES, icon_name, new_name
from web.short_cache import ShortCache

SOFTWARE_NAME = "Minicart"  # also the shop's name until the merchant gives it one
CLOSED = _("The shop is closed at the moment: nothing can be bought. Please come back later.")


def logo_name(_shop: models.Model, sent_name: str) -> str:
    return new_name("shop", sent_name)


class ShopClosed(Exception):
    """The merchant has closed the shop, so nothing can be added or bought."""


class Shop(models.Model):
    """What the merchant says about the shop: one row, edited in the admin."""

    closed_sentence = CLOSED

    name = models.CharField(_("name"), max_length=80, default=SOFTWARE_NAME)
    sentence = models.CharField(
        _("one sentence"), max_length=160, blank=True, help_text=_("What the shop sells.")
    )
    logo = models.ImageField(
        _("logo"),
        upload_to=logo_name,
        blank=True,
        help_text=_("A picture, best with a transparent ground."),
    )
    accent_color = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(theme.COLOR, _("Enter a colour like #1f5f4a."))],
        help_text=_(
            "Of buttons and links, like #1f5f4a. Where it would be hard to read, the pages use a"
            " darker or lighter shade of it."
        ),
    )
    email = models.EmailField(_("contact e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    postal_address = models.TextField(
        _("postal address"),
        max_length=500,
        blank=True,
        help_text=_("Street and city. Begin with the company if it isn’t called like the shop."),
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    tax_id = models.CharField(_("tax ID"), max_length=40, blank=True)
    staff_email = models.EmailField(
        _("e-mail for orders"),
        blank=True,
        help_text=_("Mails about orders go there. Empty: to the contact e-mail."),
    )
    notice = models.CharField(
        _("notice"), max_length=300, blank=True, help_text=_("Shown on every page, like holidays.")
    )
    is_closed = models.BooleanField(_("closed"), default=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shop")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="shop_has_one_row")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Shop":
        """The merchant's row, or the defaults before it has been saved once. Don't change it.

        Read again after a save in this process; other processes see a change after seconds.
        """
        return _current.get()

    @classmethod
    def last_known(cls) -> "Shop":
        """The row as it was read last, or the defaults, for pages without a database."""
        return _current.last or cls(pk=1)

    @classmethod
    def forget(cls) -> None:
        """Read the row again next time: a test that ends takes it back without a save."""
        _current.forget()

    @classmethod
    def check_open(cls) -> None:
        """Raises ShopClosed. Call it before something is added or bought."""
        if cls.current().is_closed:
            raise ShopClosed

    @property
    def is_named(self) -> bool:
        return self.name != SOFTWARE_NAME

    def icon_url(self, side: int) -> str:
        """The address of the logo as an icon with a side of ICON_SIDES; "" without a logo."""
        if not self.logo:
            return ""
        icon = icon_name(self.logo.name or "", side)
        return self.logo.storage.url(icon) if self._has_icons else self.logo.url

    @functools.cached_property
    def _has_icons(self) -> bool:
        """The form of the shop makes them; a logo that was stored in another way has none."""
        names = [icon_name(self.logo.name or "", side) for side in ICON_SIDES]
        return all(self.logo.storage.exists(name) for name in names)

    @functools.cached_property
    def theme_url(self) -> str:
        """The address of the stylesheet with the accent colour, or "" without one."""
        if not self.accent_color:
            return ""
        return reverse("store:theme", args=[theme.fingerprint(self.accent_color)])


def _read() -> Shop:
    return Shop.objects.filter(pk=1).first() or Shop(pk=1)


_current = ShortCache(_read)
_current.forget_after_changes(Shop)
