from playwright.sync_api import Page

# Everything that the security policy stops is reported to the page.
LISTEN = """
  window.stopped = [];
  addEventListener("securitypolicyviolation", (event) => stopped.push(event.blockedURI));
"""
READ = """() => JSON.parse(
  document.querySelector('script[type="application/ld+json"]').textContent
)["@graph"][0]"""


def test_the_security_policy_permits_the_structured_data(page: Page) -> None:
    page.add_init_script(LISTEN)
    page.goto("/item/1")
    product = page.evaluate(READ)
    assert product["name"] == page.get_by_role("heading", level=1).inner_text()
    assert page.evaluate("stopped") == []
