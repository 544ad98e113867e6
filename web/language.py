from django.conf import settings
from django.utils.translation import get_language


def language_of_page() -> str:
    """The language of the request; the shop's own where translations are switched off."""
    return get_language() or settings.LANGUAGE_CODE
