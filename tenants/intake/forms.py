"""What visitors and reviewers fill in. The form of an application itself is in questionnaire.py."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Criterion, Score


class AskForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        help_text=gettext_lazy(
            "We send you a link to your application. There is no account and no password."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ExtraFileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File"))


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )


class ConflictForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What connects you with it"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReviewForm(forms.Form):
    """One row of buttons from 1 to 5 for each criterion, and words."""

    def __init__(self, criteria: Sequence[Criterion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        total = sum(criterion.weight for criterion in criteria) or 1
        for criterion in criteria:
            anchors = {1: criterion.anchor_low, 3: criterion.anchor_middle, 5: criterion.anchor_high}
            choices = [
                (value, f"{value} – {anchors[value]}" if anchors.get(value) else str(value))
                for value in Score.VALUES
            ]
            self.fields[criterion.field] = forms.TypedChoiceField(
                label=criterion.display_name,
                help_text=_("Weight %(percent)s%%") % {"percent": round(100 * criterion.weight / total)},
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["comment"] = forms.CharField(
            label=_("Comment"),
            required=False,
            max_length=4000,
            help_text=_("Managers read it; the applicant never does."),
            widget=forms.Textarea(attrs={"rows": 5}),
        )

    @property
    def scores(self) -> dict[int, int]:
        given = {criterion.pk: self.cleaned_data.get(criterion.field) for criterion in self.criteria}
        return {criterion: value for criterion, value in given.items() if value is not None}
