"""Loading a sheet in the admin: upload, look at each row's fate, confirm."""

from dataclasses import replace
from io import BytesIO
from pathlib import PurePath
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from incubator.common.sheets.errors import FileTooLarge, SheetError
from incubator.common.sheets.files import MEGABYTE, MOST_BYTES
from incubator.common.sheets.loader import Loader, PlanChanged
from incubator.common.sheets.plan import LoadReport
from incubator.common.sheets.preview import Preview
from incubator.common.sheets.reading import read_sheet
from incubator.common.sheets.table import Sheet
from incubator.common.sheets.uploads import Upload, UploadGone, confirmed_upload, keep
from incubator.common.sheets.wording import worded


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=worded(_("XLSX or CSV, at most %(limit)s MB."), {"limit": MOST_BYTES // MEGABYTE}),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(str(FileTooLarge(limit=MOST_BYTES // MEGABYTE)))
        return file


class SheetUploadMixin:
    """Put it before Unfold's ModelAdmin and set `loader_class`. Adds a button and the page behind it.

    Whoever passes `has_load_permission` may load. The loader runs as the signed-in person.
    """

    loader_class: ClassVar[type[Loader[Any]]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.actions_list = [*self.actions_list, "load_sheet"]  # type: ignore[has-type]
        super().__init__(*args, **kwargs)

    def has_load_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request))  # type: ignore[attr-defined]

    @action(description=_("Load Excel or CSV"), url_path="load", permissions=["load"], icon="upload_file")
    def load_sheet(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and "confirm" in request.POST:
            return self._confirm(request)
        if request.method == "POST":
            return self._preview(request)
        return self._upload_page(request, UploadForm())

    def _preview(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._upload_page(request, form)
        file = form.cleaned_data["file"]
        name = PurePath(file.name).name
        content = file.read()
        try:
            sheet = read_sheet(BytesIO(content), name, self.loader_class.columns)
        except SheetError as error:
            form.add_error("file", str(error))
            return self._upload_page(request, form)
        report = self._rehearsed(request, sheet)
        upload = None
        if report.ok and report.pending:
            upload = keep(
                user=request.user, loader=self._loader_name, name=name, content=content, now=timezone.now()
            )
        return self._preview_page(request, report, upload)

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        loader = self.loader_class()
        try:
            upload = confirmed_upload(request.POST["confirm"], user=request.user, loader=self._loader_name)
            sheet = read_sheet(upload.open(), upload.name, loader.columns)
        except UploadGone as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)
        try:
            report = loader.load(sheet, actor=request.user, now=timezone.now(), confirmed=upload.digest)
        except PlanChanged as error:
            messages.warning(request, str(error))
            return self._preview_page(request, self._rehearsed(request, sheet), upload)
        if not report.written:
            messages.error(request, _("Nothing was written: rows were rejected."))
            return self._preview_page(request, report, None)
        upload.forget()
        count = report.counts.new + report.counts.changed
        done = ngettext("%(count)s row was written.", "%(count)s rows were written.", count) % {
            "count": count
        }
        messages.success(request, done)
        return HttpResponseRedirect(self._list_address)

    def _rehearsed(self, request: HttpRequest, sheet: Sheet) -> LoadReport[Any]:
        return self.loader_class().load(sheet, actor=request.user, now=timezone.now(), dry_run=True)

    def _upload_page(self, request: HttpRequest, form: UploadForm) -> HttpResponse:
        return self._page(request, "admin/sheets/upload.html", form=form, columns=self.loader_class.columns)

    def _preview_page(
        self, request: HttpRequest, report: LoadReport[Any], upload: Upload | None
    ) -> HttpResponse:
        token = ""
        if upload and report.ok and report.pending:
            token = replace(upload, digest=report.plan.digest).token()
        return self._page(
            request,
            "admin/sheets/preview.html",
            preview=Preview(self.loader_class(), report.plan),
            counts=report.counts,
            pending=report.pending,
            token=token,
        )

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        site = self.admin_site  # type: ignore[attr-defined]
        options = self.model._meta  # type: ignore[attr-defined]
        request.current_app = site.name
        return TemplateResponse(
            request,
            template,
            {
                **site.each_context(request),
                "opts": options,
                "title": _("Load %(subject)s from a spreadsheet") % {"subject": self.loader_class.subject},
                "list_address": self._list_address,
                **context,
            },
        )

    @property
    def _loader_name(self) -> str:
        return f"{self.loader_class.__module__}.{self.loader_class.__qualname__}"

    @property
    def _list_address(self) -> str:
        options = self.model._meta  # type: ignore[attr-defined]
        site = self.admin_site  # type: ignore[attr-defined]
        return reverse(f"{site.name}:{options.app_label}_{options.model_name}_changelist")
