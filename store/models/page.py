from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Page(models.Model):
    """A text of the merchant's, in Markdown: about, shipping and returns, terms, privacy."""

    slug = models.SlugField(_("address"), unique=True)
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"), max_length=50_000, help_text=_("In Markdown."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_in_footer = models.BooleanField(_("in the footer"), default=True)
    # Cleared when the merchant saves the page: the text is no sample any more.
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
