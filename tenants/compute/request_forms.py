"""What a founder fills in to ask for credits, or for an exemption."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common import display
from incubator.common.forms import DayField
from incubator.common.periods import days

from .forms import PetaflopHoursField
from .planning import MAX_MONTHS, months_of
from .wording import resource_name

AMOUNT = {"inputmode": "decimal", "size": "12"}


class RequestPeriodForm(forms.Form):
    """From when until when: asked first, since the plan has one field for each month of it."""

    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(label=gettext_lazy("Last day"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last:
            if last < first:
                raise ValidationError({"last_day": _("The last day is before the first.")})
            period = days(first, last)
            if len(months_of(period.lower, period.upper)) > MAX_MONTHS:
                raise ValidationError({"last_day": _("Credits can be asked for 24 months at the most.")})
            data["period"] = period
        return data


class CreditRequestForm(forms.Form):
    """A request. `cleaned_data["plan"]` is the amount of each month, None where all of them were left empty."""

    project = forms.CharField(label=gettext_lazy("Name of the project"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("What the project is"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    amount_gflop = PetaflopHoursField(
        label=gettext_lazy("Credits you need"), widget=forms.TextInput(attrs=AMOUNT)
    )
    own_share_percent = forms.IntegerField(
        label=gettext_lazy("Own share, %"),
        help_text=gettext_lazy("How much of the cost your company bears itself; 0 for nothing."),
        initial=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "6"}),
    )
    resources = forms.MultipleChoiceField(
        label=gettext_lazy("Only for these resources"),
        help_text=gettext_lazy("None chosen: the credits pay for everything."),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why you need it"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput())

    def __init__(self, *args: Any, months: Sequence[date], codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["resources"]
        chosen.choices = [(code, resource_name(code)) for code in codes]
        self.months = {f"month_{month:%Y_%m}": month for month in months}
        for name, month in self.months.items():
            self.fields[name] = PetaflopHoursField(
                label=_("Planned use, %(month)s") % {"month": display.month(month)},
                help_text=_("In PF·h."),
                min_value=Decimal(0),
                required=False,
                widget=forms.TextInput(attrs=AMOUNT),
            )
        self.order_fields(["project", "description", "amount_gflop", *self.months])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        typed = {month: data.pop(name, None) for name, month in self.months.items()}
        empty = all(gflop is None for gflop in typed.values())
        data["plan"] = None if empty else {month: gflop or 0 for month, gflop in typed.items()}
        return data


class ExemptionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why you still need these credits"),
        help_text=gettext_lazy("What you will run, and when."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
