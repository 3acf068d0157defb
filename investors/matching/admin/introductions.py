"""Introductions from the question to the outcome, and the consents that companies gave."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import day, moment
from incubator.common.verbs import verb_page
from investors.matching import selectors, services
from investors.matching.enums import OUTCOMES, DisclosureItem, IntroductionState
from investors.matching.models import REASON_LIMIT, DisclosureGrant, Introduction

WRITERS = (StaffGroup.MATCHING,)
_COLOURS = {
    IntroductionState.ASKED: "warning",
    IntroductionState.CONSENTED: "info",
    IntroductionState.SENT: "info",
    IntroductionState.MET: "primary",
    IntroductionState.INVESTED: "success",
    IntroductionState.DECLINED: "default",
    IntroductionState.PASSED: "default",
    IntroductionState.WITHDRAWN: "danger",
}


def _items(codes: list[str]) -> str:
    return ", ".join(str(DisclosureItem(code).label) for code in codes)


class OutcomeForm(forms.Form):
    state = forms.ChoiceField(
        label=_("What happened"),
        choices=[(state, state.label) for state in OUTCOMES],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=REASON_LIMIT,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The company reads it."),
    )


class CallOffForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=REASON_LIMIT,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The company reads it."),
    )


@admin.register(Introduction)
class IntroductionAdmin(ReadOnlyAdmin):
    write_groups = WRITERS
    list_display = ("company", "firm", "shown_state", "made_on", "answered_on", "changed_on", "note")
    list_display_links = ("company",)
    list_filter = ("state", "firm__kind")
    search_fields = ("company__name", "company__name_en", "firm__name")
    fields = readonly_fields = (
        "company",
        "firm",
        "state",
        "shown_items",
        "shown_until",
        "message",
        "made_by",
        "made_on",
        "answered_on",
        "changed_on",
        "note",
    )
    actions_detail = ("record", "call_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Introduction]:
        return selectors.introductions_for(request.user).select_related("made_by").order_by("-made_at", "-pk")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, introduction: Introduction) -> tuple[str, str]:
        return introduction.state, introduction.get_state_display()

    @display(description=_("items asked for"))
    def shown_items(self, introduction: Introduction) -> str:
        return _items(introduction.items)

    @display(description=_("shown until"), ordering="until")
    def shown_until(self, introduction: Introduction) -> str:
        return day(introduction.until)

    @display(description=_("asked"), ordering="made_at")
    def made_on(self, introduction: Introduction) -> str:
        return day(introduction.made_at)

    @display(description=_("answered"), ordering="answered_at")
    def answered_on(self, introduction: Introduction) -> str:
        return day(introduction.answered_at)

    @display(description=_("in this state since"), ordering="changed_at")
    def changed_on(self, introduction: Introduction) -> str:
        return day(introduction.changed_at)

    @action(description=_("Record what happened"), url_path="record", permissions=["verb"], icon="edit_note")
    def record(self, request: HttpRequest, object_id: int) -> HttpResponse:
        introduction = get_object_or_404(selectors.introductions_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=introduction,
            form_class=OutcomeForm,
            title=_("%(company)s and %(firm)s: what happened")
            % {"company": introduction.company, "firm": introduction.firm},
            explanation=_("It stands at “%(state)s” now.") % {"state": introduction.get_state_display()},
            button=_("Record it"),
            done=_("Recorded."),
            perform=lambda values: services.record_outcome(
                introduction=introduction, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Call off"), url_path="call-off", permissions=["verb"], icon="block")
    def call_off(self, request: HttpRequest, object_id: int) -> HttpResponse:
        introduction = get_object_or_404(selectors.introductions_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=introduction,
            form_class=CallOffForm,
            title=_("Call off the introduction of %(company)s to %(firm)s")
            % {"company": introduction.company, "firm": introduction.firm},
            explanation=_("What the company had opened for it closes at once."),
            button=_("Call it off"),
            done=_("The introduction is called off."),
            perform=lambda values: services.call_off_introduction(
                introduction=introduction, **values, actor=request.user, now=timezone.now()
            ),
        )


@admin.register(DisclosureGrant)
class DisclosureGrantAdmin(ReadOnlyAdmin):
    write_groups = WRITERS
    list_display = ("company", "firm", "shown_items", "granted_on", "shown_until", "withdrawn_on")
    list_display_links = ("company",)
    search_fields = ("company__name", "company__name_en", "firm__name")
    fields = readonly_fields = (
        "company",
        "firm",
        "introduction",
        "shown_items",
        "granted_by",
        "granted_on",
        "shown_until",
        "withdrawn_on",
        "text_version",
        "shown_text",
    )
    actions_detail = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DisclosureGrant]:
        return (
            selectors.disclosures_for(request.user)
            .select_related("introduction__company", "introduction__firm", "granted_by")
            .order_by("-granted_at", "-pk")
        )

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    @display(description=_("items"))
    def shown_items(self, disclosure: DisclosureGrant) -> str:
        return _items(disclosure.items)

    @display(description=_("agreed"), ordering="granted_at")
    def granted_on(self, disclosure: DisclosureGrant) -> str:
        return moment(disclosure.granted_at)

    @display(description=_("shown until"), ordering="until")
    def shown_until(self, disclosure: DisclosureGrant) -> str:
        return day(disclosure.until)

    @display(description=_("text agreed to"))
    def shown_text(self, disclosure: DisclosureGrant) -> str:
        return linebreaksbr(disclosure.text)

    @display(description=_("withdrawn"), ordering="withdrawn_at")
    def withdrawn_on(self, disclosure: DisclosureGrant) -> str:
        return moment(disclosure.withdrawn_at)

    @action(description=_("Record a withdrawal"), url_path="withdraw", permissions=["verb"], icon="block")
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        disclosure = get_object_or_404(selectors.disclosures_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=disclosure,
            form_class=forms.Form,
            title=_("Record that %(company)s withdraws its consent") % {"company": disclosure.company},
            explanation=_(
                "For a withdrawal that came on paper or by telephone. %(firm)s loses sight of the items at once."
            )
            % {"firm": disclosure.firm},
            button=_("Withdraw the consent"),
            done=_("The consent is withdrawn."),
            perform=lambda values: services.withdraw_disclosure(
                disclosure=disclosure, actor=request.user, now=timezone.now()
            ),
        )
