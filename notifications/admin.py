"""Mails in the admin: read-only, with their state; staff can send a failed one again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.models import Mail
from notifications.sending import send_again
from payments.admin.orders import OrderAdmin


class ReadOnlyMails(admin.options.BaseModelAdmin):
    """Staff can look at mails, and change nothing."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


@admin.register(Mail)
class MailAdmin(ReadOnlyMails, admin.ModelAdmin):
    list_display = ["created_at", "reason", "about", "to", "state", "sent_at", "last_error"]
    list_filter = ["state", "reason"]
    list_select_related = ["order", "item"]
    search_fields = ["order__number", "to", "item__name"]
    show_full_result_count = False
    fields = [
        *("reason", "order", "item", "reference", "to", "state", "created_at", "sent_at"),
        *("tries", "failing_since", "next_try_at", "last_error", "message_id"),
    ]
    actions = ["send_again"]

    @admin.display(description=_("about"))
    def about(self, mail: Mail) -> str:
        return str(mail.order or mail.item)

    @admin.action(description=_("Send failed mails again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        count = send_again(queryset, at=timezone.now())
        text = ngettext("%s mail is sent again.", "%s mails are sent again.", count)
        self.message_user(request, text % count)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_mail")


class MailInline(ReadOnlyMails, admin.TabularInline):
    """The mails about an order, on its page."""

    model = Mail
    fields = ["created_at", "reason", "to", "state", "sent_at", "last_error"]
    show_change_link = True
    extra = 0
    classes = ["collapse"]


OrderAdmin.inlines.append(MailInline)
