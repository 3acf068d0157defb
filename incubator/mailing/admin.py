"""What was sent to whom, word for word."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import moment
from incubator.common.verbs import NoForm, verb_page

from . import selectors, services
from .models import Mail

COLOURS = {"sent": "success", "waiting": "info", "unclear": "danger"}


class DeliveryFilter(admin.SimpleListFilter):
    title = gettext_lazy("delivery")
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("sent", _("Sent")), ("waiting", _("Waits for the mail server")), ("unclear", _("Unclear"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "sent":
            return queryset.filter(sent_at__isnull=False)
        if self.value() == "waiting":
            return queryset.filter(sent_at=None, claimed_at=None)
        if self.value() == "unclear":
            return selectors.unclear_for(request.user, timezone.now())
        return queryset


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.LEASES, StaffGroup.CREDITS, StaffGroup.CONSULTING, StaffGroup.MATCHING)
    list_display = ("subject", "address", "written", "delivery")
    list_filter = ("topic", DeliveryFilter)
    search_fields = ("subject", "address")
    ordering = ("-made_at", "-pk")
    fields = readonly_fields = (
        "topic",
        "user",
        "address",
        "subject",
        "text",
        "written",
        "delivery",
        "sent_on",
        "attempts",
        "failure",
    )
    actions_detail = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        return selectors.mails_for(request.user)

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        mail = self.get_object(request, str(object_id))
        open_ = mail is not None and mail.is_unclear(timezone.now())
        return super().get_actions_detail(request, object_id) if open_ else []

    @action(
        description=gettext_lazy("Send it again"),
        url_path="send-again",
        permissions=["manage"],
        icon="forward_to_inbox",
    )
    def send_again(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        mail = self.get_object(request, str(object_id))
        if mail is None:
            raise Http404
        return verb_page(
            self,
            request,
            obj=mail,
            form_class=NoForm,
            perform=lambda values: services.send_again(mail=mail, actor=request.user, now=timezone.now()),
            title=_("Send it again: %(subject)s") % {"subject": mail.subject},
            explanation=_(
                "The mail was handed over on %(moment)s and nobody knows whether it arrived. It may arrive twice."
            )
            % {"moment": moment(mail.claimed_at)},
            button=_("Send it again"),
            done=_("The mail is on its way again."),
        )

    @display(description=gettext_lazy("written"), ordering="made_at")
    def written(self, mail: Mail) -> str:
        return moment(mail.made_at)

    @display(description=gettext_lazy("sent"))
    def sent_on(self, mail: Mail) -> str:
        return moment(mail.sent_at)

    @display(description=gettext_lazy("text"))
    def text(self, mail: Mail) -> SafeString:
        return format_html('<pre class="office-letter">{}</pre>', mail.body)

    @display(description=gettext_lazy("delivery"), label=COLOURS)
    def delivery(self, mail: Mail) -> tuple[str, str]:
        if mail.sent_at is not None:
            return "sent", _("Sent")
        if mail.is_unclear(timezone.now()):
            return "unclear", _("Unclear")
        return "waiting", _("On its way") if mail.claimed_at else _("Waits for the mail server")
