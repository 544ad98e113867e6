from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

SOFTWARE_NAME = "Minicart"  # also the shop's name until the merchant gives it one


class Shop(models.Model):
    """What the merchant says about the shop: one row, edited in the admin."""

    name = models.CharField(_("name"), max_length=80, default=SOFTWARE_NAME)
    sentence = models.CharField(
        _("one sentence"), max_length=160, blank=True, help_text=_("What the shop sells.")
    )
    logo = models.ImageField(_("logo"), upload_to="shop/", blank=True)
    accent_color = models.CharField(
        _("accent colour"), max_length=7, blank=True, help_text=_("Like #1f5f4a.")
    )
    email = models.EmailField(_("contact e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    postal_address = models.TextField(_("postal address"), max_length=500, blank=True)
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Two letters, like DE.")
    )
    tax_id = models.CharField(_("tax ID"), max_length=40, blank=True)
    staff_email = models.EmailField(
        _("e-mail for orders"),
        blank=True,
        help_text=_("Mails about orders go there. Empty: to the contact e-mail."),
    )
    notice = models.CharField(
        _("notice"), max_length=300, blank=True, help_text=_("Shown on every page, like holidays.")
    )
    is_closed = models.BooleanField(
        _("closed"), default=False, help_text=_("Nothing can be bought while the shop is closed.")
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shop")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="shop_has_one_row")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Shop":
        """The merchant's row, or the defaults before it has been saved once."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
