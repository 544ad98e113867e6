"""The files of the repository agree with each other."""

import hashlib
import re
import subprocess
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from payments.webhooks import PAYMENT_EVENTS, REFUND_AND_DISPUTE_EVENTS
from tests.support.screenshots import MAX_BYTES
from tests.support.sheets import MAX_BYTES as MAX_BYTES_OF_SHEETS
from tests.support.states import OTHER_STATES, STATES

ROOT = Path(__file__).resolve().parents[2]


def test_htmx_is_the_file_of_the_npm_package() -> None:
    """sha256 of dist/htmx.min.js in htmx.org 4.0.1."""
    vendored = (ROOT / "static/vendor/htmx-4.0.1.min.js").read_bytes()
    assert hashlib.sha256(vendored).hexdigest() == (
        "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
    )


def test_no_template_lets_htmx_drop_a_press() -> None:
    """A dropped request would keep its turn (static/js/mutations.js), and all others would wait.

    A search and “More items” take no turn: they change nothing.
    """
    templates = {path.name: path.read_text() for path in (ROOT / "templates").rglob("*.html")}
    reading = templates.pop("search_form.html") + templates.pop("pager.html")
    found = re.findall(r'hx-(?:sync|post)\S*="[^"]*"', reading)
    assert found == ['hx-sync="replace"', 'hx-sync="drop"']
    others = re.findall(r'hx-sync\S*="[^"]*"', "".join(templates.values()))
    assert others == ['hx-sync:inherited="queue all"']


def variables_of_the_example() -> list[str]:
    return re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    sources = (ROOT / "project/settings.py").read_text() + (
        ROOT / "project/development.py"
    ).read_text()
    read = set(re.findall(r'(?:env\.\w+|setdefault)\(\s*"([A-Z_]+)"', sources))
    accounts = {
        f"STRIPE_{name}{suffix}"
        for name in ("SECRET_KEY", "PUBLISHABLE_KEY", "WEBHOOK_SECRET")
        for suffix in ("", "_EUR")
    }
    only_compose = {"DOMAIN", "POSTGRES_PASSWORD", "UPSTREAMS"}  # tests/deployment/test_compose.py
    assert sorted(variables_of_the_example()) == sorted(read | accounts | only_compose)


def test_every_variable_of_the_example_has_a_comment() -> None:
    for block in (ROOT / ".env.example").read_text().split("\n\n"):
        assert block.startswith("#"), block


def test_deployment_guide_lists_every_variable() -> None:
    guide = (ROOT / "docs/deployment.md").read_text()
    table = re.findall(r"^\| `([A-Z_]+)` \|", guide, re.MULTILINE)
    assert sorted(table) == sorted(v for v in variables_of_the_example() if not v.endswith("_EUR"))


def test_deployment_guide_lists_exactly_the_handled_events() -> None:
    guide = (ROOT / "docs/deployment.md").read_text()
    listed = re.findall(r"^ *[*-] `([a-z_]+\.[a-z_.]+)`$", guide, re.MULTILINE)
    assert sorted(listed) == sorted(PAYMENT_EVENTS | REFUND_AND_DISPUTE_EVENTS)


def test_every_text_is_translated_into_russian() -> None:
    with (ROOT / "locale/ru/LC_MESSAGES/django.po").open("rb") as file:
        russian = read_po(file, locale="ru")
    with (ROOT / "locale/babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options)
    texts = {(message, context) for _, _, message, _, context in found}
    assert len(texts) > 80
    for text, context in texts:
        message = russian.get(text, context)
        assert message, f"not in django.po (make messages): {text}"
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), f"not translated: {text}"
        assert not message.fuzzy, f"fuzzy: {text}"


def test_translations_have_the_placeholders_of_their_texts() -> None:
    with (ROOT / "locale/ru/LC_MESSAGES/django.po").open("rb") as file:
        assert not [errors for _message, errors in read_po(file, locale="ru").check()]


def test_readme_is_short_and_its_links_work() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 120
    for target in re.findall(r"\]\((?!http)([^)#]+)", readme):
        assert (ROOT / target).exists(), target


def test_the_guide_for_merchants_shows_every_screenshot_and_they_are_small() -> None:
    shown = re.findall(r"\]\(screenshots/(.+?)\)", (ROOT / "docs/first-hour.md").read_text())
    pictures = {file.name: file.stat().st_size for file in (ROOT / "docs/screenshots").iterdir()}
    assert sorted(shown) == sorted(pictures)
    assert max(pictures.values()) <= MAX_BYTES
    taken = re.findall(
        r'take_screenshot\(page, "(.+?)"', (ROOT / "tests/journeys/test_first_hour.py").read_text()
    )
    assert sorted(taken) == sorted(name.removesuffix(".webp") for name in shown)


def test_the_gallery_shows_every_page_in_every_state_and_is_small() -> None:
    text = (ROOT / "docs/design.md").read_text()
    shown = re.findall(r"\]\(design/(\w+)\.webp\)", text)
    assert sorted(shown) == sorted(each.__name__ for each in STATES + OTHER_STATES)
    sheets = {file.stem: file.stat().st_size for file in (ROOT / "docs/design").iterdir()}
    assert sorted(shown) == sorted(sheets)
    assert sum(sheets.values()) <= MAX_BYTES_OF_SHEETS


def test_lock_files_have_hashes_and_no_index_addresses() -> None:
    for name in ("base", "production", "sandbox", "dev"):
        lock = (ROOT / f"requirements/{name}.txt").read_text()
        assert "://" not in lock
        assert lock.count("==") <= lock.count("--hash=sha256:")


def test_every_direct_requirement_has_a_reason() -> None:
    for name in ("base", "production", "sandbox", "dev"):
        for line in (ROOT / f"requirements/{name}.in").read_text().splitlines():
            assert not line or line.startswith(("#", "-r")) or "  # " in line or " # " in line, line


def test_only_stripe_api_and_tests_import_stripe() -> None:
    found = subprocess.run(
        ["git", "grep", "-lE", r"^\s*(import stripe|from stripe)\b", "--", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    others = ("stripe_sandbox/", "tests/", "conftest.py")
    shop = [path for path in found if "/tests/" not in path and not path.startswith(others)]
    assert shop
    assert all(path.startswith("payments/stripe_api/") for path in shop)


def test_no_line_of_a_template_is_over_120_characters() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        for line in template.read_text().splitlines():
            assert len(line) <= 120, f"{template}: {line}"
