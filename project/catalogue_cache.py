"""Keep pages of the catalogue for a few seconds, since all visitors without a session get the same.

web.http.same_for_everybody says which pages. A visitor with a session gets the kept page with the
badge of the cart in it, unless more of the page depends on the visitor.
"""

import functools
import hashlib
import time
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import DisallowedHost, MiddlewareNotUsed
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import translation
from django.utils.cache import get_conditional_response

from cart.visitor import quantity_if_only_badge_differs
from project.bodies import REFUSED
from project.kept_pages import GRACE_SECONDS, KeptPage, Key, Pages, accepted_encoding
from web.http import CACHE_CONTROL_WITH_SESSION, GetResponse
from web.sessions import SessionStore

MAX_BYTES = 100_000
MAX_QUERY_LENGTH = 100


class CatalogueCache:
    def __init__(self, get_response: GetResponse) -> None:
        if not settings.CATALOGUE_CACHE_SECONDS:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.pages = Pages(settings.CATALOGUE_CACHE_SECONDS)
        self.badge = functools.lru_cache(maxsize=200)(_badge)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = _key(request)
        if key is None:
            return self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            return self._page_with_badge(request, key) or self.get_response(request)
        page = self.pages.get(key, at=time.monotonic())
        if page is None:
            response, page = self._render(request, key)
            if page is None:
                return response
        return _answer(request, page)

    def _render(self, request: HttpRequest, key: Key) -> tuple[HttpResponseBase, KeptPage | None]:
        """Render the page and keep it. The page is None if it can't be kept."""
        rendered_at = time.monotonic()  # what the page shows is read after this
        response = self.get_response(request)
        page = _page(request, response, rendered_at)
        if page:
            self.pages.keep(key, page)
        return response, page

    def _page_with_badge(self, request: HttpRequest, key: Key) -> HttpResponseBase | None:
        """Return the page for a visitor with a session; None if it has to be rendered for them."""
        empty = self.badge(key.language, 0)
        if not empty.strip():
            return None  # a theme without a badge for an empty cart leaves no place for one
        if key not in self.pages and not _is_shared(_match(request.path_info), request):
            return None
        quantity = _quantity(request.COOKIES[settings.SESSION_COOKIE_NAME])
        if quantity is None:
            return None
        page = self.pages.get(key, at=time.monotonic())
        if page:
            request.resolver_match = page.match
            response: HttpResponseBase = HttpResponse(page.content, headers=page.headers)
        else:
            visitor = _without_session(request)
            response, _page = self._render(visitor, key)
            request.resolver_match = visitor.resolver_match
        return _with_badge(response, empty, self.badge(key.language, quantity))


def _key(request: HttpRequest) -> Key | None:
    """Return the key of the page that is asked for; None if no kept page can be the answer."""
    query = request.META["QUERY_STRING"]
    if request.method not in ("GET", "HEAD") or len(query) > MAX_QUERY_LENGTH:
        return None
    # A body, or its type, may have to be refused.
    is_refused = REFUSED in request.META.get("asgi.scope", {})
    if is_refused or request.META.get("CONTENT_TYPE") or request.META.get("HTTP_HX_REQUEST"):
        return None
    try:
        request.get_host()
    except DisallowedHost:
        return None
    language = translation.get_language_from_request(request)
    return Key(request.scheme or "", request.path_info, query, language)


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _is_shared(match: ResolverMatch | None, request: HttpRequest) -> bool:
    """Whether the page is the same for everybody, and its address is as the shop links to it.

    Otherwise any number of addresses would lead to one page: /item/6, /item/06, /item/6?a=1.
    """
    parameters = getattr(match.func, "shared_parameters", None) if match else None
    if match is None or parameters is None or match.url_name is None:
        return False
    # Without what is empty, and without zeros before a number.
    known = {name: request.GET.get(name, "").lstrip("0") for name in parameters}
    query = urlencode({name: value for name, value in known.items() if value})
    path = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
    return (request.path, request.META["QUERY_STRING"]) == (path, query)


def _page(request: HttpRequest, response: HttpResponseBase, rendered_at: float) -> KeptPage | None:
    """Return the page to keep, or None if it can't be kept."""
    match = request.resolver_match
    if not isinstance(response, HttpResponse) or response.status_code != 200 or match is None:
        return None
    is_unusual = response.cookies or "Content-Encoding" in response
    if is_unusual or len(response.content) > MAX_BYTES or not _is_shared(match, request):
        return None
    headers = dict(response.headers)
    # With the headers, because a browser keeps those of its page after a 304.
    digest = hashlib.sha256(repr(sorted(headers.items())).encode() + response.content)
    headers["ETag"] = f'W/"{digest.hexdigest()[:32]}"'
    headers["Cache-Control"] = (
        f"public, max-age=0, s-maxage={settings.CATALOGUE_CACHE_SECONDS}, "
        f"stale-while-revalidate={GRACE_SECONDS}"
    )
    return KeptPage(response.content, headers, match, rendered_at)


def _answer(request: HttpRequest, page: KeptPage) -> HttpResponseBase:
    request.resolver_match = page.match
    encoding = accepted_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    if encoding:
        content = page.compressed(encoding)
        response = HttpResponse(content, headers=page.headers)
        response.headers["Content-Encoding"] = encoding
        response.headers["Content-Length"] = str(len(content))
    else:
        response = HttpResponse(page.content, headers=page.headers)
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return response
    etag = page.headers["ETag"]
    return get_conditional_response(request, etag, response=response) or response


def _quantity(session_key: str) -> int | None:
    """Return the number in the visitor's badge; None if more of a page depends on the visitor."""
    if not (session_key.isascii() and session_key.isalnum()):  # project.unreadable may refuse it
        return None
    try:
        return quantity_if_only_badge_differs(SessionStore(session_key))
    except DatabaseError:
        return None


def _without_session(request: HttpRequest) -> HttpRequest:
    """Return the request as the visitor would send it without a session."""
    visitor = WSGIRequest(request.META)
    visitor.COOKIES = dict(request.COOKIES)
    del visitor.COOKIES[settings.SESSION_COOKIE_NAME]
    return visitor


def _with_badge(response: HttpResponseBase, empty: bytes, badge: bytes) -> HttpResponseBase | None:
    """Put the visitor's badge into a page without session, which may be the page of an error.

    project.compression compresses it. None if it has to be rendered for the visitor: a theme may
    have another badge, an extension may have begun a session.
    """
    if response.status_code >= 500:
        return response  # to render it again would report the error again
    if not isinstance(response, HttpResponse) or response.content.count(empty) != 1:
        return None
    if settings.SESSION_COOKIE_NAME in response.cookies:
        return None
    response.content = response.content.replace(empty, badge)
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["Cache-Control"] = CACHE_CONTROL_WITH_SESSION
    response.headers.pop("ETag", None)
    return response


def _badge(language: str, quantity: int) -> bytes:
    with translation.override(language):
        return render_to_string("cart/badge.html", {"quantity": quantity}).encode()
