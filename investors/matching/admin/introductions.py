"""Introductions from the question to the outcome, and the consents that companies gave."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import linebreaksbr
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import day, moment, won
from incubator.common.uploads import stored_response
from incubator.common.verbs import ReasonForm, verb_page
from investors.matching import selectors, services
from investors.matching.board import board_of
from investors.matching.enums import FOLLOWS, DisclosureItem, IntroductionState, PassReason, Round
from investors.matching.models import REASON_LIMIT, DisclosureGrant, Introduction, Investment

WRITERS = (StaffGroup.MATCHING,)
_COLOURS = {
    IntroductionState.ASKED: "warning",
    IntroductionState.CONSENTED: "info",
    IntroductionState.SENT: "info",
    IntroductionState.MET: "primary",
    IntroductionState.CONTINUING: "primary",
    IntroductionState.TERM_SHEET: "primary",
    IntroductionState.LAPSED: "default",
    IntroductionState.INVESTED: "success",
    IntroductionState.DECLINED: "default",
    IntroductionState.PASSED: "default",
    IntroductionState.WITHDRAWN: "danger",
}


def _items(codes: list[str]) -> str:
    return ", ".join(str(DisclosureItem(code).label) for code in codes)


class OutcomeForm(forms.Form):
    state = forms.ChoiceField(label=_("What happened"), widget=UnfoldAdminSelectWidget)
    on = forms.DateField(
        label=_("Day"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_("Today, unless it was earlier."),
    )
    pass_reason = forms.ChoiceField(
        label=_("Why the firm passed"),
        required=False,
        choices=[("", "–"), *PassReason.choices],
        widget=UnfoldAdminSelectWidget,
        help_text=_("Only when it did. The company does not read this."),
    )
    note = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=REASON_LIMIT,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The company reads it."),
    )


def _outcome_form(introduction: Introduction) -> type[forms.Form]:
    """Only with what can follow now."""

    class FollowingForm(OutcomeForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            apart = (IntroductionState.SENT, IntroductionState.INVESTED)
            following = FOLLOWS.get(introduction.state, ())
            self.fields["state"].choices = [  # type: ignore[attr-defined]
                (state, state.label) for state in following if state not in apart
            ]

    return FollowingForm


class TellForm(forms.Form):
    message = forms.CharField(
        label=_("A word to the firm"), required=False, max_length=1000, widget=UnfoldAdminTextareaWidget
    )


class MeetingForm(forms.Form):
    meets_at = forms.SplitDateTimeField(label=_("When"), widget=UnfoldAdminSplitDateTimeWidget)
    meets_where = forms.CharField(label=_("Where"), max_length=200, widget=UnfoldAdminTextInputWidget)


class InvestmentForm(forms.Form):
    invested_on = forms.DateField(label=_("Day of the investment"), widget=UnfoldAdminDateWidget)
    funding_round = forms.ChoiceField(label=_("Round"), choices=Round.choices, widget=UnfoldAdminSelectWidget)
    amount_krw = forms.IntegerField(
        label=_("Amount, won"), min_value=1, max_value=10**14, widget=UnfoldAdminTextInputWidget
    )
    evidence = forms.FileField(
        label=_("Evidence"), required=False, help_text=_("The contract or a register, as PDF or picture.")
    )
    note = forms.CharField(
        label=_("In words"), required=False, max_length=REASON_LIMIT, widget=UnfoldAdminTextareaWidget
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
        "meets_on",
        "meets_where",
        "shown_steps",
        "shown_investments",
        "pass_reason",
        "note",
    )
    actions_detail = ("tell", "meeting", "record", "investment", "call_off")
    actions_list = ("board",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Introduction]:
        return selectors.introductions_for(request.user).select_related("made_by").order_by("-made_at", "-pk")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """What can be done with an introduction where it stands."""
        introduction = self.get_object(request, str(object_id))
        if introduction is None:
            return []
        following = FOLLOWS.get(introduction.state, ())
        fitting = {
            "tell": IntroductionState.SENT in following,
            "meeting": introduction.state in services.MEETING_STATES,
            "record": bool(following),
            "investment": IntroductionState.INVESTED in (*following, introduction.state),
            "call_off": introduction.is_live,
        }
        names = {f"matching_introduction_{name}" for name, fits in fitting.items() if fits}
        return [verb for verb in super().get_actions_detail(request, object_id) if verb.action_name in names]

    def has_read_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @action(description=_("Board"), url_path="board", permissions=["read"], icon="view_kanban")
    def board(self, request: HttpRequest) -> HttpResponse:
        """All introductions under way by where they stand, the longest waiting first."""
        today = timezone.localdate()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Introductions under way"),
            "columns": board_of(
                request.user, today, firm=request.GET.get("firm", ""), company=request.GET.get("company", "")
            ),
        }
        return TemplateResponse(request, "admin/matching/board.html", context)

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

    @display(description=_("meeting"))
    def meets_on(self, introduction: Introduction) -> str:
        return moment(introduction.meets_at)

    @display(description=_("how it went"))
    def shown_steps(self, introduction: Introduction) -> str:
        return format_html_join(
            SafeString("<br>"),
            "{} · {} · {}",
            (
                (day(step.happened_on), step.get_state_display(), step.recorded_by or "–")
                for step in introduction.steps.select_related("recorded_by")
            ),
        )

    @display(description=_("investments"))
    def shown_investments(self, introduction: Introduction) -> str:
        return format_html_join(
            SafeString("<br>"),
            '<a href="{}">{} · {} · {}</a>',
            (
                (
                    reverse("admin:matching_investment_change", args=[each.pk]),
                    day(each.invested_on),
                    each.get_funding_round_display(),
                    won(each.amount_krw),
                )
                for each in introduction.investments.filter(taken_back_at=None)
            ),
        )

    def _verb(self, request: HttpRequest, introduction: Introduction, **values: Any) -> HttpResponse:
        names = {"company": introduction.company, "firm": introduction.firm}
        explanation = values.pop(
            "explanation", _("It stands at “%(state)s” now.") % {"state": introduction.get_state_display()}
        )
        return verb_page(
            self,
            request,
            obj=introduction,
            explanation=explanation,
            **{**values, "title": values["title"] % names},
        )

    def _found(self, request: HttpRequest, object_id: Any) -> Introduction:
        return get_object_or_404(selectors.introductions_for(request.user), pk=object_id)

    @action(description=_("Tell the firm"), url_path="tell", permissions=["verb"], icon="forward_to_inbox")
    def tell(self, request: HttpRequest, object_id: int) -> HttpResponse:
        introduction = self._found(request, object_id)
        return self._verb(
            request,
            introduction,
            form_class=TellForm,
            title=_("Tell %(firm)s of %(company)s"),
            explanation=_(
                "Its people and its contact get a mail with a link to the read-only page. The link is good for two weeks,"
                " and of no use to anyone else."
            ),
            button=_("Send the mail"),
            done=_("The firm is told."),
            perform=lambda values: services.tell_firm(
                introduction=introduction, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Arrange a meeting"), url_path="meeting", permissions=["verb"], icon="event")
    def meeting(self, request: HttpRequest, object_id: int) -> HttpResponse:
        introduction = self._found(request, object_id)
        return self._verb(
            request,
            introduction,
            form_class=MeetingForm,
            initial={"meets_at": introduction.meets_at, "meets_where": introduction.meets_where},
            title=_("%(company)s and %(firm)s: when they meet"),
            button=_("Tell both"),
            done=_("Both are told."),
            perform=lambda values: services.arrange_meeting(
                introduction=introduction, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Record what happened"), url_path="record", permissions=["verb"], icon="edit_note")
    def record(self, request: HttpRequest, object_id: int) -> HttpResponse:
        introduction = self._found(request, object_id)
        return self._verb(
            request,
            introduction,
            form_class=_outcome_form(introduction),
            title=_("%(company)s and %(firm)s: what happened"),
            button=_("Record it"),
            done=_("Recorded."),
            perform=lambda values: services.record_outcome(
                introduction=introduction, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Record an investment"), url_path="investment", permissions=["verb"], icon="paid")
    def investment(self, request: HttpRequest, object_id: int) -> HttpResponse:
        introduction = self._found(request, object_id)
        return self._verb(
            request,
            introduction,
            form_class=InvestmentForm,
            title=_("%(firm)s invests in %(company)s"),
            explanation=_("From then on the firm holds the company, and the two are never matched again."),
            button=_("Record the investment"),
            done=_("The investment is recorded."),
            perform=lambda values: services.record_investment(
                introduction=introduction, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Call off"), url_path="call-off", permissions=["verb"], icon="block")
    def call_off(self, request: HttpRequest, object_id: int) -> HttpResponse:
        introduction = self._found(request, object_id)
        return self._verb(
            request,
            introduction,
            form_class=CallOffForm,
            title=_("Call off the introduction of %(company)s to %(firm)s"),
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


@admin.register(Investment)
class InvestmentAdmin(ReadOnlyAdmin):
    write_groups = WRITERS
    list_display = ("company", "firm", "invested_day", "funding_round", "shown_amount", "counts")
    list_display_links = ("company",)
    list_filter = ("funding_round", "firm__kind")
    search_fields = ("company__name", "company__name_en", "firm__name")
    fields = readonly_fields = (
        "company",
        "firm",
        "introduction",
        "invested_day",
        "funding_round",
        "shown_amount",
        "shown_evidence",
        "note",
        "recorded_by",
        "recorded_on",
        "counts",
        "taken_back_reason",
    )
    actions_detail = ("take_back",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Investment]:
        return (
            selectors.investments_for(request.user)
            .select_related("introduction__company", "introduction__firm", "recorded_by")
            .order_by("-invested_on", "-pk")
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.evidence)
        return [path("<int:pk>/evidence/", view, name="matching_investment_evidence"), *super().get_urls()]

    def evidence(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = get_object_or_404(self.get_queryset(request), pk=pk)
        return stored_response(
            found.evidence, name=found.evidence_name, content_type=found.evidence_type, inline=True
        )

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        found = self.get_object(request, str(object_id))
        open_ = found is not None and found.taken_back_at is None
        return super().get_actions_detail(request, object_id) if open_ else []

    @display(description=_("day of the investment"), ordering="invested_on")
    def invested_day(self, investment: Investment) -> str:
        return day(investment.invested_on)

    @display(description=_("amount, won"), ordering="amount_krw")
    def shown_amount(self, investment: Investment) -> str:
        return won(investment.amount_krw)

    @display(description=_("recorded at"))
    def recorded_on(self, investment: Investment) -> str:
        return moment(investment.recorded_at)

    @display(description=_("counts"), boolean=True)
    def counts(self, investment: Investment) -> bool:
        return investment.taken_back_at is None

    @display(description=_("evidence"))
    def shown_evidence(self, investment: Investment) -> str:
        if not investment.evidence:
            return "–"
        address = reverse("admin:matching_investment_evidence", args=[investment.pk])
        return format_html('<a href="{}">{}</a>', address, investment.evidence_name)

    @action(description=_("Take it back"), url_path="take-back", permissions=["verb"], icon="undo")
    def take_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        investment = get_object_or_404(selectors.investments_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=investment,
            form_class=ReasonForm,
            title=_("Take back the investment of %(firm)s in %(company)s")
            % {"firm": investment.firm, "company": investment.company},
            explanation=_("For one that was entered in error. It stays with the reason, and counts no more."),
            button=_("Take it back"),
            done=_("It counts no more."),
            perform=lambda values: services.take_back_investment(
                investment=investment, **values, actor=request.user, now=timezone.now()
            ),
        )
