from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.templatetags.camp import pfh_unit
from tenants.compute import selectors, services
from tenants.compute.enums import ImportSource
from tenants.compute.models import UsageImport, UsageRecord
from tenants.compute.wording import resource_name

from .asking import CreditsReadOnlyAdmin
from .forms import UsageUploadForm

REJECTED_SHOWN = 50


def received(request: HttpRequest, data: dict[str, Any], source: str) -> tuple[str, str]:
    """Keep an uploaded file for the task that reads it: what to say, and the page of the import."""
    waiting = services.receive_usage(
        file=data["file"],
        file_name=data["file"].name,
        cluster=data["cluster"].name,
        kind=source,
        actor=request.user,
        now=timezone.now(),
    )
    said = _("The file is being read. This page shows what came of it; please load it again in a moment.")
    return said, reverse("admin:compute_usageimport_change", args=[waiting.pk])


@admin.register(UsageImport)
class UsageImportAdmin(CreditsReadOnlyAdmin):
    list_display = [
        "created_at",
        "source",
        "cluster",
        "file_name",
        "state_shown",
        "read",
        "new",
        "changed",
        "unchanged",
        "unattributed",
        "rejected",
        "actor",
    ]
    list_filter = ["state", "source", "cluster"]
    list_select_related = ["cluster", "actor"]
    search_fields = ["file_name", "sha256"]
    actions_list = ["upload"]
    fields = [
        "state",
        "failure",
        "cluster",
        "source",
        "file_name",
        "sha256",
        "counts",
        "held",
        "rejected_shown",
        "actor",
        "started_at",
        "finished_at",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.usage_imports_for(request.user)

    @action(
        description=gettext_lazy("Import usage"),
        url_path="upload",
        permissions=["manage"],
        icon="upload_file",
    )
    def upload(self, request: HttpRequest) -> HttpResponse:
        return self.ask(
            request,
            form=UsageUploadForm(request.POST or None, request.FILES or None),
            title=_("Import usage"),
            explanation=_(
                "Each ended job is charged once, however often its row comes in. Rows that cannot be used are listed with"
                " the reason."
            ),
            button=_("Import the file"),
            back=self.list_address,
            act=lambda data: received(request, data, data["source"] or ImportSource.SLURM),
            multipart=True,
        )

    @display(
        description=gettext_lazy("state"),
        label={"waiting": "info", "imported": "success", "failed": "danger"},
        ordering="state",
    )
    def state_shown(self, obj: UsageImport) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("result"))
    def counts(self, obj: UsageImport) -> str:
        return _(
            "read %(read)s, new %(new)s, changed %(changed)s, unchanged %(unchanged)s, unattributed %(unattributed)s,"
            " rejected %(rejected)s"
        ) % {
            "read": obj.read,
            "new": obj.new,
            "changed": obj.changed,
            "unchanged": obj.unchanged,
            "unattributed": obj.unattributed,
            "rejected": obj.rejected,
        }

    @display(description=gettext_lazy("rejected rows"))
    def rejected_shown(self, obj: UsageImport) -> SafeString | str:
        if not obj.rejected:
            return _("none")
        rows = list(obj.rows_rejected[:REJECTED_SHOWN])
        listed = format_html_join(
            "",
            "<li>{}</li>",
            ((_("line %(line)s: %(reason)s") % {"line": row.line, "reason": row.reason},) for row in rows),
        )
        more = obj.rejected - len(rows)
        rest = _("and %(count)s more") % {"count": more} if more else ""
        return format_html("<ul>{}</ul>{}", listed, rest)


@admin.register(UsageRecord)
class UsageRecordAdmin(CreditsReadOnlyAdmin):
    list_display = [
        "job_shown",
        "cluster",
        "company",
        "account",
        "user",
        "state_shown",
        "ended_at",
        "elapsed_seconds",
        "charge",
    ]
    list_filter = ["cluster", "state", ("company", admin.EmptyFieldListFilter)]
    search_fields = ["=job_id", "display_id", "account", "company__name"]
    ordering = ["-pk"]
    fields = [
        "cluster",
        "job_shown",
        "submit_at",
        "revision",
        "account",
        "user",
        "company",
        "state_shown",
        "started_at",
        "ended_at",
        "elapsed_seconds",
        "explained",
        "charge",
        "usage_import",
        "recorded_at",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.usage_records_for(request.user).select_related("cluster", "company")

    @display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, obj: UsageRecord) -> str:
        return obj.get_state_label()

    @display(description=gettext_lazy("job"), ordering="job_id")
    def job_shown(self, obj: UsageRecord) -> str:
        return obj.job_shown

    @display(description=gettext_lazy("charge"), ordering="charge_gflop")
    def charge(self, obj: UsageRecord) -> SafeString:
        return pfh_unit(obj.charge_gflop)

    @display(description=gettext_lazy("how it was charged"))
    def explained(self, obj: UsageRecord) -> SafeString:
        charged = format_html_join(
            "",
            "<li>{} {} × {} GFLOP/s × {} s = {} GFLOP</li>",
            (
                (
                    resource_name(line["resource"]),
                    f"{line['units']:,}",
                    f"{line['rate']:,}",
                    f"{obj.elapsed_seconds:,}",
                    f"{line['gflop']:,}",
                )
                for line in obj.lines
            ),
        )
        free = format_html_join(
            "",
            "<li>{}</li>",
            ((_("%(name)s: no rate, not charged") % {"name": resource_name(code)},) for code in obj.unrated),
        )
        return format_html("<ul>{}{}</ul>", charged, free)
