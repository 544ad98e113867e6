"""The colours of static/css/tokens.css can be told apart, in the light and in the dark scheme.

The figures are WCAG's: 4.5 for text, 3 for the focus ring and the border of a field
(https://www.w3.org/TR/WCAG22/#contrast-minimum, #non-text-contrast).
"""

import re
from pathlib import Path

import pytest

from store import theme

TOKENS = (Path(__file__).resolve().parents[2] / "static/css/tokens.css").read_text()
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")
BACKGROUNDS = ("background", "surface", "tag")


def declared(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): ([^;]+);", css))


SCHEMES = {"light": declared(LIGHT), "dark": declared(LIGHT) | declared(DARK)}


def luminance(scheme: dict[str, str], token: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    value = scheme[token]
    if name := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return luminance(scheme, name[1])
    digits = value.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(scheme: dict[str, str], one: str, other: str) -> float:
    darker, lighter = sorted([luminance(scheme, one), luminance(scheme, other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES.keys())
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize(
    ("token", "least"),
    [
        ("focus", 3),
        ("border-field", 3),
        ("text", 4.5),
        ("text-quiet", 4.5),
        ("accent", 4.5),
        ("error", 4.5),
    ],
)
def test_stands_out_from_the_page(
    scheme: dict[str, str], background: str, token: str, least: float
) -> None:
    assert contrast(scheme, token, background) >= least


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES.keys())
@pytest.mark.parametrize("colour", ["accent", "accent-strong", "good", "wait"])
def test_text_stands_out_from_its_own_background(scheme: dict[str, str], colour: str) -> None:
    assert contrast(scheme, f"on-{colour.removesuffix('-strong')}", colour) >= 4.5


@pytest.mark.parametrize(
    ("scheme", "grounds"), [("light", theme.LIGHT_GROUNDS), ("dark", theme.DARK_GROUNDS)]
)
def test_the_merchants_accent_is_compared_with_these_backgrounds(
    scheme: str, grounds: tuple[str, ...]
) -> None:
    declared_here = [luminance(SCHEMES[scheme], token) for token in BACKGROUNDS]
    assert [luminance({"": ground}, "") for ground in grounds] == declared_here


def test_black_on_white_is_21() -> None:
    assert contrast({"ink": "#000", "paper": "#ffffff"}, "ink", "paper") == pytest.approx(21)


def test_every_outline_is_the_focus_token() -> None:
    for path in (Path(__file__).resolve().parents[2] / "static/css").glob("*.css"):
        outlines = re.findall(r"outline: ([^;]+);", path.read_text())
        assert {each for each in outlines if each != "none"} <= {"3px solid var(--focus)"}, path
