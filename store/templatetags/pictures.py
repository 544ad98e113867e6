"""{% picture item.main_picture sizes="(min-width: 40rem) 25vw, 50vw" %}: a picture of an item."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from store.models import Picture

register = template.Library()

LOADING = {
    "lazy": mark_safe('loading="lazy"'),
    "eager": mark_safe(""),
    "first": mark_safe('fetchpriority="high"'),  # the largest one in the first view
}


@register.simple_tag
def picture(picture: Picture, *, sizes: str, loading: str = "lazy") -> SafeString:
    """Write the <img>. `sizes` says how wide it is shown, as in HTML; `loading` see LOADING."""
    return format_html(
        '<img src="{}" {} alt="{}" width="{}" height="{}" decoding="async" {}>',
        picture.url(640),
        _srcset(picture, sizes),
        picture.alternative,
        picture.width,
        picture.height,
        LOADING[loading],
    )


def _srcset(picture: Picture, sizes: str) -> SafeString | str:
    if not picture.widths:
        return ""
    files = ", ".join(f"{picture.url(each)} {each}w" for each in picture.widths)
    return format_html('srcset="{}" sizes="{}"', files, sizes)
