"""A middleware as an extension may have it."""

from django.http import HttpRequest, HttpResponseBase

from project.middleware import GetResponse


def set_cookie(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.set_cookie("seen", "1")
        return response

    return middleware
