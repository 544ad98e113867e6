"""The bounds of metadata (docs.stripe.com/metadata)."""

from stripe_sandbox.errors import StripeError


def check_metadata(metadata: dict[str, str], name: str) -> None:
    if len(metadata) > 50:
        raise StripeError(
            f"You can have up to 50 metadata keys, but you passed {len(metadata)}.", param=name
        )
    for key, value in metadata.items():
        if len(key) > 40:
            raise StripeError(
                "Metadata keys can have up to 40 characters, but you passed in a key that is "
                f"{len(key)} characters. Invalid key: {key[:40]}",
                param=name,
            )
        if len(value) > 500:
            raise StripeError(
                "Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{len(value)} characters. Invalid value: {value[:40]}",
                param=name,
            )
