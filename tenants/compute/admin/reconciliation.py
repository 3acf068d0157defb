from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Abs
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from incubator.common.display import moment, number
from incubator.common.downloads import Cell, csv_response
from tenants.compute import services
from tenants.compute.models import Cluster, Reconciliation, ReconciliationLine
from tenants.compute.moments import parse_moment
from tenants.compute.selectors import reconciliation as selectors

from .asking import CreditsReadOnlyAdmin
from .forms import AskReasonForm

LINES_SHOWN = 200


class MomentField(forms.CharField):
    """A moment as ISO 8601 or seconds since 1970; empty: the file says it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=40, widget=UnfoldAdminTextInputWidget(), **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_moment(text) if text else None
        except ValueError as error:
            raise ValidationError(
                _("Please give it as 2026-11-22 15:00, or in seconds since 1970.")
            ) from error


class ControlForm(forms.Form):
    cluster = forms.ModelChoiceField(
        label=gettext_lazy("Cluster"), queryset=Cluster.objects.all(), widget=UnfoldAdminSelectWidget()
    )
    start = MomentField(label=gettext_lazy("From"))
    end = MomentField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy(
            "Not in the window itself. Both may stay empty where the file's heading says them in seconds."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        help_text=gettext_lazy("The output of sreport -P -t seconds cluster AccountUtilizationByUser."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".txt,.psv,.csv,text/plain"}),
    )


@admin.register(Reconciliation)
class ReconciliationAdmin(CreditsReadOnlyAdmin):
    list_display = [
        "created_at",
        "cluster",
        "window",
        "source",
        "outcome",
        "compared",
        "differing",
        "actor",
    ]
    list_filter = ["ok", "cluster", "source"]
    list_select_related = ["cluster", "actor"]
    search_fields = ["file_name", "sha256"]
    actions_list = ["upload"]
    actions_detail = ["export", "explain"]
    fields = [
        "outcome",
        "cluster",
        "window",
        "source",
        "file_name",
        "sha256",
        "compared",
        "differing",
        "lines_shown",
        "settled_reason",
        "settled_by",
        "settled_at",
        "actor",
        "created_at",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.reconciliations_for(request.user)

    @action(
        description=gettext_lazy("Compare with a control total"),
        url_path="upload",
        permissions=["manage"],
        icon="balance",
    )
    def upload(self, request: HttpRequest) -> HttpResponse:
        def act(data: dict[str, Any]) -> tuple[str, str]:
            made = services.reconcile_usage(
                data["file"],
                file_name=data["file"].name,
                cluster=data["cluster"].name,
                start=data["start"],
                end=data["end"],
                actor=request.user,
                now=timezone.now(),
            )
            if made.ok:
                said = _("All %(count)s totals are equal, to the second.") % {"count": made.compared}
            else:
                said = _("%(count)s totals differ. They are listed here.") % {"count": made.differing}
            return said, self.address_of(made)

        return self.ask(
            request,
            form=ControlForm(request.POST or None, request.FILES or None),
            title=_("Compare with a control total"),
            explanation=_(
                "What we charged in a window beside what the scheduler itself counted, per account and resource. A difference"
                " stays in the inbox until the window is compared again or somebody explains it."
            ),
            button=_("Compare"),
            back=self.list_address,
            act=act,
            multipart=True,
        )

    @action(
        description=gettext_lazy("Lines as CSV"), url_path="lines-csv", permissions=["view"], icon="download"
    )
    def export(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        found = self.found(request, object_id)
        header = [
            _("account"),
            _("resource"),
            _("ours, seconds"),
            _("theirs, seconds"),
            _("difference"),
            _("accounts under it"),
        ]
        lines = selectors.reconciliation_lines_for(request.user).filter(reconciliation=found)
        rows: list[list[Cell]] = [
            [
                line.account,
                line.resource,
                line.ours_seconds,
                line.theirs_seconds,
                line.difference,
                " ".join(line.includes),
            ]
            for line in lines
        ]
        return csv_response(f"reconciliation-{found.pk}", [header, *rows])

    @action(
        description=gettext_lazy("Explain the difference"),
        url_path="explain",
        permissions=["manage"],
        icon="edit_note",
    )
    def explain(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        found = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            services.settle_reconciliation(
                reconciliation=found, reason=data["reason"], actor=request.user, now=timezone.now()
            )
            return _("The explanation is kept."), self.address_of(found)

        return self.ask(
            request,
            form=AskReasonForm(request.POST or None),
            title=_("Explain the difference"),
            explanation=_(
                "The comparison leaves the inbox; its lines and your words stay as they are for ever."
            ),
            button=_("Keep the explanation"),
            back=self.address_of(found),
            act=act,
        )

    @display(description=gettext_lazy("window"), ordering="starts_at")
    def window(self, obj: Reconciliation) -> str:
        return f"{moment(obj.starts_at)} – {moment(obj.ends_at)}"

    @display(
        description=gettext_lazy("outcome"),
        label={"equal": "success", "differs": "danger", "explained": "info"},
        ordering="ok",
    )
    def outcome(self, obj: Reconciliation) -> tuple[str, str]:
        if obj.ok:
            return "equal", _("Equal to the second")
        return ("explained", _("Explained")) if obj.settled_at else ("differs", _("Differs"))

    @display(description=gettext_lazy("lines"))
    def lines_shown(self, obj: Reconciliation) -> SafeString:
        """Those that differ come first."""
        lines = list(obj.lines.order_by(Abs("difference").desc(), "pk")[: LINES_SHOWN + 1])
        rows = format_html_join("", "<li>{}</li>", ((_said(line),) for line in lines[:LINES_SHOWN]))
        more = _("More lines are in the CSV.") if len(lines) > LINES_SHOWN else ""
        return format_html("<ul>{}</ul>{}", rows, more)


def _said(line: ReconciliationLine) -> str:
    mark = "▲" if line.difference else "●"
    sentence = _(
        "%(account)s, %(resource)s: ours %(ours)s s, theirs %(theirs)s s, difference %(difference)s s"
    ) % {
        "account": line.account,
        "resource": line.resource,
        "ours": number(line.ours_seconds),
        "theirs": number(line.theirs_seconds),
        "difference": number(line.difference),
    }
    return f"{mark} {sentence}"
