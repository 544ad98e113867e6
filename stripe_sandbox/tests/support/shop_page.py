"""A shop's page with a Payment Element: another origin, a strict content security policy.

Its policies are those that Stripe asks for, with the local Stripe's origins
(docs.stripe.com/security/guide#content-security-policy); a test can make them narrower.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from stripe_sandbox.pages.origins import Origins, origins

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<script src="{script}/v3/"></script></head>
<body><main><h1>Pay</h1><div id="address"></div><div id="element"></div>
<button id="pay">Pay</button><p id="said"></p></main>
<script src="/shop.js"></script></body></html>"""
SCRIPT = """
const asked = new URLSearchParams(location.search);
const said = document.querySelector("#said");
const say = (value) => { said.textContent = JSON.stringify(value); };
const stripe = Stripe(asked.get("key") ?? "pk_test_main");
const theme = asked.get("theme") ?? "stripe";
const locale = asked.get("locale") ?? "en";
window.stripe = stripe;
window.elements = stripe.elements({
  clientSecret: asked.get("secret"), locale, appearance: { theme },
});
window.changes = [];
window.addressChanges = [];
const mountAddress = (options) => {
  window.address = elements.create("address", options);
  address.on("ready", (event) => { window.addressReady = event; });
  address.on("loaderror", (event) => { window.addressReady = event; });
  address.on("change", (change) => addressChanges.push(change));
  address.mount("#address");
};
if (asked.has("address")) mountAddress(JSON.parse(asked.get("address")));
const element = elements.create("payment");
element.on("ready", () => say("ready"));
element.on("loaderror", ({ error }) => say({ loaderror: error }));
element.on("change", (change) => changes.push(change));
element.mount("#element");
document.querySelector("#pay").addEventListener("click", async () => {
  const submitted = await elements.submit();
  if (submitted.error) return say(submitted);
  say(await stripe.confirmPayment({
    elements,
    confirmParams: {
      return_url: `${location.origin}/done?order=7`,
      receipt_email: "ada@example.com",
      payment_method_data: { billing_details: { email: "ada@example.com" } },
    },
    redirect: asked.get("redirect") ?? "always",
  }));
});
"""


OPENER_POLICY = "same-origin-allow-popups"


class ShopPage:
    """`stripe` is the address of the local Stripe; `without` is left out of the policy."""

    def __init__(
        self, stripe: str, *, without: str = "", opener_policy: str = OPENER_POLICY
    ) -> None:
        known = origins(stripe)
        policy = policy_for(known).replace(f" {without}", "") if without else policy_for(known)
        headers = {
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": opener_policy,
        }
        page = PAGE.format(script=known.script)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(page, headers))
        # The opener policy needs a name that browsers trust like https.
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> "ShopPage":
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def policy_for(known: Origins) -> str:
    subdomains = known.script.replace("//", "//*.")
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {known.script} {subdomains}",
            f"frame-src {known.script} {subdomains} {known.windows}",
            f"connect-src {known.api}",
        ]
    )


def _handler(page: str, headers: dict[str, str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            is_script = path == "/shop.js"
            body = SCRIPT if is_script else page
            if path == "/done":
                body = "<!doctype html><title>Done</title><h1>Thank you</h1>"
            self.send_response(404 if path == "/favicon.ico" else 200)
            kind = "text/javascript" if is_script else "text/html"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
