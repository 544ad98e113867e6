"""Random requests, as a hostile client may send them."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote_from_bytes

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from tests.support.raw_http import RawAnswer, RawRequest, send

METHODS = (
    *([b"GET"] * 12 + [b"POST"] * 20),
    *(b"HEAD", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"BREW"),
)
VALUES = (
    *(b"", b"0", b"1", b"2", b"-1", b"1.5", b"1e400", b"nan", b"9" * 19, b"9" * 5000),
    *(b"\0", b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", "²".encode(), "١".encode(), "İ".encode()),
    *(b"a" * 300, b"a/" * 2000, b"..", b"../../etc/passwd", b".", b"%", b"%00", b"\r\nX: y"),
    *(b"a" * 32, b"USD", b"EUR", b"XXX", b"TEN", b"'", b"<script>", b"{{ x }}", b"http://[::1"),
)
FIELDS = (
    *(b"item", b"quantity", b"was", b"by", b"submission_id", b"code", b"currency", b"seen_amount"),
    *(b"q", b"after", b"page", b"payment", b"payment_intent", b"session_id", b"next", b"return_to"),
    *(b"username", b"password", b"csrfmiddlewaretoken", b"_popup", b"_to_field", b"e", b"all"),
)
CHARSETS = (
    *(b"utf-8", b"UTF-8", b"utf-16", b"utf-7", b"hex", b"idna", b"undefined", b"punycode", b""),
    *(b"nonsense", b"latin-1", b"unicode_escape", b"\xff", b"a" * 200),
)
TYPES = (
    *(b"application/x-www-form-urlencoded", b"multipart/form-data", b"application/json"),
    *(b"multipart/form-data; boundary=x", b"multipart/form-data; boundary=\xff", b"text/plain"),
    *(b"multipart/form-data; boundary=" + b"x" * 300, b"", b";", b"/", b"a" * 11_000),
)
TYPE_PARAMETERS = (
    b"charset*=utf-8''%00",
    b"charset*=nonsense''x",
    b"charset*0=u",
    b"a*=%00''",
    b"=",
)
HEADERS: dict[bytes, Sequence[bytes]] = {
    b"Host": (b"evil.example", b"", b"a b", b"\xff", b"[::1", b"127.0.0.1:99999", b"a" * 300),
    b"Accept": (b"text/html", b"application/json", b"*/*;q=nan", b";q=x", b"a/b;" * 3000, b"\xff"),
    b"Accept-Language": (b"ru", b"en;q=nan", b"\xff", b"a" * 600, b"ru-" * 200, b"*;q=1e999"),
    b"Accept-Encoding": (b"gzip", b"br", b"identity;q=0", b"\xff", b"gzip;q=nan"),
    b"Sec-Fetch-Site": (b"none", b"cross-site", b"", b"\xff"),
    b"Origin": (b"null", b"http://evil.example", b"http://[::1", b"\xff", b""),
    b"Referer": (b"http://[::1", b"http://evil.example/", b"\xff", b"//", b"http://a:b/"),
    b"X-Forwarded-For": (b"1.2.3.4", b"::1%eth0", b"nonsense", b"1.2.3.4:99999, \xff", b",", b""),
    b"X-Forwarded-Proto": (b"https", b"nonsense", b"\xff"),
    b"X-Forwarded-Host": (b"evil.example", b"\xff"),
    b"HX-Request": (b"true", b"\xff"),
    b"HX-Current-URL": (b"http://[::1", b"\xff", b"%ff", b"http://evil.example/"),
    b"HX-Current-URL-URI-AutoEncoded": (b"true",),
    b"HX-History-Restore-Request": (b"true",),
    b"HX-Target": (b"\xff", b"%ff", b"cart"),
    b"Triggering-Event": (b"{", b"[" * 2000, b"\xff"),
    b"If-Modified-Since": (b"\xff", b"Mon, 99 Foo 99999 99:99:99 GMT", b"0"),
    b"If-None-Match": (b"*", b'"', b"\xff"),
    b"Range": (b"bytes=9-1", b"bytes=0-0", b"bytes=-99999999999999999999", b"\xff"),
    b"User-Agent": (b"curl/8", b"\xff", b"", b"a" * 3000),
    b"Stripe-Signature": (b"t=1,v1=a", b"t=" + b"9" * 40 + b",v1=\xff", b"=,=", b"t=x"),
    b"Authorization": (b"Basic \xff", b"Basic OjpA"),
    b"Expect": (b"100-continue", b"\xff"),
    b"Upgrade": (b"websocket", b"h2c"),
    b"Content-Encoding": (b"gzip", b"\xff"),
    b"Content-Length": (b"-1", b"999999", b"1", b"0", b"x", b"9" * 40),
    b"Transfer-Encoding": (b"chunked", b"gzip", b"\xff"),
    b"X-HTTP-Method-Override": (b"DELETE",),
}
# What a pattern or a parser may take long to read when it is repeated.
REPEATED = (
    b"a",
    b"a.",
    b"a@",
    b"aB",
    b"a-",
    b",",
    b";",
    b"%",
    b"\xff",
    b"a=b; ",
    b"sk_test_",
    b"en,",
)
MAX_HEADER = 32 * 1024
COOKIES = (
    *(b"sessionid=" + value for value in (b"x", b"a" * 32, b"a" * 5000, b"\xff" * 32, b"")),
    *(b'sessionid="aaaaaaaaaaaaaaa\\%03o"' % number for number in (0, 1, 10, 255)),
    *(b"messages=W10:x:y", b"django_language=\xff", b"django_language=ru", b"csrftoken=\xff"),
    *(b"=", b";" * 500, b"a=b; " * 300, b'x="'),
)


class Fuzz:
    """Requests to the addresses of the shop that match `only`; the same ones for the same seed."""

    def __init__(self, seed: int, *, sessions: Sequence[str] = (), only: str = "") -> None:
        self.random = random.Random(seed)  # noqa: S311  # nothing secret
        self.cookies = (*COOKIES, *(f"sessionid={each}".encode() for each in sessions))
        known = [each for each in _addresses(get_resolver()) if re.match(only, each)]
        self.admin = [each for each in known if each.startswith("admin/")]
        self.shop = [each for each in known if each not in self.admin]
        others = ("media/<path:path>", "static/<path:path>", "healthz", "readyz", "<path:rest>")
        self.shop += [each for each in others if re.match(only, each)]

    def requests(self, count: int) -> list[RawRequest]:
        return [self._request() for _ in range(count)]

    def _request(self) -> RawRequest:
        choose = self.random.choice
        method = choose(METHODS)
        headers = [b"%s: %s" % (name, self._header(name)) for name in self._some([*HEADERS], 3)]
        if self.random.random() < 0.6:
            headers.append(b"Sec-Fetch-Site: same-origin")
        if self.random.random() < 0.5:
            headers.append(b"Cookie: " + b"; ".join(self._some(self.cookies, 2)))
        body = b""
        if method != b"GET" or self.random.random() < 0.1:
            body, kind = self._body()
            headers.append(b"Content-Type: " + kind)
        return RawRequest(method, self._target(), tuple(headers), body)

    def _header(self, name: bytes) -> bytes:
        if self.random.random() < 0.95:
            return self.random.choice(HEADERS[name])
        return (self.random.choice(REPEATED) * MAX_HEADER)[: self.random.randrange(MAX_HEADER)]

    def _target(self) -> bytes:
        address = "/" + self.random.choice(self.random.choice((*[self.shop] * 4, self.admin)))
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: self._segment(found[1]), address).encode()
        if self.random.random() < 0.05:
            path += self.random.choice(VALUES)  # as it is: with spaces and raw bytes
        query = b"&".join(self._pairs()) if self.random.random() < 0.4 else b""
        return (path or b"/") + (b"?" + query if query else b"")

    def _segment(self, converter: str | None) -> str:
        fitting = {"int": ("1", "0", "9" * 19, "9" * 5000), "order_token": ("a" * 32, "-" * 32)}
        if converter in fitting and self.random.random() < 0.7:
            return self.random.choice(fitting[converter])
        return quote_from_bytes(self.random.choice(VALUES))

    def _pairs(self) -> Iterator[bytes]:
        if self.random.random() < 0.6:
            yield b"item=1&quantity=1&currency=USD&username=admin&password=x"
        many = 2000 if self.random.random() < 0.03 else self.random.randrange(5)
        for _ in range(many):
            value = self.random.choice(VALUES if many < 5 else VALUES[:3])
            if self.random.random() < 0.9:
                value = quote_from_bytes(value).encode()
            yield self.random.choice(FIELDS) + b"=" + value

    def _body(self) -> tuple[bytes, bytes]:
        """A body and a Content-Type, which mostly fits."""
        form = b"&".join(self._pairs())
        part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        extra = (b"", b'; filename="a"', b"; filename*=hex''aa", b"\r\nContent-Length: x")
        encoding = b"\r\nContent-Transfer-Encoding: base64"
        parts = b"".join(
            part % (name, self.random.choice((*extra, encoding)), self.random.choice(VALUES))
            for name in self._some(FIELDS, 4)
        )
        noise = self.random.randbytes(self.random.randrange(200))
        bodies = {TYPES[0]: form, TYPES[3]: parts + b"--x--\r\n", TYPES[2]: b"[" * 20_000}
        kind = self.random.choice((*([TYPES[0]] * 6), *TYPES))
        if self.random.random() < 0.2:
            charset = b"charset=" + self.random.choice(CHARSETS)
            kind += b"; " + self.random.choice((charset, *TYPE_PARAMETERS))
        body = bodies.get(kind.partition(b"; charset")[0], noise)
        return (body if self.random.random() < 0.9 else noise), kind

    def _some(self, values: Sequence[bytes], most: int) -> list[bytes]:
        return self.random.sample(values, self.random.randrange(most + 1))


def _addresses(resolver: URLResolver) -> Iterator[str]:
    """The routes of all URL patterns; those that are regular expressions are left out."""
    for each in resolver.url_patterns:
        if not isinstance(each.pattern, RoutePattern):
            continue
        if isinstance(each, URLPattern):
            yield str(each.pattern)
        else:
            yield from (f"{each.pattern}{rest}" for rest in _addresses(each))


def answered(address: str, requests: Iterable[RawRequest]) -> list[tuple[RawRequest, RawAnswer]]:
    """Send the requests one after the other."""
    return [(request, send(address, request)) for request in requests]


def failures(answers: Iterable[tuple[RawRequest, RawAnswer]]) -> list[str]:
    """Describe the requests that were answered by an error of the server."""
    return [
        f"{answer.status}: {request}" for request, answer in answers if is_failure(request, answer)
    ]


def is_failure(request: RawRequest, answer: RawAnswer) -> bool:
    """A press of Buy that the visitor's browser didn't confirm is answered with 503."""
    is_buy = request.target.startswith((b"/buy/", b"/order/buy"))
    return answer.status >= 500 and not (answer.status == 503 and is_buy)
