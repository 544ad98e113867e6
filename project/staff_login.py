"""The admin's login. It refuses too many wrong passwords of one address before it hashes one."""

from functools import partial
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext

from web.rate_limit import SECONDS, CheckedRequest, TooManyRequests, check_limit

MINUTES = 15
TIMES_FOR_ALL_NAMES = 4  # as many as with one name
# A hash takes half a second of a processor, which the pages need too.
HASHES_AT_ONCE = 2
RETRY_SECONDS = 2

_slots = BoundedSemaphore(HASHES_AT_ONCE)


class LoginForm(AdminAuthenticationForm):
    """Django's form with a limit per address, and one per name and address together.

    A limit per name alone would let anybody lock the merchant out.
    """

    request: HttpRequest
    retry_after = 0

    def clean(self) -> dict[str, Any]:
        """Hash the password if there are not too many logins. Only failed ones stay counted.

        No login waits for another one: it would keep a thread that a page needs.
        """
        try:
            checked = self._check_limits()
            if not _slots.acquire(blocking=False):
                raise self._refusal(gettext("Others are logging in now. Try again."), RETRY_SECONDS)
            try:
                for each in checked:
                    each.count()
                values = super().clean()  # raises ValidationError if the password is wrong
            finally:
                _slots.release()
        except TooManyRequests as refused:
            raise self._refusal(_too_many_failed(refused), refused.retry_after) from None
        for each in checked:
            each.give_back()
        return values

    def _check_limits(self) -> list[CheckedRequest]:
        """For all names together, and for this one. Raises TooManyRequests."""
        allowed, name = settings.LOGIN_RATE_LIMIT, self.cleaned_data.get("username", "")
        check = partial(check_limit, self.request, minutes=MINUTES)
        return [
            check("login", at_most=allowed * TIMES_FOR_ALL_NAMES),
            check("login_name", at_most=allowed, about=name),
        ]

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
