from django.http import HttpRequest, HttpResponseServerError
from django.template.loader import render_to_string

from store.models import Shop


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """The page of our own failure, which may be that of the database: nothing is read for it."""
    return HttpResponseServerError(render_to_string("500.html", {"shop": Shop.last_known()}))
