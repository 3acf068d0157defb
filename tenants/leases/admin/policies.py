"""The rules for leases: the director adds rows, nobody edits one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from incubator.common.admin import ServiceModelAdmin
from incubator.common.display import day
from incubator.common.enums import Sector
from incubator.common.forms import DayField
from tenants.leases import services
from tenants.leases.models import LeasePolicy
from tenants.leases.selectors import policies


class PolicyForm(forms.ModelForm):
    starts_on = DayField(label=_("From this day on"), widget=UnfoldAdminTextInputWidget)
    new_industries = forms.MultipleChoiceField(
        label=_("Notified new industries"),
        choices=Sector.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = LeasePolicy
        fields = ("starts_on", *LeasePolicy.NUMBERS, "new_industries", "source", "reason")

    def _post_clean(self) -> None:
        """The service says them in words."""


@admin.register(LeasePolicy)
class LeasePolicyAdmin(ServiceModelAdmin):
    """Rules are added with the day from which they hold; leases that are agreed already stay as they are."""

    write_groups = ()
    form = PolicyForm
    list_display = ("starts_day", "term_months", "years_in_all", "age", "notice", "holdover_days", "source")
    list_display_links = ("starts_day",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LeasePolicy]:
        return policies.policies_for(request.user).select_related("set_by").order_by("-starts_on", "-pk")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        kept = [*LeasePolicy.NUMBERS]
        if obj:
            return ["starts_day", *kept, "industries", "source", "reason", "set_by", "set_at"]
        return ["starts_on", *kept, "new_industries", "source", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The rules in force: who changes one number need not type the others."""
        today = timezone.localdate()
        current = policies.policy_on(today)
        kept = {name: getattr(current, name) for name in (*LeasePolicy.NUMBERS, "new_industries", "source")}
        return {**kept, "starts_on": today}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = services.set_lease_policy(**form.cleaned_data, actor=request.user, now=timezone.now())
        obj.__dict__.update(made.__dict__)

    @display(description=_("from this day on"), ordering="starts_on")
    def starts_day(self, policy: LeasePolicy) -> str:
        return day(policy.starts_on)

    @display(description=_("age of the company, years"))
    def age(self, policy: LeasePolicy) -> str:
        return f"{policy.age_years} · {policy.new_industry_age_years}"

    @display(description=_("notice, days"))
    def notice(self, policy: LeasePolicy) -> str:
        return f"{policy.notice_days} – {policy.longest_notice_days}"

    @display(description=_("notified new industries"))
    def industries(self, policy: LeasePolicy) -> str:
        return ", ".join(str(Sector(code).label) for code in policy.new_industries) or "–"
