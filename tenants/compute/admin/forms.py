"""The managers' forms. Amounts are typed in PF·h, periods as two days that are both held."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminBigIntegerFieldWidget,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.common import periods
from incubator.common.forms import DayField
from tenants.companies.models import Company
from tenants.compute.enums import ImportSource
from tenants.compute.forms import PetaflopHoursField
from tenants.compute.models import Allocation, Cluster, Pool, Resource, ResourceRate

MAX_UPLOAD = 20 * 1024 * 1024


def day_field(label: Any) -> DayField:
    return DayField(label=label, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}))


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=400,
        help_text=_("Kept for ever beside the transfer."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class PeriodForm(forms.ModelForm):
    """Gives `cleaned_data["period"]`, half-open, of the two days."""

    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last:
            if last < first:
                raise ValidationError({"last_day": _("The last day is before the first.")})
            data["period"] = periods.days(first, last)
        return data


class GrantForm(PeriodForm):
    amount_gflop = PetaflopHoursField(label=_("Amount"), widget=UnfoldAdminDecimalFieldWidget())
    resources = forms.ModelMultipleChoiceField(
        label=_("Only for these resources"),
        queryset=Resource.objects.all(),
        required=False,
        to_field_name="code",
        help_text=_("None chosen: the grant pays for everything."),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    reason = reason_field()

    class Meta:
        model = Allocation
        fields = ["company", "pool", "programme", "amount_gflop", "resources", "own_share_percent", "reason"]

    def clean_resources(self) -> list[str]:
        return [resource.code for resource in self.cleaned_data["resources"]]


class PoolForm(PeriodForm):
    capacity_gflop = PetaflopHoursField(label=_("Capacity"), widget=UnfoldAdminDecimalFieldWidget())
    reason = reason_field()

    class Meta:
        model = Pool
        fields = ["name", "capacity_gflop"]


class RateForm(forms.ModelForm):
    starts_on = day_field(_("From this day on"))

    class Meta:
        model = ResourceRate
        fields = ["resource", "gflops", "source"]
        widgets = {"gflops": UnfoldAdminBigIntegerFieldWidget()}


class AskReasonForm(forms.Form):
    reason = reason_field()


class ClawBackForm(forms.Form):
    amount_gflop = PetaflopHoursField(
        label=_("Amount"),
        required=False,
        help_text=_("In PF·h. Empty: everything that is left."),
        widget=UnfoldAdminDecimalFieldWidget(),
    )
    reason = reason_field()


class HoldForm(forms.Form):
    amount_gflop = PetaflopHoursField(
        label=_("Amount"), help_text=_("In PF·h."), widget=UnfoldAdminDecimalFieldWidget()
    )
    days = forms.IntegerField(
        label=_("Days"),
        min_value=1,
        max_value=30,
        initial=7,
        help_text=_("After so many days the hold ends by itself."),
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    reason = reason_field()


class SettleForm(forms.Form):
    amount_gflop = PetaflopHoursField(
        label=_("Amount"),
        required=False,
        help_text=_("In PF·h. Empty: as much of the debt as this grant can pay."),
        widget=UnfoldAdminDecimalFieldWidget(),
    )
    reason = reason_field()


class AssignForm(forms.Form):
    company = forms.ModelChoiceField(
        label=_("Company"), queryset=Company.objects.all(), widget=UnfoldAdminSelectWidget()
    )
    reason = reason_field()


class UploadForm(forms.Form):
    cluster = forms.ModelChoiceField(
        label=_("Cluster"), queryset=Cluster.objects.all(), widget=UnfoldAdminSelectWidget()
    )
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("The output of sacct --parsable2, at most 20 MB."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".txt,.psv,.csv,text/plain"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_UPLOAD:
            raise ValidationError(
                _("This file is larger than 20 MB. Please use the command import_usage for it.")
            )
        return file


class UsageUploadForm(UploadForm):
    source = forms.ChoiceField(
        label=_("Source"),
        choices=[(kind.value, kind.label) for kind in (ImportSource.SLURM, ImportSource.SERVERS)],
        initial=ImportSource.SLURM,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ["source", "cluster", "file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "The output of sacct --parsable2, or the CSV of assigned servers; at most 20 MB."
        )
