"""The form with which staff choose what to refund: pieces of each line, an amount, or both."""

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
    # The pieces for which the amount was proposed, and that amount.
    proposed = forms.CharField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, refundable: Refundable, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refundable, self.currency = refundable, currency
        for line in refundable.lines:
            self.fields[_name(line)] = _pieces_field(line)
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
        if self.errors or "all" in self.data or (self.pieces and self.refund_amount >= 0):
            return
        if not has_money:
            self.add_error(None, gettext("Choose the pieces that return to stock."))
        elif "propose" in self.data and not self.pieces:
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
    def needs_proposal(self) -> bool:
        """Whether the amount is missing, or was proposed for other pieces than the chosen ones."""
        if not self.refundable.has_money:
            return False
        amount = self.cleaned_data["amount"]
        pieces, _equals, proposed = self.cleaned_data["proposed"].partition("=")
        return amount is None or (str(amount) == proposed and pieces != _listed(self.pieces))

    def proposing(self, pieces: Mapping[int, int]) -> "RefundForm":
        """Return the form with these pieces chosen and their amount proposed.

        Without pieces, the amount is empty.
        """
        if not pieces:
            return self._choosing(pieces, amount=None, proposed="")
        amount = self.refundable.proposal(pieces)
        units = from_minor(amount, self.currency)
        form = self._choosing(pieces, amount=units, proposed=f"{_listed(pieces)}={amount}")
        if "amount" in form.fields:
            field = form.fields["amount"]
            field.help_text = gettext(
                "Proposed for the chosen pieces. Check it, then press Refund."
            )
            field.widget.attrs["autofocus"] = True
        return form

    def choosing_all(self) -> "RefundForm":
        """Return the form with all pieces chosen. Propose their amount if none was typed."""
        pieces, amount = self.refundable.pieces, self.cleaned_data.get("amount")
        if amount is None or str(amount) == self.cleaned_data["proposed"].partition("=")[2]:
            return self.proposing(pieces)
        return self._choosing(pieces, amount=from_minor(amount, self.currency))

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


def _listed(pieces: Mapping[int, int]) -> str:
    """Write chosen pieces as one text."""
    return ",".join(f"{line}:{quantity}" for line, quantity in sorted(pieces.items()))
