"""Conflicts of interest, wishes of both sides, and who takes part: entered and decided by the camp office."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ServiceModelAdmin
from incubator.common.verbs import NoForm, verb_page
from investors.matching import selectors, services
from investors.matching.enums import ConflictKind, ConflictState
from investors.matching.limit_models import EVIDENCE_LIMIT
from investors.matching.models import Conflict, Participation, Preference

_COLOURS = {
    ConflictState.PROPOSED: "warning",
    ConflictState.CONFIRMED: "danger",
    ConflictState.REJECTED: "default",
}


class ConflictForm(forms.ModelForm):
    kind = forms.ChoiceField(label=_("kind"), choices=ConflictKind.choices, widget=UnfoldAdminSelectWidget)
    evidence = forms.CharField(
        label=_("evidence"), max_length=EVIDENCE_LIMIT, required=False, widget=UnfoldAdminTextareaWidget
    )
    until = forms.DateField(label=_("until"), required=False, widget=UnfoldAdminSingleDateWidget)

    class Meta:
        model = Conflict
        fields = ("company", "firm", "kind", "evidence", "until")


@admin.register(Conflict)
class ConflictAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.MATCHING,)
    form = ConflictForm
    list_display = ("company", "firm", "kind", "shown_state", "side", "until", "evidence")
    list_display_links = ("company",)
    list_filter = ("state", "kind", "side")
    search_fields = ("company__name", "firm__name", "evidence")
    autocomplete_fields = ("company", "firm")
    fields = ("company", "firm", "kind", "evidence", "until")
    readonly_fields = ("side", "declared_by", "state", "decided_by", "decided_at")
    actions_row = ("confirm", "reject")
    actions_detail = ("confirm", "reject", "end")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conflict]:
        return selectors.conflicts_for(request.user).order_by("-state", "company__name", "firm__name", "pk")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, *self.readonly_fields) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, *self.readonly_fields) if obj else self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was declared stays as it was said: it is decided, or ended."""
        return False

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def save_model(self, request: HttpRequest, obj: Conflict, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in self.fields}
        obj.pk = services.record_conflict(**values, actor=request.user, now=timezone.now()).pk

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, conflict: Conflict) -> tuple[str, str]:
        return conflict.state, conflict.get_state_display()

    def _decide(self, request: HttpRequest, object_id: int, confirm: bool, **words: Any) -> HttpResponse:
        conflict = get_object_or_404(selectors.conflicts_for(request.user), pk=object_id)
        names = {"company": conflict.company, "firm": conflict.firm, "kind": conflict.get_kind_display()}
        return verb_page(
            self,
            request,
            obj=conflict,
            form_class=NoForm,
            title=_("%(company)s and %(firm)s: %(kind)s") % names,
            perform=lambda values: services.decide_conflict(
                conflict=conflict, confirm=confirm, actor=request.user, now=timezone.now()
            ),
            **words,
        )

    @action(description=_("Confirm"), url_path="confirm", permissions=["verb"], icon="check")
    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            True,
            explanation=_("The two are never matched from now on, until the day given if there is one."),
            button=_("Confirm the conflict"),
            done=_("The conflict is confirmed."),
        )

    @action(description=_("Reject"), url_path="reject", permissions=["verb"], icon="close")
    def reject(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            False,
            explanation=_("Nothing keeps the two apart, and it is not proposed again."),
            button=_("Reject the conflict"),
            done=_("The conflict is rejected."),
        )

    @action(description=_("End it today"), url_path="end", permissions=["verb"], icon="event_busy")
    def end(self, request: HttpRequest, object_id: int) -> HttpResponse:
        conflict = get_object_or_404(selectors.conflicts_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=conflict,
            form_class=NoForm,
            title=_("End the conflict of %(company)s and %(firm)s")
            % {"company": conflict.company, "firm": conflict.firm},
            explanation=_("From today it keeps the two apart no more. It stays on record."),
            button=_("End it"),
            done=_("The conflict has ended."),
            perform=lambda values: services.end_conflict(
                conflict=conflict, actor=request.user, now=timezone.now()
            ),
        )


@admin.register(Preference)
class PreferenceAdmin(ServiceModelAdmin):
    """Wishes: private to the office, whoever they come from."""

    write_groups = (StaffGroup.MATCHING,)
    list_display = ("company", "firm", "side", "level", "rank", "reason")
    list_display_links = ("company",)
    list_filter = ("side", "level")
    search_fields = ("company__name", "firm__name")
    autocomplete_fields = ("company", "firm")
    fields = ("company", "firm", "side", "level", "rank", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Preference]:
        return selectors.preferences_for(request.user).order_by("company__name", "side", "rank", "pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("company", "firm", "side") if obj else ()

    def save_model(self, request: HttpRequest, obj: Preference, form: Any, change: bool) -> None:
        obj.pk = services.set_preference(
            company=obj.company,
            firm_id=obj.firm_id,
            side=obj.side,
            level=obj.level,
            rank=obj.rank,
            reason=obj.reason,
            actor=request.user,
        ).pk


@admin.register(Participation)
class ParticipationAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.MATCHING,)
    list_display = ("company", "takes_part", "updated_at")
    list_filter = ("takes_part",)
    search_fields = ("company__name",)
    autocomplete_fields = ("company",)
    fields = ("company", "takes_part")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participation]:
        return selectors.participations_for(request.user).order_by("company__name", "pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("company",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Participation, form: Any, change: bool) -> None:
        obj.pk = services.set_participation(
            company=obj.company, takes_part=obj.takes_part, actor=request.user
        ).pk
