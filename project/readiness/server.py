"""What the server needs: its address, room on the disk, a login for staff, mail."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models import Mail, MailState
from project.readiness.finding import Finding
from web.addresses import is_public_https

ENOUGH_MEGABYTES = 1000  # free on the disk
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def address() -> Finding:
    if not is_public_https(settings.BASE_URL):
        return Finding(
            False, _("BASE_URL is %s; buyers need an https:// address.") % settings.BASE_URL
        )
    return Finding(True, _("The shop’s address is %s.") % settings.BASE_URL)


def disk() -> Finding:
    """The disk of VAR_DIR. The images' and the database's may be others."""
    free = shutil.disk_usage(settings.VAR_DIR).free // 10**6
    if free < ENOUGH_MEGABYTES:
        return Finding(
            False, _("The disk is nearly full: it has %s MB left. Make room, or sales stop.") % free
        )
    return Finding(True, _("The disk has %s MB left.") % free)


def staff() -> Finding:
    if not get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        return Finding(False, _("Nobody can log in to the admin: run manage.py createsuperuser."))
    return Finding(True, _("Somebody can log in to the admin."))


def mail() -> Finding:
    if not settings.SENDS_MAIL:
        return Finding(False, _("No mail is sent: set EMAIL_URL."))
    if settings.MAILERS["default"]["BACKEND"] != SMTP:
        return Finding(False, _("Mail isn’t sent to its readers: set EMAIL_URL to a mail server."))
    return Finding(True, _("Mail is sent by %s.") % settings.DEFAULT_FROM_EMAIL)


def outbox() -> Iterator[Finding]:
    """Mails that were not sent, if there are any."""
    mails = reverse("admin:notifications_mail_changelist")
    if failed := Mail.objects.filter(state=MailState.FAILED).count():
        text = ngettext(
            "%s mail could not be sent; the admin says why and can send it again.",
            "%s mails could not be sent; the admin says why and can send them again.",
            failed,
        )
        yield Finding(False, text % failed, f"{mails}?state__exact={MailState.FAILED}")
    if not settings.SENDS_MAIL:
        return  # another finding says so
    if late := Mail.objects.failing_for_long(timezone.now()).first():
        yield Finding(False, _("Mails can’t be sent: %s") % late.last_error, mails)
    if Mail.objects.overdue(timezone.now()).exists():
        yield Finding(False, _("Mails wait, but nothing sends them. Start manage.py worker."))
