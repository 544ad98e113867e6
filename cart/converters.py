class OrderTokenConverter:
    """Match an order's token in an address: what `new_token` returns, and nothing else.

    `/order/buy` doesn't match, so the URL patterns of cart and payments can be in any order.
    """

    regex = "[A-Za-z0-9_-]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
