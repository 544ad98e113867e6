"""Middleware as an extension may have it."""

import time

from django.http import HttpRequest, HttpResponseBase

from project.middleware import GetResponse


def set_cookie(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.set_cookie("seen", "1")
        return response

    return middleware


def answer_after_a_second(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        time.sleep(1.1)
        return response

    return middleware
