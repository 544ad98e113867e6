"""The stylesheet with the merchant's accent colour.

Any colour is accepted: where it would be hard to read, the pages get the nearest shade of it that
isn't. In the light scheme it is darkened, in the dark one lightened, until the contrast to each
background is what WCAG asks for text.
"""

import hashlib

COLOR = r"^#[0-9a-fA-F]{6}$"
# --background, --surface and --tag of static/css/tokens.css.
LIGHT_GROUNDS = ("#fbfaf7", "#ffffff", "#f0eee8")
DARK_GROUNDS = ("#131615", "#1c2120", "#272e2c")
LEAST_CONTRAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum
STEPS = 100
STRONGER = 20  # steps from the accent to the colour under the pointer
SHEET = """:root {{
  --accent: {light[0]};
  --accent-strong: {light[1]};
  --on-accent: #fff;
}}

@media (prefers-color-scheme: dark) {{
  :root {{
    --accent: {dark[0]};
    --accent-strong: {dark[1]};
    --on-accent: #111;
  }}
}}
"""

type RGB = tuple[int, int, int]


def stylesheet(color: str) -> str:
    """The tokens of the accent `color`, which is like #1f5f4a."""
    return SHEET.format(
        light=_shades(color, towards=(0, 0, 0), grounds=LIGHT_GROUNDS),
        dark=_shades(color, towards=(255, 255, 255), grounds=DARK_GROUNDS),
    )


def fingerprint(color: str) -> str:
    """A hash of the stylesheet: browsers keep it, so another sheet has another address."""
    return hashlib.sha256(stylesheet(color).encode()).hexdigest()[:12]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, from 1 to 21."""
    darker, lighter = sorted((_luminance(_parts(one)), _luminance(_parts(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _shades(color: str, *, towards: RGB, grounds: tuple[str, ...]) -> tuple[str, str]:
    """The nearest readable shade of `color`, and a stronger one for what the pointer is on."""
    shades = (_mix(color, towards, step) for step in range(STEPS + 1))
    shade = next(
        each
        for each in shades  # the last one is black or white, which is readable on every ground
        if all(contrast(each, ground) >= LEAST_CONTRAST for ground in grounds)
    )
    return shade, _mix(shade, towards, STRONGER)


def _mix(color: str, towards: RGB, steps: int) -> str:
    """`color` with `steps` of STEPS of the way to `towards`."""
    parts = [
        round(part + (end - part) * steps / STEPS)
        for part, end in zip(_parts(color), towards, strict=True)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _parts(color: str) -> RGB:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(parts: RGB) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in parts)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
