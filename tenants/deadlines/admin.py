"""The managers' side: duties to confirm, looks at the business register, what was sent to whom, and the rules."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin, ServiceModelAdmin
from incubator.common.display import day, moment
from incubator.common.verbs import OptionalReasonForm, ReasonForm, verb_page
from tenants.companies import selectors as companies

from . import selectors, services
from .enums import DutyState, RegistrationStatus
from .models import ClockRules, Duty, DutyKind, RegistrationCheck, Reminder

DUTY_COLOURS = {
    DutyState.SUBMITTED: "info",
    DutyState.CONFIRMED: "success",
    DutyState.REFUSED: "danger",
}
STATUS_COLOURS = {
    RegistrationStatus.ACTIVE: "success",
    RegistrationStatus.SUSPENDED: "warning",
    RegistrationStatus.CLOSED: "danger",
    RegistrationStatus.UNKNOWN: "danger",
}


class DutyForm(forms.ModelForm):
    file = forms.FileField(label=gettext_lazy("Evidence"), required=False, widget=UnfoldAdminFileFieldWidget)

    class Meta:
        model = Duty
        fields = ("company", "kind", "done_on", "valid_until", "reason")


@admin.register(Duty)
class DutyAdmin(ServiceModelAdmin):
    """A manager enters what they have seen, and decides what companies send in."""

    write_groups = (StaffGroup.LEASES,)
    form = DutyForm
    list_display = ("company", "about", "done_day", "until", "state_shown", "file_shown")
    list_display_links = ("company", "about")
    list_filter = ("state", "kind")
    search_fields = ("company__name", "company__name_en")
    ordering = ("-submitted_at", "-pk")
    autocomplete_fields = ("company",)
    fields = ("company", "kind", "done_on", "valid_until", "file", "reason")
    actions_detail = ("confirm", "refuse")
    shown = (
        "company",
        "kind",
        "done_day",
        "until",
        "state_shown",
        "file_shown",
        "submitted_by",
        "sent_in_on",
        "decided_by",
        "decided_on",
        "reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Duty]:
        return selectors.duties_for(request.user).select_related("submitted_by", "decided_by")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._writes(request)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup == "company__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else ()

    def save_model(self, request: HttpRequest, obj: Duty, form: Any, change: bool) -> None:
        values = form.cleaned_data
        made = services.enter_duty(
            company=values["company"],
            kind=values["kind"],
            done_on=values["done_on"],
            valid_until=values["valid_until"],
            evidence=values["file"],
            reason=values["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        obj.__dict__.update(made.__dict__)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        duty = self.get_object(request, str(object_id))
        waits = duty is not None and duty.state == DutyState.SUBMITTED
        return super().get_actions_detail(request, object_id) if waits else []

    def _decision(
        self, request: HttpRequest, object_id: Any, form: Any, service: Any, **page: Any
    ) -> HttpResponse:
        duty = self.get_object(request, str(object_id))
        if duty is None:
            raise Http404
        facts = _("%(company)s, %(kind)s: done on %(done)s, valid until %(until)s.") % {
            "company": duty.company,
            "kind": duty.kind,
            "done": day(duty.done_on),
            "until": day(duty.valid_until),
        }
        return verb_page(
            self,
            request,
            obj=duty,
            form_class=form,
            explanation=facts,
            perform=lambda values: service(duty=duty, actor=request.user, now=timezone.now(), **values),
            **page,
        )

    @action(description=gettext_lazy("Confirm"), url_path="confirm", permissions=["manage"], icon="check")
    def confirm(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._decision(
            request,
            object_id,
            OptionalReasonForm,
            services.confirm_duty,
            title=_("Confirm the evidence"),
            button=_("Confirm it"),
            done=_("The duty is confirmed."),
        )

    @action(
        description=gettext_lazy("Do not accept"), url_path="refuse", permissions=["manage"], icon="close"
    )
    def refuse(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._decision(
            request,
            object_id,
            ReasonForm,
            services.refuse_duty,
            title=_("Do not accept the evidence"),
            button=_("Do not accept it"),
            done=_("The company can send in something else."),
        )

    @display(description=gettext_lazy("kind"), ordering="kind__position")
    def about(self, duty: Duty) -> str:
        return duty.kind.display_name

    @display(description=gettext_lazy("done on"), ordering="done_on")
    def done_day(self, duty: Duty) -> str:
        return day(duty.done_on)

    @display(description=gettext_lazy("valid until"), ordering="valid_until")
    def until(self, duty: Duty) -> str:
        return day(duty.valid_until)

    @display(description=gettext_lazy("sent in"))
    def sent_in_on(self, duty: Duty) -> str:
        return moment(duty.submitted_at)

    @display(description=gettext_lazy("decided"))
    def decided_on(self, duty: Duty) -> str:
        return moment(duty.decided_at)

    @display(description=gettext_lazy("state"), label=DUTY_COLOURS, ordering="state")
    def state_shown(self, duty: Duty) -> tuple[str, str]:
        return duty.state, duty.get_state_display()

    @display(description=gettext_lazy("evidence"))
    def file_shown(self, duty: Duty) -> SafeString | str:
        if not duty.evidence:
            return "–"
        url = reverse("deadlines_office:evidence", args=[duty.pk])
        return format_html('<a href="{}">{}</a>', url, duty.evidence_name)


@admin.register(DutyKind)
class DutyKindAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.LEASES,)
    list_display = ("shown", "months_valid", "grace_days", "audience", "may_be_off", "position", "active")
    fields = (
        "code",
        "name",
        "name_en",
        "months_valid",
        "grace_days",
        "audience",
        "may_be_off",
        "position",
        "active",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DutyKind]:
        return selectors.kinds_for(request.user)

    def save_model(self, request: HttpRequest, obj: DutyKind, form: Any, change: bool) -> None:
        services.change_kind(kind=obj, actor=request.user, **form.cleaned_data)

    @display(description=gettext_lazy("kind of duty"), ordering="position")
    def shown(self, kind: DutyKind) -> str:
        return kind.display_name


@admin.register(RegistrationCheck)
class RegistrationCheckAdmin(ServiceModelAdmin):
    """Looks are added, never changed."""

    write_groups = (StaffGroup.LEASES,)
    list_display = ("company", "status_shown", "checked_day", "source", "note")
    list_filter = ("status", "source")
    search_fields = ("company__name", "company__name_en", "company__business_number")
    ordering = ("-checked_on", "-pk")
    autocomplete_fields = ("company",)
    fields = ("company", "status", "checked_on", "note")
    shown = ("company", "status_shown", "checked_day", "source", "note", "actor", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegistrationCheck]:
        return selectors.checks_for(request.user).select_related("actor")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        asked = request.GET.get("company", "")
        known = asked.isascii() and asked.isdecimal() and len(asked) < 18
        company = companies.companies_for(request.user).filter(pk=asked).first() if known else None
        return {"checked_on": timezone.localdate(), "status": RegistrationStatus.ACTIVE, "company": company}

    def save_model(self, request: HttpRequest, obj: RegistrationCheck, form: Any, change: bool) -> None:
        made = services.enter_check(actor=request.user, now=timezone.now(), **form.cleaned_data)
        obj.__dict__.update(made.__dict__)

    @display(description=gettext_lazy("status"), label=STATUS_COLOURS, ordering="status")
    def status_shown(self, check: RegistrationCheck) -> tuple[str, str]:
        return check.status, check.get_status_display()

    @display(description=gettext_lazy("looked up on"), ordering="checked_on")
    def checked_day(self, check: RegistrationCheck) -> str:
        return day(check.checked_on)


class SentFilter(admin.SimpleListFilter):
    title = gettext_lazy("delivery")
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("sent", _("Sent")), ("waiting", _("Not sent yet")), ("superseded", _("Superseded"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "sent":
            return queryset.filter(digest__sent_at__isnull=False)
        if self.value() == "waiting":
            return queryset.filter(superseded=False, digest__sent_at=None)
        return queryset.filter(superseded=True) if self.value() == "superseded" else queryset


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    """Everything that was sent to whom, and what a nearer one stood for."""

    list_display = ("label", "company", "due_day", "stage", "who", "planned_day", "sent")
    list_filter = (SentFilter, "kind", "stage")
    search_fields = ("company__name", "recipient__name", "label")
    ordering = ("-made_at", "-pk")
    fields = readonly_fields = (
        "kind",
        "label",
        "company",
        "due_day",
        "stage",
        "who",
        "planned_day",
        "sent",
        "letter",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reminder]:
        return selectors.reminders_for(request.user).annotate(sent_at=F("digest__sent_at"))

    @display(description=gettext_lazy("due"), ordering="due_on")
    def due_day(self, reminder: Reminder) -> str:
        return day(reminder.due_on)

    @display(description=gettext_lazy("planned"), ordering="planned_on")
    def planned_day(self, reminder: Reminder) -> str:
        return day(reminder.planned_on)

    @display(description=gettext_lazy("recipient"), ordering="recipient__name")
    def who(self, reminder: Reminder) -> str:
        return reminder.recipient.name if reminder.recipient else _("the company's own address")

    @display(description=gettext_lazy("sent"))
    def sent(self, reminder: Any) -> str:
        if reminder.superseded:
            return _("superseded by a nearer one")
        return moment(reminder.sent_at) if reminder.sent_at else _("not sent yet")

    @display(description=gettext_lazy("mail"))
    def letter(self, reminder: Reminder) -> SafeString | str:
        if reminder.digest_id is None:
            return "–"
        url = reverse("admin:mailing_mail_change", args=[reminder.digest_id])
        return format_html('<a href="{}">{}</a>', url, _("Read the mail"))


@admin.register(ClockRules)
class ClockRulesAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.LEASES,)
    may_add = False
    list_display = ("__str__", "recheck_months")
    fields = ("recheck_months",)

    def save_model(self, request: HttpRequest, obj: ClockRules, form: Any, change: bool) -> None:
        services.change_rules(rules=obj, actor=request.user, **form.cleaned_data)
