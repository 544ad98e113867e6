"""{% stylesheet "css/shop.css" %}, {% script "js/shop.js" %}: a static file or a bundle of some."""

from django import template
from django.core.files.storage import storages
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from project.static_files import BUNDLES, SmallStaticFiles

register = template.Library()


@register.simple_tag
def stylesheet(name: str) -> SafeString:
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', _addresses(name))


@register.simple_tag
def script(name: str) -> SafeString:
    return format_html_join("\n", '<script src="{}" defer></script>', _addresses(name))


def _addresses(name: str) -> list[tuple[str]]:
    """One address in production; with DEBUG, those of the files that are joined."""
    is_joined = isinstance(storages["staticfiles"], SmallStaticFiles)
    return [(static(each),) for each in ((name,) if is_joined else BUNDLES.get(name, (name,)))]
