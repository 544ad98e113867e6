"""Texts of Django 6.1 whose Russian is missing there, or fits only masculine nouns.

Babel finds them here. Django takes a translation from our catalogue before its own.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy as ngettext

DJANGO_TEXTS = [
    _("- Select an option -"),
    ngettext("…and %(count)d more object.", "…and %(count)d more objects."),
    *(_("Add %s"), _("Change %s"), _("View %s")),
    *(_("Added {name} “{object}”."), _("Deleted {name} “{object}”.")),
    *(_("Changed {fields}."), _("Changed {fields} for {name} “{object}”.")),
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
