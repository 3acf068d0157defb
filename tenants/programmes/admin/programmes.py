"""Programmes with their dates: planned, published, called off, and who came to what."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.audit.services import note_access
from incubator.common.admin import RoleTabularInline, ServiceModelAdmin
from incubator.common.display import day_short, moment
from incubator.common.downloads import Cell, xlsx_response
from incubator.common.verbs import NoForm, ReasonForm, verb_page
from tenants.companies import selectors as companies
from tenants.programmes import selectors, services
from tenants.programmes.enums import Presence, ProgrammeState, SignUpState
from tenants.programmes.models import Meeting, Programme, SignUp

WRITERS = (StaffGroup.CONSULTING,)
COLOURS = {"draft": "default", "open": "success", "running": "info", "over": "primary", "off": "danger"}


class MeetingForm(forms.ModelForm):
    """A date of the programme; a reason under "called off because" calls it off."""

    starts = forms.SplitDateTimeField(label=_("from"), widget=UnfoldAdminSplitDateTimeWidget)
    ends = forms.SplitDateTimeField(label=_("until"), widget=UnfoldAdminSplitDateTimeWidget)
    online_url = forms.URLField(
        label=_("online address"),
        required=False,
        max_length=400,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Meeting
        fields = ("subject", "place", "room", "address", "off_reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(
                starts=self.instance.starts, ends=self.instance.ends, online_url=self.instance.online_url
            )

    def _post_clean(self) -> None:
        """The service checks the meeting."""


class MeetingInline(RoleTabularInline):
    model = Meeting
    form = MeetingForm
    write_groups = WRITERS
    tab = False
    fields = ("starts", "ends", "subject", "place", "room", "online_url", "address", "off_reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        return selectors.meetings_for(request.user).select_related("room", "link")


class PresenceForm(forms.Form):
    """Made anew for each programme."""

    meeting = forms.TypedChoiceField(label=_("Meeting"), coerce=int, widget=UnfoldAdminSelectWidget)
    person = forms.TypedChoiceField(label=_("Participant"), coerce=int, widget=UnfoldAdminSelectWidget)
    presence = forms.ChoiceField(
        label=_("Attendance"), choices=Presence.choices, widget=UnfoldAdminSelectWidget
    )


class MemberForm(forms.Form):
    """Whom the office signs up in a company's stead."""

    member: Any = forms.ModelChoiceField(label=_("Person"), queryset=None, widget=UnfoldAdminSelectWidget)
    wait = forms.BooleanField(label=_("On the waiting list, if all seats are taken"), required=False)


class FileForm(forms.Form):
    file = forms.FileField(label=_("File"), widget=UnfoldAdminFileFieldWidget)


@admin.register(Programme)
class ProgrammeAdmin(ServiceModelAdmin):
    write_groups = WRITERS
    inlines = (MeetingInline,)
    list_display = ("title", "kind", "shown_teacher", "shown_seats", "shown_closes", "shown_state")
    list_filter = ("state", "kind", "topic")
    search_fields = ("title", "title_en", "teacher_name", "adviser__name")
    autocomplete_fields = ("adviser",)
    actions_detail = (
        "publish",
        "sheet",
        "record",
        "sign_someone_up",
        "hand_out",
        "certify",
        "call_off",
    )
    fieldsets = (
        (None, {"fields": (("title", "title_en"), "description", "description_en")}),
        (_("What and who"), {"fields": (("kind", "topic", "language"), ("adviser", "teacher_name"))}),
        (
            _("Sign-up"),
            {"fields": (("seats", "attendance_needed"), ("opens_at", "closes_at"), "shown_state")},
        ),
    )
    readonly_fields = ("shown_state",)
    written = (
        "title",
        "title_en",
        "description",
        "description_en",
        "kind",
        "topic",
        "language",
        "adviser",
        "teacher_name",
        "seats",
        "attendance_needed",
        "opens_at",
        "closes_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Programme]:
        return selectors.programmes_for(request.user).select_related("adviser")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def found(self, request: HttpRequest, object_id: Any) -> Programme:
        found: Programme = get_object_or_404(self.get_queryset(request), pk=object_id)
        return found

    @display(description=_("state"), label=COLOURS, ordering="state")
    def shown_state(self, programme: Programme) -> tuple[str, str]:
        return programme.state, programme.get_state_display()

    @display(description=_("teacher"))
    def shown_teacher(self, programme: Programme) -> str:
        return programme.teacher

    @display(description=_("seats"))
    def shown_seats(self, programme: Programme) -> str:
        waiting = f" + {programme.waiting}" if programme.waiting else ""
        return f"{programme.taken} / {programme.seats}{waiting}"

    @display(description=_("sign-up until"), ordering="closes_at")
    def shown_closes(self, programme: Programme) -> str:
        return moment(programme.closes_at)

    def save_model(self, request: HttpRequest, obj: Programme, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in self.written}
        if change:
            kept = services.change_programme(programme=obj, actor=request.user, now=timezone.now(), **values)
        else:
            kept = services.create_programme(actor=request.user, **values)
        obj.__dict__.update(kept.__dict__)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for each in formset.forms:
            if not each.has_changed():
                continue
            values = dict(each.cleaned_data)
            reason = values.pop("off_reason")
            for name in ("id", "programme"):
                values.pop(name, None)
            by: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
            if each.instance.pk is None:
                made = services.plan_meeting(programme=form.instance, **values, **by)
                formset.new_objects.append(made)
            elif reason and not each.instance.is_off:
                made = services.call_off_meeting(meeting=each.instance, reason=reason, **by)
                formset.changed_objects.append((made, each.changed_data))
            else:
                made = services.change_meeting(meeting=each.instance, **values, **by)
                formset.changed_objects.append((made, each.changed_data))

    @action(description=_("Publish"), url_path="publish", permissions=["verb"], icon="campaign")
    def publish(self, request: HttpRequest, object_id: int) -> HttpResponse:
        programme = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=programme,
            form_class=NoForm,
            title=gettext("Publish %(programme)s") % {"programme": programme},
            explanation=_("All companies see it from now on, and sign up within its window."),
            button=_("Publish"),
            done=_("The programme is published."),
            perform=lambda values: services.publish_programme(
                programme=programme, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Call off"), url_path="call-off", permissions=["verb"], icon="event_busy")
    def call_off(self, request: HttpRequest, object_id: int) -> HttpResponse:
        programme = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=programme,
            form_class=ReasonForm,
            title=gettext("Call off %(programme)s") % {"programme": programme},
            explanation=_(
                "Everyone with a seat or on the waiting list is told by e-mail, and the teacher. "
                "The time of teacher and rooms is free again."
            ),
            button=_("Call off the programme"),
            done=_("The programme is called off; everyone is told by e-mail."),
            perform=lambda values: services.call_off_programme(
                programme=programme, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Attendance sheet"), url_path="sheet", permissions=["view"], icon="table_view")
    def sheet(self, request: HttpRequest, object_id: int) -> HttpResponse:
        programme = self.found(request, object_id)
        people = list(
            selectors.sign_ups_for(request.user)
            .filter(programme=programme, state=SignUpState.SIGNED)
            .select_related("person", "company")
            .order_by("company__name", "person__name", "pk")
        )
        note_access(request, "company", {each.company_id for each in people}, task="attendance sheet")
        return xlsx_response(f"attendance-{programme.pk}", sheet_rows(programme, people, request.user))

    @action(description=_("Record attendance"), url_path="record", permissions=["verb"], icon="how_to_reg")
    def record(self, request: HttpRequest, object_id: int) -> HttpResponse:
        programme = self.found(request, object_id)
        meetings = {
            each.pk: each
            for each in selectors.meetings_for(request.user)
            .filter(programme=programme, is_off=False)
            .select_related("programme")
        }
        people = {
            each.pk: each
            for each in selectors.sign_ups_for(request.user)
            .filter(programme=programme, state=SignUpState.SIGNED)
            .select_related("person", "company")
        }

        class Form(PresenceForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                dates = [(pk, str(each)) for pk, each in meetings.items()]
                self.fields["meeting"].choices = dates  # type: ignore[attr-defined]
                names = [(pk, str(each)) for pk, each in people.items()]
                self.fields["person"].choices = names  # type: ignore[attr-defined]

        def perform(values: Mapping[str, Any]) -> None:
            services.record_attendance(
                meeting=meetings[values["meeting"]],
                sign_up=people[values["person"]],
                presence=values["presence"],
                actor=request.user,
                now=timezone.now(),
            )

        return verb_page(
            self,
            request,
            obj=programme,
            form_class=Form,
            title=gettext("Record attendance of %(programme)s") % {"programme": programme},
            explanation=_("The last word counts; what was recorded before stays in the history."),
            button=_("Record"),
            done=_("The attendance is recorded."),
            perform=perform,
        )

    @action(description=_("Sign someone up"), url_path="sign-up", permissions=["verb"], icon="person_add")
    def sign_someone_up(self, request: HttpRequest, object_id: int) -> HttpResponse:
        programme = self.found(request, object_id)
        members = companies.members_for(request.user).filter(user__is_active=True)

        class Form(MemberForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                found = members.select_related("company", "user").order_by("company__name", "pk")
                self.fields["member"].queryset = found  # type: ignore[attr-defined]

        return verb_page(
            self,
            request,
            obj=programme,
            form_class=Form,
            title=gettext("Sign someone up for %(programme)s") % {"programme": programme},
            button=_("Sign up"),
            done=_("The person is signed up."),
            perform=lambda values: services.sign_up(
                programme=programme,
                company=values["member"].company,
                person=values["member"].user,
                wait=values["wait"],
                actor=request.user,
                now=timezone.now(),
            ),
        )

    @action(description=_("Hand out a file"), url_path="hand-out", permissions=["verb"], icon="attach_file")
    def hand_out(self, request: HttpRequest, object_id: int) -> HttpResponse:
        programme = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=programme,
            form_class=FileForm,
            title=gettext("Hand out a file to the participants of %(programme)s") % {"programme": programme},
            button=_("Hand out the file"),
            done=_("The participants can read the file now."),
            perform=lambda values: services.add_material(
                programme=programme, file=values["file"], actor=request.user, now=timezone.now()
            ),
        )

    @action(
        description=_("Issue certificates"),
        url_path="certify",
        permissions=["verb"],
        icon="workspace_premium",
    )
    def certify(self, request: HttpRequest, object_id: int) -> HttpResponse:
        programme = self.found(request, object_id)

        def perform(values: Mapping[str, Any]) -> None:
            people = (
                selectors.sign_ups_for(request.user)
                .filter(programme=programme, state=SignUpState.SIGNED)
                .select_related("programme", "company", "person")
            )
            new = services.issue_all(
                sign_ups=list(people), language="ko", actor=request.user, now=timezone.now()
            )
            text = ngettext("%(count)s certificate is new.", "%(count)s certificates are new.", new)
            messages.info(request, text % {"count": new})

        return verb_page(
            self,
            request,
            obj=programme,
            form_class=NoForm,
            title=gettext("Issue the certificates of %(programme)s") % {"programme": programme},
            explanation=_("Everyone who attended enough gets one; whoever has one keeps it."),
            button=_("Issue certificates"),
            done=_("Everyone who attended enough has a certificate."),
            perform=perform,
        )


def sheet_rows(programme: Programme, people: list[SignUp], user: Any) -> Iterator[list[Cell]]:
    """The attendance sheet: a line a participant, a column a meeting, and how much was attended."""
    meetings = list(selectors.meetings_for(user).filter(programme=programme, is_off=False).order_by("period"))
    recorded = {
        (each.sign_up_id, each.meeting_id): each.get_presence_display()
        for each in selectors.attendances_for(user).filter(programme=programme)
    }
    shares = selectors.shares(people, user)
    over = programme.state == ProgrammeState.OVER
    yield [
        gettext("Company"),
        gettext("Participant"),
        *(str(day_short(each.starts)) for each in meetings),
        gettext("Attended"),
        gettext("Counted"),
        gettext("Per cent"),
        gettext("Certificate"),
    ]
    for each in people:
        share = shares[each.pk]
        enough = gettext("yes") if share.suffices(programme.attendance_needed) else gettext("no")
        yield [
            each.company.name,
            each.person.name,
            *(recorded.get((each.pk, meeting.pk), "") for meeting in meetings),
            share.attended,
            share.counted,
            share.per_cent,
            enough if over else "",
        ]
