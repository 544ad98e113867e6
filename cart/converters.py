class OrderTokenConverter:
    """An order's token in an address, exactly as `new_token` makes it.

    `/order/buy` can't match, so the order in which the apps' addresses are included doesn't matter.
    """

    regex = "[A-Za-z0-9_-]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
