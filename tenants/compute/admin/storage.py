from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.display import period, terabytes
from tenants.compute import services
from tenants.compute.enums import ImportSource
from tenants.compute.models import StorageGrant, StorageLevel
from tenants.compute.selectors import storage

from .asking import CreditsAdmin, CreditsReadOnlyAdmin
from .forms import PeriodForm, UploadForm, day_field, reason_field
from .grants import copied


class StorageGrantForm(PeriodForm):
    reason = reason_field()

    class Meta:
        model = StorageGrant
        fields = ["company", "cluster", "tb", "reason"]


class EndStorageForm(forms.Form):
    last_day = day_field(gettext_lazy("Last day"))
    reason = reason_field()


@admin.register(StorageGrant)
class StorageGrantAdmin(CreditsAdmin):
    form = StorageGrantForm
    list_display = ["company", "cluster", "tb", "days", "reason", "granted_at"]
    list_filter = ["cluster"]
    list_select_related = ["company", "cluster"]
    search_fields = ["company__name"]
    autocomplete_fields = ["company"]
    actions_detail = ["end_early"]
    shown = ["company", "cluster", "tb", "days", "reason", "granted_by", "granted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return storage.storage_grants_for(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else ["company", "cluster", "tb", "first_day", "last_day", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        granted = services.grant_storage(
            company=data["company"],
            cluster=data["cluster"],
            tb=data["tb"],
            period=data["period"],
            reason=data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        copied(obj, granted)

    @action(
        description=gettext_lazy("End the storage grant earlier"),
        url_path="end",
        permissions=["manage"],
        icon="event_busy",
    )
    def end_early(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        granted = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            ended = services.end_storage(
                storage_grant=granted, actor=request.user, now=timezone.now(), **data
            )
            return _("It is in force %(period)s now.") % {"period": period(ended.period)}, self.address_of(
                granted
            )

        return self.ask(
            request,
            form=EndStorageForm(request.POST or None),
            title=_("End the storage grant earlier"),
            explanation=_("%(tb)s TB for %(company)s, %(period)s. No file is deleted by this.")
            % {"tb": granted.tb, "company": granted.company, "period": period(granted.period)},
            button=_("End it on this day"),
            back=self.address_of(granted),
            act=act,
        )

    @display(description=gettext_lazy("period"), ordering="period")
    def days(self, obj: StorageGrant) -> str:
        return period(obj.period)


class StorageUploadForm(UploadForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "CSV with the columns cluster, account, day, granted_tb, used_tb (클러스터, 계정, 일자, 배정 TB, 사용 TB), at most"
            " 20 MB."
        )
        self.fields["file"].widget.attrs["accept"] = ".csv,text/csv,text/plain"


@admin.register(StorageLevel)
class StorageLevelAdmin(CreditsReadOnlyAdmin):
    list_display = ["day", "cluster", "account", "company", "room", "used"]
    list_filter = ["cluster", ("company", admin.EmptyFieldListFilter)]
    list_select_related = ["cluster", "company"]
    search_fields = ["account", "company__name"]
    actions_list = ["upload"]
    fields = [*list_display, "revision", "usage_import", "recorded_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return storage.storage_levels_for(request.user)

    @action(
        description=gettext_lazy("Import storage levels"),
        url_path="upload",
        permissions=["manage"],
        icon="upload_file",
    )
    def upload(self, request: HttpRequest) -> HttpResponse:
        from .usage import received

        return self.ask(
            request,
            form=StorageUploadForm(request.POST or None, request.FILES or None),
            title=_("Import storage levels"),
            explanation=_(
                "The same day again changes nothing; a day that the data centre corrected is kept anew."
            ),
            button=_("Import the file"),
            back=self.list_address,
            act=lambda data: received(request, data, ImportSource.STORAGE),
            multipart=True,
        )

    @display(description=gettext_lazy("room at the data centre"), ordering="granted_bytes")
    def room(self, obj: StorageLevel) -> str:
        return terabytes(obj.granted_bytes)

    @display(description=gettext_lazy("used"), ordering="used_bytes")
    def used(self, obj: StorageLevel) -> str:
        return terabytes(obj.used_bytes)
