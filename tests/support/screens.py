"""Whether a page holds on a small screen, with large text, and by keyboard."""

from playwright.sync_api import Page

# The first element with text or a button that is partly outside of the screen, left or right.
CUT_OFF = """() => [...document.querySelectorAll("header *, main *, footer *")].find((each) => {
  const { left, right } = each.getBoundingClientRect();
  return each.checkVisibility() && !each.closest(".visually-hidden")
    && !each.parentElement.closest(".link-row, .large-pictures")  // which scrolls
    && (left < -1 || right > document.documentElement.clientWidth + 1);
})?.outerHTML ?? ''
"""
# The elements that Tab must reach, in their order in the page.
CONTROLS = """() => [...document.querySelectorAll(
    "a[href], button, summary, select, input:not([type=hidden], [type=radio]:not(:checked)), iframe"
  )].filter((each) => !each.disabled && each.checkVisibility())"""
# The place of the focused element in that list, and whether a ring of at least 2 px is around it.
FOCUSED = f"""() => {{
  const element = document.activeElement;
  const rings = [getComputedStyle(element), getComputedStyle(element, "::after")];
  const isVisible = (ring) => ring.outlineStyle !== "none" && parseInt(ring.outlineWidth) > 1;
  const hasRing = rings.some(isVisible) || element.matches("iframe");
  return [({CONTROLS})().indexOf(element), hasRing];
}}"""
# The names of the visible buttons that are filled with the accent, and not only framed.
FILLED = """() => {
  const probe = document.body.appendChild(document.createElement("p"));
  probe.style.color = "var(--accent)";
  const accent = getComputedStyle(probe).color;
  probe.remove();
  return [...document.querySelectorAll("main .button")]
    .filter((each) => each.checkVisibility())
    .filter((each) => getComputedStyle(each).backgroundColor === accent)
    .map((each) => each.innerText.trim().split("\\n")[0]);
}"""
INSIDE_FRAMES = 20  # more presses of Tab than Stripe's form has fields


def assert_nothing_is_cut_off(page: Page) -> None:
    page.wait_for_load_state()  # a page without its style sheets is wider
    cut_off = page.evaluate(CUT_OFF)
    assert not cut_off, cut_off
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def assert_fits(page: Page, width: int, *, text_size: str = "100%") -> None:
    """Nothing is cut off or scrolls sideways at this width."""
    page.set_viewport_size({"width": width, "height": 700})
    page.evaluate("size => { document.documentElement.style.fontSize = size }", text_size)
    assert_nothing_is_cut_off(page)


def filled_buttons(page: Page) -> list[str]:
    names: list[str] = page.evaluate(FILLED)
    return names


def assert_tab_reaches_everything(page: Page) -> None:
    """Tab goes to every control, in the order of the page, and the focus is always visible."""
    count = page.evaluate(f"({CONTROLS})().length")
    reached: list[int] = []
    for _ in range(count + INSIDE_FRAMES):
        page.keyboard.press("Tab")
        place, has_ring = page.evaluate(FOCUSED)
        if place in reached[-1:] or place == -1:
            continue  # inside a frame, or between the page's end and its start
        if place in reached:
            break
        assert has_ring, page.evaluate("document.activeElement.outerHTML")
        reached.append(place)
    assert reached, "Tab reaches nothing"
    first = reached[0]
    assert reached == [*range(first, count), *range(first)]
