"""The form with which staff choose what to refund: pieces, shipping, an amount, or all of these."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.models import RefundReason
from payments.refunds.proposal import Refundable, RefundableLine
from store.amount_errors import decimals_error
from store.money import InvalidAmount, from_minor, to_minor


class RefundForm(forms.Form):
    """A refund of what is `refundable`. The hidden `key` makes a double click one refund.

    Where no money can be refunded, the form has only the pieces, and they return to the stock.
    """

    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=15,
        required=False,
        help_text=_("Leave it empty to see the amount that is proposed for the chosen pieces."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=RefundReason)
    restock = forms.BooleanField(
        label=_("Return the chosen pieces to stock"), required=False, initial=True
    )
    shipping = forms.BooleanField(label=_("Shipping"), required=False)
    # What was chosen when the amount was proposed, and that amount.
    proposed = forms.CharField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, refundable: Refundable, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refundable, self.currency = refundable, currency
        for line in refundable.lines:
            self.fields[_name(line)] = _pieces_field(line)
        if not refundable.shipping_amount:
            del self.fields["shipping"]
        if not refundable.has_money:
            for name in ("amount", "reason", "restock", "proposed"):
                del self.fields[name]

    def clean_amount(self) -> int | None:
        """Convert units of the currency to minor units. Raises ValidationError."""
        typed = self.cleaned_data["amount"]
        try:
            return None if typed is None else to_minor(typed, self.currency)
        except InvalidAmount:
            raise ValidationError(decimals_error(self.currency)) from None

    def clean(self) -> None:
        """Check that something is refunded: money, or pieces."""
        has_money = self.refundable.has_money
        if not has_money and ("amount" in self.data or not self.refundable.pieces):
            text = gettext("Nothing was done: this payment has changed since you opened the page.")
            self.add_error(None, text)
        has_choice = bool(self.pieces) or self.refunds_shipping
        # Pieces can be given back for nothing, shipping can't.
        is_nothing = self.refunds_shipping and self.cleaned_data.get("amount") == 0
        is_complete = has_choice and self.refund_amount >= 0 and not is_nothing
        if self.errors or "all" in self.data or is_complete:
            return
        if not has_money:
            self.add_error(None, gettext("Choose the pieces that return to stock."))
        elif "propose" in self.data and not has_choice:
            self.add_error(None, gettext("Choose the pieces to propose an amount for."))
        elif self.cleaned_data["amount"] is None:
            self.add_error("amount", gettext("Enter an amount, or choose pieces."))
        elif self.refund_amount <= 0:
            self.add_error("amount", gettext("The amount must be more than zero."))

    @property
    def rows(self) -> Iterator[tuple[RefundableLine, forms.BoundField]]:
        """Each line with its field."""
        for line in self.refundable.lines:
            yield line, self[_name(line)]

    @property
    def refund_amount(self) -> int:
        """In minor units; 0 where only pieces are given back."""
        return self.cleaned_data.get("amount") or 0

    @property
    def pieces(self) -> dict[int, int]:
        """How many pieces were chosen, by the primary key of their line."""
        names = {line.line.pk: _name(line) for line in self.refundable.lines}
        chosen = {line: self.cleaned_data.get(name) for line, name in names.items()}
        return {line: quantity for line, quantity in chosen.items() if quantity}

    @property
    def refunds_shipping(self) -> bool:
        return bool(self.cleaned_data.get("shipping"))

    @property
    def needs_proposal(self) -> bool:
        """Whether the amount is missing, or was proposed for another choice."""
        if not self.refundable.has_money:
            return False
        amount = self.cleaned_data["amount"]
        chosen, _equals, proposed = self.cleaned_data["proposed"].partition("=")
        is_other = chosen != _listed(self.pieces, self.refunds_shipping)
        return amount is None or (str(amount) == proposed and is_other)

    def proposing(self, pieces: Mapping[int, int], *, shipping: bool) -> "RefundForm":
        """Return the form with this choice and the amount that is proposed for it.

        Without a choice, the amount is empty.
        """
        if not (pieces or shipping):
            return self._choosing(pieces, shipping=False, amount=None, proposed="")
        amount = self.refundable.proposal(pieces, shipping=shipping)
        values = {"shipping": shipping, "amount": from_minor(amount, self.currency)}
        proposed = f"{_listed(pieces, shipping)}={amount}"
        form = self._choosing(pieces, proposed=proposed, **values)
        if "amount" in form.fields:
            field = form.fields["amount"]
            field.help_text = gettext(
                "Proposed for the chosen pieces. Check it, then press Refund."
            )
            field.widget.attrs["autofocus"] = True
        return form

    def choosing_all(self) -> "RefundForm":
        """Return the form with everything chosen. Propose the amount if none was typed."""
        pieces, amount = self.refundable.pieces, self.cleaned_data.get("amount")
        shipping = self.refundable.shipping_amount > 0
        if amount is None or str(amount) == self.cleaned_data["proposed"].partition("=")[2]:
            return self.proposing(pieces, shipping=shipping)
        units = from_minor(amount, self.currency)
        return self._choosing(pieces, shipping=shipping, amount=units)

    def _choosing(self, pieces: Mapping[int, int], **values: Any) -> "RefundForm":
        initial = self.cleaned_data | values
        initial |= {f"pieces-{line}": quantity for line, quantity in pieces.items()}
        return RefundForm(initial=initial, refundable=self.refundable, currency=self.currency)


def _name(line: RefundableLine) -> str:
    return f"pieces-{line.line.pk}"


def _pieces_field(line: RefundableLine) -> forms.IntegerField:
    return forms.IntegerField(
        label=line.line.name, min_value=0, max_value=line.left_quantity, required=False, initial=0
    )


def _listed(pieces: Mapping[int, int], shipping: bool) -> str:
    """Write what was chosen as one text."""
    chosen = [f"{line}:{quantity}" for line, quantity in sorted(pieces.items())]
    return ",".join([*chosen, *(["shipping"] if shipping else [])])
