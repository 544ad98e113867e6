"""Notes by staff, written on the page of an order."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from cart.forms import first_error
from cart.models import Order, StaffNote
from payments.admin.shipped import may_ship
from web.http import post_only


class NoteForm(forms.ModelForm):
    class Meta:
        model = StaffNote
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "cols": 60})}


@post_only("admin:cart_order_change", "order_id")
def add_note(request: HttpRequest, order_id: int) -> HttpResponse:
    """Add a note and go back to the order. Raises PermissionDenied."""
    if not may_ship(request):
        raise PermissionDenied
    order = get_object_or_404(Order, pk=order_id)
    written = StaffNote(order=order, written_by=request.user.get_username())
    form = NoteForm(request.POST, instance=written)
    if form.is_valid():
        form.save()
        messages.success(request, gettext("The note was saved."))
    else:
        messages.error(request, first_error(form))
    return HttpResponseRedirect(reverse("admin:cart_order_change", args=[order.pk]))
