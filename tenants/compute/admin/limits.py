from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from incubator.common.display import number, pfh
from incubator.common.errors import DomainError
from tenants.compute import services
from tenants.compute.cluster_commands import ClusterCommands
from tenants.compute.errors import NotReached
from tenants.compute.limit_words import warning_text
from tenants.compute.limits import AccountPlan
from tenants.compute.models import Cluster, LimitSync, LimitSyncLine
from tenants.compute.selectors import limits as selectors
from tenants.compute.wording import resource_name

from .asking import CreditsReadOnlyAdmin


def would_change(cluster: Cluster, commands: ClusterCommands | None, user: Any) -> SafeString:
    """The dry run, as the page of the action shows it before anything is written."""
    try:
        if commands is None:
            raise NotReached(cluster=cluster.name)
        plan = services.plan_cluster_limits(
            cluster=cluster, commands=commands, actor=user, now=timezone.now()
        )
    except DomainError as refusal:
        return format_html("▲ {}", str(refusal))
    warnings = [warning_text(each.code, each.params) for each in plan.warnings]
    changes = [_planned(each) for each in plan.accounts if each.changes or each.warnings]
    if not changes:
        changes = [_("Every limit stands as it should.")]
    said = [*(f"▲ {each}" for each in warnings), *changes]
    return format_html_join(mark_safe("<br>"), "{}", ((each,) for each in said))


def _planned(plan: AccountPlan) -> str:
    line = LimitSyncLine(
        account=plan.account, before=dict(plan.before), after=dict(plan.after), submit=plan.submit
    )
    warnings = [warning_text(each.code, each.params) for each in plan.warnings]
    return _sentence(line, plan.balance, warnings)


def _sentence(line: LimitSyncLine, balance: int, warnings: list[str]) -> str:
    parts = [_("%(account)s (%(balance)s PF·h left)") % {"account": line.account, "balance": pfh(balance)}]
    for code, minutes in line.after.items():
        before = line.before.get(code)
        if before != minutes:
            parts.append(
                _("%(resource)s %(before)s → %(after)s minutes")
                % {
                    "resource": resource_name(code),
                    "before": _("no limit") if before is None else number(before),
                    "after": number(minutes),
                }
            )
    if line.submit is not None:
        parts.append(_("suspended") if line.submit == 0 else _("resumed"))
    return " · ".join([*parts, *(f"▲ {warning}" for warning in warnings)])


def _listed(sentences: Any) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences))
    return format_html("<ul>{}</ul>", items) if items else SafeString("")


@admin.register(LimitSync)
class LimitSyncAdmin(CreditsReadOnlyAdmin):
    """What was written to the schedulers; a row for each time that they were looked at."""

    list_display = ["synced_at", "cluster", "outcome", "dry_run", "accounts", "changed", "warned", "actor"]
    list_filter = ["state", "cluster", "dry_run"]
    list_select_related = ["cluster", "actor"]
    fields = [
        "synced_at",
        "cluster",
        "outcome",
        "failure",
        "dry_run",
        "accounts",
        "changed",
        "warnings_shown",
        "lines_shown",
        "cancelled_shown",
        "actor",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.syncs_for(request.user)

    @display(
        description=gettext_lazy("state"), label={"done": "success", "failed": "danger"}, ordering="state"
    )
    def outcome(self, obj: LimitSync) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("warnings"))
    def warned(self, obj: LimitSync) -> int:
        return len(obj.warnings)

    @display(description=gettext_lazy("warnings"))
    def warnings_shown(self, obj: LimitSync) -> SafeString | str:
        return _listed(f"▲ {each}" for each in obj.warning_texts) or _("none")

    @display(description=gettext_lazy("accounts that differed"))
    def lines_shown(self, obj: LimitSync) -> SafeString | str:
        return _listed(
            " · ".join(
                filter(
                    None,
                    [
                        _sentence(line, line.balance_gflop, line.warning_texts),
                        line.get_outcome_display(),
                        line.failure,
                    ],
                )
            )
            for line in obj.lines.all()
        ) or _("none")

    @display(description=gettext_lazy("running jobs cancelled of"))
    def cancelled_shown(self, obj: LimitSync) -> str:
        return ", ".join(obj.cancelled) or _("none")
