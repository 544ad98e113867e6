from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from store import theme
from store.models import Shop
from tests.support.shop_row import edit_shop


def declared(sheet: str) -> list[dict[str, str]]:
    """The tokens of the light and of the dark scheme."""
    light, dark = sheet.split("@media (prefers-color-scheme: dark)")
    pairs = [
        [line.strip().strip(";").split(": ") for line in part.splitlines() if "--" in line]
        for part in (light, dark)
    ]
    return [{pair[0]: pair[1] for pair in each} for each in pairs]


def full(color: str) -> str:
    return color if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:])


@given(st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_every_colour_is_readable_in_both_schemes(color: str) -> None:
    grounds = (theme.LIGHT_GROUNDS, theme.DARK_GROUNDS)
    for tokens, behind in zip(declared(theme.stylesheet(color)), grounds, strict=True):
        for name in ("--accent", "--accent-strong"):
            assert all(theme.contrast(tokens[name], ground) >= 4.5 for ground in behind)
            assert theme.contrast(full(tokens["--on-accent"]), tokens[name]) >= 4.5


def test_a_readable_colour_stays_as_it_is() -> None:
    light, dark = declared(theme.stylesheet("#1F5C4D"))
    assert light["--accent"] == "#1f5c4d"
    assert dark["--accent"] != "#1f5c4d"


def test_pages_link_the_sheet_and_browsers_keep_it(client: Client, db: None) -> None:
    edit_shop(accent_color="#b0125b")
    address = Shop.current().theme_url
    assert f'<link rel="stylesheet" href="{address}">' in client.get("/").text
    answer = client.get(address)
    assert answer["Content-Type"] == "text/css"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--accent: #b0125b;" in answer.text


def test_another_colour_has_another_address(client: Client, db: None) -> None:
    old = edit_shop(accent_color="#b0125b").theme_url
    edit_shop(accent_color="#1f5c4d")
    assert Shop.current().theme_url != old
    answer = client.get(old)  # of a page that a cache has kept
    assert "--accent: #1f5c4d;" in answer.text
    assert answer["Cache-Control"] == "public, max-age=60"


def test_a_shop_without_a_colour_has_no_sheet(client: Client, db: None) -> None:
    assert "theme-" not in client.get("/").text
    assert client.get("/theme-0123456789ab.css").status_code == 404
