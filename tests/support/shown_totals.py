"""The amounts of an order that a page shows."""


def shown_totals(page: str) -> dict[str, list[int]]:
    """The amounts of the totals that a page shows, in minor units."""
    return {
        name: [
            int(part.split('"')[0]) for part in page.split(f'<dd class="{name}" data-amount="')[1:]
        ]
        for name in ("subtotal", "discount", "shipping", "tax", "total")
    }
