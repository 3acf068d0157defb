"""The forms behind the verbs of an application."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.common.forms import DayField
from tenants.intake.models import Application, Reviewer


class ScreenForm(forms.Form):
    eligible = forms.TypedChoiceField(
        label=_("Result"),
        choices=[("yes", _("Eligible: goes on to review")), ("no", _("Not eligible"))],
        coerce=lambda value: value == "yes",
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Needed for “not eligible”. The applicant reads it."),
        max_length=1000,
        required=False,
        widget=UnfoldAdminTextareaWidget,
    )


class DocumentsForm(forms.Form):
    what = forms.CharField(
        label=_("What is missing"),
        help_text=_("The applicant reads it."),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget,
    )
    last_day = DayField(label=_("Last day"), widget=UnfoldAdminTextInputWidget)


class AssignForm(forms.Form):
    reviewer: Any = forms.ModelChoiceField(label=_("Reviewer"), queryset=None, widget=UnfoldAdminSelectWidget)


class AcceptForm(forms.Form):
    space: Any = forms.ModelChoiceField(label=_("Space"), queryset=None, widget=UnfoldAdminSelectWidget)
    first_day = DayField(label=_("First day"), widget=UnfoldAdminTextInputWidget)
    last_day = DayField(label=_("Last day"), widget=UnfoldAdminTextInputWidget)
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=200, widget=UnfoldAdminTextInputWidget)
    business_number = forms.CharField(
        label=_("Business registration number"),
        help_text=_("Only where the applicant gave none."),
        max_length=14,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    note = forms.CharField(
        label=_("Words of yours in the letter"),
        max_length=1000,
        required=False,
        widget=UnfoldAdminTextareaWidget,
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Words of yours in the letter"),
        max_length=1000,
        required=False,
        widget=UnfoldAdminTextareaWidget,
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The applicant reads it."),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget,
    )


class UndoForm(ReasonForm):
    declined = forms.BooleanField(
        label=_("The applicant declined"),
        help_text=_(
            "Then the first of the waiting list is told that a place is free. Else the application can be decided anew."
        ),
        required=False,
    )


def accept_form(spaces: Any) -> type[AcceptForm]:
    return _filled(AcceptForm, "space", spaces)


def assign_form(application: Application) -> type[AssignForm]:
    """The call's reviewers who do not have it yet."""
    free = Reviewer.objects.filter(call=application.call_id).exclude(reviews__application=application)
    return _filled(AssignForm, "reviewer", free.select_related("user"))


def _filled(form: type[forms.Form], field: str, queryset: Any) -> Any:
    class Filled(form):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields[field].queryset = queryset

    return Filled
