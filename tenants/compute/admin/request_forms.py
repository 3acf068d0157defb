"""What managers fill in to decide requests, move and extend grants, and settle notices."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.common import display, periods
from incubator.common.display import GFLOP_PER_PFH
from tenants.compute.forms import PetaflopHoursField
from tenants.compute.models import Allocation, GrantPolicy, Pool

from .forms import day_field, reason_field


class AmountField(PetaflopHoursField):
    """Starts with an amount in GFLOP, shown in PF·h."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        shown = display.petaflop_hours(value)
        # Below a thousandth of a PF·h the field could not say it.
        return shown if shown * GFLOP_PER_PFH == value else ""


class PoolChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        left = display.pfh(obj.account.balance_gflop)
        return f"{obj.name} · {display.period(obj.period)} · {left} PF·h"


class LotChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        left = display.pfh(obj.account.balance_gflop)
        return f"{obj.programme} · {display.period(obj.period)} · {left} PF·h"


def company_reads() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=400,
        help_text=_("The company reads it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class AgreeForm(forms.Form):
    pool = PoolChoice(
        label=_("Pool"),
        help_text=_("With what is left in it."),
        queryset=Pool.objects.select_related("account").order_by("-period", "pk"),
        widget=UnfoldAdminSelectWidget(),
    )
    amount_gflop = AmountField(label=_("Credits to grant"), widget=UnfoldAdminDecimalFieldWidget())
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    programme = forms.CharField(label=_("Programme"), max_length=120, widget=UnfoldAdminTextInputWidget())
    reason = company_reads()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last:
            if last < first:
                raise ValidationError({"last_day": _("The last day is before the first.")})
            data["period"] = periods.days(first, last)
        return data


class DecisionForm(forms.Form):
    reason = company_reads()


class ExemptionDecisionForm(forms.Form):
    exempt = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("yes", _("Exempt: nothing is taken back")), ("no", _("Refuse: the notice stands"))],
        coerce=lambda value: value == "yes",
        widget=UnfoldAdminRadioSelectWidget(),
    )
    reason = company_reads()


class MoveForm(forms.Form):
    target = LotChoice(
        label=_("To this grant"), queryset=Allocation.objects.none(), widget=UnfoldAdminSelectWidget()
    )
    amount_gflop = PetaflopHoursField(label=_("Credits to move"), widget=UnfoldAdminDecimalFieldWidget())
    reason = reason_field()
    key = forms.CharField(max_length=64, widget=forms.HiddenInput())

    def __init__(self, *args: Any, targets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target: Any = self.fields["target"]
        target.queryset = targets


class ExtendForm(forms.Form):
    last_day = day_field(_("New last day"))
    reason = reason_field()


class PolicyForm(forms.ModelForm):
    starts_on = day_field(_("From this day on"))
    two_person_above_gflop = AmountField(
        label=_("Two people agree above"), widget=UnfoldAdminDecimalFieldWidget()
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        help_text=_("Companies read it with the rules."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    class Meta:
        model = GrantPolicy
        fields = [
            "starts_on",
            "two_person_above_gflop",
            "early_warning_days",
            "late_warning_days",
            "settle_days",
            "review_months",
            "least_used_percent",
            "take_percent",
            "notice_days",
            "automatic",
            "reason",
        ]
