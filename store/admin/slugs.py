"""What staff type as the end of an address."""

from django.utils.translation import gettext_lazy as _

# Django's own sentence calls the field a slug, and Cyrillic letters no letters.
SLUG_ERRORS = {"invalid": _("Use only Latin letters, digits, hyphens and underscores.")}
