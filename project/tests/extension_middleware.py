"""Middleware as an extension may have it."""

import time

from django.http import HttpRequest, HttpResponseBase

from web.http import GetResponse


def set_cookie(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.set_cookie("seen", str(int(request.COOKIES.get("seen", 0)) + 1))
        return response

    return middleware


def answer_after_a_second(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        time.sleep(1.1)
        return response

    return middleware


def count_in_session(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.session["pages"] = request.session.get("pages", 0) + 1
        return get_response(request)

    return middleware
