from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from store.models.item import Item
from store.pictures.names import new_name, sized_name

MAX_PICTURES = 20  # of an item


def file_name(_picture: models.Model, sent_name: str) -> str:
    return new_name("items", sent_name)


class Picture(models.Model):
    """A picture of an item. Files beside it have the same picture in the `widths` of the pages."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="pictures")
    image = models.ImageField(_("picture"), upload_to=file_name)
    alternative = models.CharField(
        _("text alternative"),
        max_length=200,
        blank=True,
        help_text=_("What the picture shows, for people who don’t see it."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=100, help_text=_("The picture with the lowest number is the first.")
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    widths = models.JSONField(default=list, editable=False)
    needs_sizes = models.BooleanField(default=True, editable=False)
    # So that one picture which can't be read, or stops the worker, doesn't keep the others waiting.
    sizes_tried_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        indexes = [
            models.Index(fields=["item", "position", "id"], name="picture_of_item"),
            # For the worker, which asks every few seconds.
            models.Index(fields=["id"], condition=Q(needs_sizes=True), name="picture_needs_sizes"),
        ]

    def __str__(self) -> str:
        return self.alternative or (self.image.name or "").rpartition("/")[2]

    def url(self, width: int) -> str:
        """The address of the picture in this width, or of the next larger file that exists."""
        if not self.widths:
            return self.image.url  # the worker hasn't made the sizes yet
        file_width = next((each for each in self.widths if each >= width), self.widths[-1])
        return self.image.storage.url(sized_name(self.image.name or "", file_width))


@receiver(pre_save, sender=Picture)
def _measure(instance: Picture, **_kwargs: Any) -> None:
    """A new file is measured, and has no sizes yet.

    Django's `width_field` would read the file of every row that staff save, also a missing one.
    """
    if not getattr(instance.image, "_committed", True):
        instance.width, instance.height = instance.image.width, instance.image.height
        instance.widths, instance.needs_sizes, instance.sizes_tried_at = [], True, None
