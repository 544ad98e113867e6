"""The admin's login. It refuses too many wrong passwords of one address before it hashes one."""

from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext

from web.rate_limit import SECONDS, TooManyRequests, give_back, limit

MINUTES = 15
ALL_NAMES = 4  # times the limit of one name
# A hash takes half a second of a processor, which the pages need too.
HASHES_AT_ONCE = 2
WAIT_SECONDS = 2

_slots = BoundedSemaphore(HASHES_AT_ONCE)


class LoginForm(AdminAuthenticationForm):
    """Django's form with a limit per address, and one per name and address together.

    A limit per name alone would let anybody lock the merchant out.
    """

    request: HttpRequest
    retry_after = 0

    def clean(self) -> dict[str, Any]:
        """Count the login before the password is hashed, and only failed ones in the end."""
        name = self.cleaned_data.get("username", "")
        allowed = settings.LOGIN_RATE_LIMIT
        try:
            limit(self.request, "login", at_most=allowed * ALL_NAMES, minutes=MINUTES)
            limit(self.request, "login_name", at_most=allowed, minutes=MINUTES, about=name)
        except TooManyRequests as refused:
            raise self._refusal(_too_many_failed(refused), refused.retry_after) from None
        if not connection.in_atomic_block:  # as in a test
            # Return the connection to the pool, so that other requests can use it meanwhile.
            close_old_connections()
        if not _slots.acquire(timeout=WAIT_SECONDS):
            self._give_back(name)
            raise self._refusal(gettext("Others are logging in now. Try again."), WAIT_SECONDS)
        try:
            values = super().clean()  # raises ValidationError if the password is wrong
        finally:
            _slots.release()
        self._give_back(name)
        return values

    def _give_back(self, name: str) -> None:
        give_back(self.request, "login", minutes=MINUTES)
        give_back(self.request, "login_name", minutes=MINUTES, about=name)

    def _refusal(self, message: str, retry_after: int) -> ValidationError:
        self.retry_after = retry_after
        return ValidationError(message)


def _too_many_failed(refused: TooManyRequests) -> str:
    minutes = -(-refused.retry_after // SECONDS)
    return ngettext(
        "Too many logins from your address have failed. Wait %(minutes)s minute and try again.",
        "Too many logins from your address have failed. Wait %(minutes)s minutes and try again.",
        minutes,
    ) % {"minutes": minutes}


def log_in(request: HttpRequest) -> HttpResponse:
    """Show Django's login page, with status 429 if LoginForm has not looked at the password."""
    response = admin.site.login(request)
    form = getattr(response, "context_data", {}).get("form")
    if retry_after := getattr(form, "retry_after", 0):
        response.status_code = 429
        response["Retry-After"] = str(retry_after)
    return response
