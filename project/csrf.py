from django.http import HttpResponse
from django.shortcuts import render

from web.http import HtmxRequest, is_fragment_request


def csrf_failure(request: HtmxRequest, reason: str = "") -> HttpResponse:
    """Tell htmx to reload the page, whose token is too old; answer a form with an explanation."""
    if is_fragment_request(request):
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    return render(request, "403_csrf.html", status=403)
