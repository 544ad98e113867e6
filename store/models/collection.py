from django.db import models
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from store.models.item import Item
from store.pictures.names import new_name
from web.short_cache import ShortCache


def picture_name(_collection: models.Model, sent_name: str) -> str:
    return new_name("collections", sent_name)


class Collection(models.Model):
    """Items that belong together. An item can be in several."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("address"), unique=True, help_text=_("The end of its address: /?collection=kitchen.")
    )
    description = models.TextField(_("description"), blank=True, max_length=2000)
    picture = models.ImageField(_("picture"), upload_to=picture_name, blank=True)
    position = models.PositiveSmallIntegerField(
        _("position"), default=100, help_text=_("Lower numbers come first.")
    )
    is_listed = models.BooleanField(
        _("listed"), default=True, help_text=_("Only listed collections can be seen.")
    )
    items = models.ManyToManyField(
        Item, related_name="collections", blank=True, verbose_name=_("items")
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        ordering = ["position", "name", "pk"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('store:item-list')}?{urlencode({'collection': self.slug})}"

    @classmethod
    def in_header(cls) -> "list[Collection]":
        """The listed collections. Kept for seconds, like Shop.current. Don't change them."""
        return _listed.get()

    @classmethod
    def forget_header(cls) -> None:
        """Read the collections again next time, like Shop.forget."""
        _listed.forget()


def _read() -> list[Collection]:
    return list(Collection.objects.filter(is_listed=True))


_listed = ShortCache(_read)
_listed.forget_after_changes(Collection)
