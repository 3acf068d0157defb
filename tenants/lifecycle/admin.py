"""The managers' list of stays, and what they do with one: it moves in, graduates or leaves early."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ServiceModelAdmin
from incubator.common.display import period
from incubator.common.verbs import verb_page
from tenants.companies import selectors
from tenants.companies.enums import AlumniOutcome, ResidencyState
from tenants.companies.models import AlumniRecord, Residency
from tenants.companies.services import open_residency, record_alumni
from tenants.papers.enums import PaperLanguage

from . import services
from .certificates import issue_graduation

_VERBS: dict[str, tuple[str, ...]] = {
    ResidencyState.ADMITTED: ("_move_in", "_leave"),
    ResidencyState.RESIDENT: ("_graduate", "_leave"),
    ResidencyState.GRADUATED: ("_certify",),
}
_COLOURS = {"admitted": "info", "resident": "success", "graduated": "primary", "left_early": "warning"}


class NewResidencyForm(forms.ModelForm):
    first_day = forms.DateField(label=_("Resident from"), widget=UnfoldAdminSingleDateWidget)

    class Meta:
        model = Residency
        fields = ("company",)

    def _post_clean(self) -> None:
        """The service checks the residency, which this form knows only in part."""


class FirstDayForm(forms.Form):
    first_day = forms.DateField(label=_("First day"), widget=UnfoldAdminSingleDateWidget)


class LastDayForm(forms.Form):
    last_day = forms.DateField(label=_("Last day"), widget=UnfoldAdminSingleDateWidget)
    reason = forms.CharField(
        label=_("Reason"), max_length=400, required=False, widget=UnfoldAdminTextInputWidget
    )


class GraduationForm(LastDayForm):
    """The last day, and what becomes of the company. What is left empty has an ordinary answer."""

    outcome = forms.ChoiceField(
        label=_("What becomes of the company"),
        choices=AlumniOutcome.choices,
        initial=AlumniOutcome.OPERATING,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label=_("More about it"), max_length=2000, required=False, widget=UnfoldAdminTextareaWidget
    )
    contact_consent = forms.BooleanField(
        label=_("It agreed that the camp may write to it later"), required=False, widget=UnfoldBooleanWidget
    )
    contact_name = forms.CharField(
        label=_("Whom to write to"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )
    contact_email = forms.EmailField(
        label=_("At which address"), max_length=254, required=False, widget=UnfoldAdminEmailInputWidget
    )
    language = forms.ChoiceField(
        label=_("Language of the certificate"),
        choices=PaperLanguage.choices,
        initial=PaperLanguage.KOREAN,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def clean_outcome(self) -> str:
        return self.cleaned_data["outcome"] or AlumniOutcome.OPERATING

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or PaperLanguage.KOREAN


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"), choices=PaperLanguage.choices, widget=UnfoldAdminSelectWidget
    )


@admin.register(Residency)
class ResidencyAdmin(ServiceModelAdmin):
    write_groups = (StaffGroup.LEASES,)
    form = NewResidencyForm
    list_display = ("company", "shown_state", "shown_period", "reason")
    list_filter = ("state",)
    search_fields = ("company__name", "company__name_en", "company__business_number")
    autocomplete_fields = ("company",)
    actions_detail = ("move_in", "graduate", "leave", "certify")
    shown_fields: ClassVar = ("company", "state", "shown_period", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Residency]:
        return selectors.residencies_for(request.user).select_related("company").order_by("-period", "-pk")

    def has_change_permission(self, request: HttpRequest, obj: Residency | None = None) -> bool:
        """A stay changes by its verbs only."""
        return False

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> list[Any]:
        """The verbs that fit the state of this stay."""
        stay = self.get_object(request, str(object_id))
        fitting = _VERBS.get(stay.state, ()) if stay else ()
        return [
            verb
            for verb in super().get_actions_detail(request, object_id)
            if verb.action_name.endswith(fitting)
        ]

    def get_fields(self, request: HttpRequest, obj: Residency | None = None) -> Any:
        return self.shown_fields if obj else ("company", "first_day")

    def get_readonly_fields(self, request: HttpRequest, obj: Residency | None = None) -> Any:
        return self.shown_fields if obj else ()

    @display(description=_("state"), label=_COLOURS)
    def shown_state(self, residency: Residency) -> tuple[str, str]:
        return residency.state, residency.get_state_display()

    @display(description=_("period"), ordering="period")
    def shown_period(self, residency: Residency) -> str:
        return str(period(residency.period))

    def save_model(self, request: HttpRequest, obj: Residency, form: Any, change: bool) -> None:
        residency = open_residency(
            company=form.cleaned_data["company"],
            first_day=form.cleaned_data["first_day"],
            actor=request.user,
            now=timezone.now(),
        )
        obj.__dict__.update(residency.__dict__)

    @action(description=_("Move in"), url_path="move-in", permissions=["verb"], icon="login")
    def move_in(self, request: HttpRequest, object_id: int) -> HttpResponse:
        residency = self._residency(request, object_id)
        return verb_page(
            self,
            request,
            obj=residency,
            form_class=FirstDayForm,
            initial={"first_day": timezone.localdate()},
            title=_("%(company)s moves in") % {"company": residency.company},
            button=_("Move in"),
            done=_("The company is in residence."),
            perform=lambda values: services.begin_residency(
                residency=residency, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Graduate"), url_path="graduate", permissions=["verb"], icon="school")
    def graduate(self, request: HttpRequest, object_id: int) -> HttpResponse:
        residency = self._residency(request, object_id)
        return verb_page(
            self,
            request,
            obj=residency,
            form_class=GraduationForm,
            initial={"last_day": timezone.localdate()},
            title=_("%(company)s graduates") % {"company": residency.company},
            explanation=_(
                "In one step: its open handovers are closed, what is left of its credits returns to the pools, its people "
                "read their pages from now on without changing anything, an alumni record is made and the certificate of "
                "graduation issued. Its leases must end on this day or before."
            ),
            button=_("Graduate the company"),
            done=_("The company has graduated."),
            perform=lambda values: services.complete_handover(
                residency=residency, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Leave early"), url_path="leave", permissions=["verb"], icon="logout")
    def leave(self, request: HttpRequest, object_id: int) -> HttpResponse:
        residency = self._residency(request, object_id)
        return verb_page(
            self,
            request,
            obj=residency,
            form_class=LastDayForm,
            initial={"last_day": timezone.localdate()},
            title=_("%(company)s leaves early") % {"company": residency.company},
            explanation=_(
                "The residency ends on this day. Its leases must have ended before. The reason is kept."
            ),
            button=_("Record that it leaves"),
            done=_("The company has left."),
            perform=lambda values: services.leave_early(
                residency=residency, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(
        description=_("Issue the certificate"),
        url_path="certificate",
        permissions=["verb"],
        icon="workspace_premium",
    )
    def certify(self, request: HttpRequest, object_id: int) -> HttpResponse:
        residency = self._residency(request, object_id)
        return verb_page(
            self,
            request,
            obj=residency,
            form_class=LanguageForm,
            title=_("Certificate of graduation of %(company)s") % {"company": residency.company},
            explanation=_("It is kept with the papers of the company, which can open it in its portal."),
            button=_("Issue the certificate"),
            done=_("The certificate is issued."),
            perform=lambda values: issue_graduation(
                residency=residency, **values, actor=request.user, now=timezone.now()
            ),
        )

    def _residency(self, request: HttpRequest, object_id: int) -> Residency:
        return get_object_or_404(
            selectors.residencies_for(request.user).select_related("company"), pk=object_id
        )


@admin.register(AlumniRecord)
class AlumniAdmin(ServiceModelAdmin):
    """What became of the companies that left; a record is made when one graduates, and kept up to date here."""

    may_add = False
    write_groups = (StaffGroup.LEASES,)
    list_display = ("company", "left_on", "outcome", "contact_consent", "contact_name", "contact_email")
    list_filter = ("outcome", "contact_consent")
    search_fields = ("company__name", "company__name_en", "note")
    fields = (
        "company",
        "left_on",
        "outcome",
        "note",
        "contact_consent",
        "contact_name",
        "contact_email",
        "consent_at",
    )
    readonly_fields = ("company", "left_on", "consent_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlumniRecord]:
        return selectors.alumni_for(request.user).order_by("-left_on", "-pk")

    def save_model(self, request: HttpRequest, obj: AlumniRecord, form: Any, change: bool) -> None:
        names = ("outcome", "note", "contact_consent", "contact_name", "contact_email")
        record = record_alumni(
            residency=obj.residency,
            left_on=obj.left_on,
            **{name: form.cleaned_data[name] for name in names},
            actor=request.user,
            now=timezone.now(),
        )
        obj.__dict__.update(record.__dict__)
