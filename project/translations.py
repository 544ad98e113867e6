"""An extractor for Babel, which finds texts in Django's templates without GNU gettext."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from babel.messages.extract import extract_javascript
from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy as ngettext
from django.utils.translation.template import templatize

# Texts of Django 6.1 whose Russian is missing there, or fits only masculine nouns. Ours is used.
DJANGO_TEXTS = [
    _("- Select an option -"),
    ngettext("…and %(count)d more object.", "…and %(count)d more objects."),
    *(_("Add %s"), _("Change %s"), _("View %s")),
    *(_("Select %s"), _("Select %s to change"), _("Select %s to view")),
    *(_("Add %(name)s"), _("Add another %(verbose_name)s"), _("Cannot delete %(name)s")),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    ngettext(
        "%(count)s %(name)s was changed successfully.",
        "%(count)s %(name)s were changed successfully.",
    ),
    _("Successfully deleted %(count)d %(items)s."),
    _(
        "Are you sure you want to delete the %(object_name)s “%(escaped_object)s”? All of the"
        " following related items will be deleted:"
    ),
    _(
        "Are you sure you want to delete the selected %(objects_name)s? All of the following"
        " objects and their related items will be deleted:"
    ),
]


def extract_template(
    file: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Django turns a template into gettext calls, which Babel reads like JavaScript."""
    calls = templatize(file.read().decode(), origin=getattr(file, "name", None))
    yield from extract_javascript(BytesIO(calls.encode()), keywords, comment_tags, options)
