from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from web.short_cache import ShortCache


class Page(models.Model):
    """A text of the merchant's, in Markdown: about, shipping and returns, terms, privacy."""

    slug = models.SlugField(
        _("address"), unique=True, help_text=_("The end of the page’s address: /pages/about.")
    )
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(
        _("text"),
        max_length=50_000,
        help_text=_("In Markdown: # heading, **bold**, * list, [text](https://example.com)."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_in_footer = models.BooleanField(_("in the footer"), default=True)
    # Cleared when the merchant changes the text, so that check_setup stops complaining.
    is_sample = models.BooleanField(_("sample text"), default=False, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("store:page-detail", args=[self.slug])

    @classmethod
    def footer(cls) -> "list[Page]":
        """The pages of the footer, without their text. Kept for seconds, like Shop.current."""
        return _footer.get()

    @classmethod
    def forget_footer(cls) -> None:
        """Read the pages again next time, like Shop.forget."""
        _footer.forget()


def _read() -> list[Page]:
    return list(Page.objects.filter(is_in_footer=True).defer("text"))


_footer = ShortCache(_read)
_footer.forget_after_changes(Page)
