"""Calls: built here by people who are no programmers, taken from state to state, assigned, ranked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from incubator.accounts import services as invitations
from incubator.accounts.enums import Kind, StaffGroup
from incubator.common.admin import RoleStackedInline, RoleTabularInline
from incubator.common.display import moment
from incubator.common.errors import refusing
from incubator.common.verbs import verb_page
from tenants.intake import selectors, services
from tenants.intake.enums import NEXT_STATES, ApplicationState, CallState
from tenants.intake.models import Call, CallFile, Criterion, Question, Reviewer
from tenants.intake.ranking import shown

from .base import IntakeAdmin

_COLOURS = {
    CallState.DRAFT: "default",
    CallState.OPEN: "success",
    CallState.SCREENING: "info",
    CallState.REVIEW: "info",
    CallState.DECIDED: "primary",
    CallState.CLOSED: "default",
}


class QuestionInline(RoleStackedInline):
    model = Question
    write_groups = (StaffGroup.LEASES,)
    may_delete = True
    tab = True
    fields = (
        ("order", "kind", "required"),
        "section",
        ("text", "text_en"),
        ("help", "help_en"),
        "options",
        ("most", "identifying"),
    )


class CriterionInline(RoleTabularInline):
    model = Criterion
    write_groups = (StaffGroup.LEASES,)
    may_delete = True
    fields = ("order", "name", "name_en", "weight", "anchor_low", "anchor_middle", "anchor_high")


class CallFileInline(RoleTabularInline):
    model = CallFile
    write_groups = (StaffGroup.LEASES,)
    may_delete = True
    fields = ("file",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReviewerInline(RoleTabularInline):
    model = Reviewer
    write_groups = (StaffGroup.LEASES,)
    fields = ("user", "maximum")
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reviewer]:
        return selectors.reviewers_for(request.user)


def move_form(call: Call) -> type[forms.Form]:
    """With the states that the call may have next."""
    states = [(state, CallState(state).label) for state in NEXT_STATES[call.state]]

    class MoveForm(forms.Form):
        state = forms.ChoiceField(label=_("Next state"), choices=states, widget=UnfoldAdminSelectWidget)

    return MoveForm


class NothingForm(forms.Form):
    """Nothing to be told: the button alone."""


class InviteForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)


@admin.register(Call)
class CallAdmin(IntakeAdmin):
    list_display = ("title", "shown_state", "shown_opens", "shown_closes", "places", "came_in", "accepted")
    list_filter = ("state",)
    search_fields = ("title", "title_en")
    inlines = (QuestionInline, CriterionInline, CallFileInline, ReviewerInline)
    actions_detail = ("ranking", "move", "assign", "invite_reviewer")
    fieldsets = (
        (None, {"fields": (("title", "title_en"), "body", "body_en")}),
        (_("When and how many"), {"fields": (("opens_at", "closes_at"), ("places", "keep_months"))}),
        (_("Review"), {"fields": (("reviews_each", "blind"), "shown_state")}),
    )
    readonly_fields = ("shown_state",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        submitted = Q(applications__submitted_at__isnull=False)
        return selectors.calls_for(request.user).annotate(
            count_in=Count("applications", filter=submitted),
            count_accepted=Count("applications", filter=Q(applications__state=ApplicationState.ACCEPTED)),
        )

    @display(description=_("state"), label=_COLOURS)
    def shown_state(self, call: Call) -> tuple[str, str]:
        return call.state, call.get_state_display()

    @display(description=_("opens"), ordering="opens_at")
    def shown_opens(self, call: Call) -> str:
        return moment(call.opens_at)

    @display(description=_("closes"), ordering="closes_at")
    def shown_closes(self, call: Call) -> str:
        return moment(call.closes_at)

    @display(description=_("applications"), ordering="count_in")
    def came_in(self, call: Any) -> int:
        count: int = call.count_in
        return count

    @display(description=_("accepted"), ordering="count_accepted")
    def accepted(self, call: Any) -> str:
        return f"{call.count_accepted} / {call.places}"

    def save_model(self, request: HttpRequest, obj: Call, form: Any, change: bool) -> None:
        services.save_call(call=obj, actor=request.user, now=timezone.now())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is CallFile:
            for attached in formset.save(commit=False):
                services.attach_to_call(
                    call=form.instance, file=attached.file, actor=request.user, now=timezone.now()
                )
            for attached in formset.deleted_objects:
                attached.delete()
            return
        with refusing(services.FROZEN):
            formset.save()
        if formset.model is Reviewer:
            services.find_conflicts(form.instance)

    @action(description=_("Ranking"), url_path="ranking", permissions=["view"], icon="leaderboard")
    def ranking(self, request: HttpRequest, object_id: int) -> HttpResponse:
        call = self.found(request, object_id)
        rows = [
            {
                "standing": each,
                "total": shown(each.ranked.total),
                "spread": shown(each.ranked.spread),
                "reviews": [shown(one) for one in each.ranked.reviews],
            }
            for each in selectors.ranking_for(request.user, call)
        ]
        counts = selectors.counts_by_state(call)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Ranking: %(call)s") % {"call": call},
            "call": call,
            "criteria": list(call.criteria.all()),
            "rows": rows,
            "accepted": counts.get(ApplicationState.ACCEPTED, 0),
            "may_decide": self._writes(request),
        }
        return TemplateResponse(request, "admin/intake/ranking.html", context)

    @action(description=_("Next state"), url_path="move", permissions=["verb"], icon="arrow_forward")
    def move(self, request: HttpRequest, object_id: int) -> HttpResponse:
        call = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=call,
            form_class=move_form(call),
            title=gettext("%(call)s is: %(state)s") % {"call": call, "state": call.get_state_display()},
            explanation=_(
                "Published calls are on the public pages. Screening begins when the call has closed, review when "
                "applications are screened; it is decided when every eligible application is."
            ),
            button=_("Go on"),
            done=_("The call has a new state."),
            perform=lambda values: services.move_call(
                call=call, state=values["state"], actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Assign reviewers"), url_path="assign", permissions=["verb"], icon="group_add")
    def assign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        call = self.found(request, object_id)

        def perform(values: Any) -> None:
            done = services.assign_reviews(call=call, actor=request.user, now=timezone.now())
            messages.info(request, gettext("%(count)s reviews were assigned.") % {"count": done.made})
            if done.missing:
                short = sum(done.missing.values())
                said = gettext(
                    "%(count)s reviews have no reviewer: all are full or have a conflict of interest."
                )
                messages.warning(request, said % {"count": short})

        return verb_page(
            self,
            request,
            obj=call,
            form_class=NothingForm,
            title=_("Assign reviewers to every eligible application"),
            explanation=gettext(
                "Each gets %(each)s reviews, as evenly as the reviewers' own limits and their conflicts of interest allow. "
                "What is assigned already stays."
            )
            % {"each": call.reviews_each},
            button=_("Assign now"),
            done=_("The assignment is made."),
            perform=perform,
        )

    @action(description=_("Invite a reviewer"), url_path="invite", permissions=["verb"], icon="person_add")
    def invite_reviewer(self, request: HttpRequest, object_id: int) -> HttpResponse:
        call = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=call,
            form_class=InviteForm,
            title=gettext("Invite somebody to review: %(call)s") % {"call": call},
            explanation=_("They get an account that opens their assigned applications, and nothing else."),
            button=_("Send the invitation"),
            done=_("The invitation is on its way."),
            perform=lambda values: invitations.invite(
                **values,
                kind=Kind.REVIEWER,
                scope_id=call.pk,
                actor=request.user,
                now=timezone.now(),
                base_url=request.build_absolute_uri("/"),
            ),
        )
