from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.forms import DayField

from .enums import AccessLevel
from .models import NAME_LIMIT, TITLE_LIMIT, Document, Folder

KINDS = ".pdf,.png,.jpg,.jpeg,.webp,.docx,.xlsx,.pptx,.hwp,.hwpx,.txt,.csv"
LEVELS = [("", _("Not shown")), *AccessLevel.choices]


class FolderForm(forms.Form):
    name = forms.CharField(label=_("Name of the folder"), max_length=NAME_LIMIT)


class ChangeFolderForm(FolderForm):
    position = forms.IntegerField(
        label=_("Place in the list"), help_text=_("0 comes first."), min_value=0, max_value=30_000
    )


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PDF or picture: firms see it page by page with their mark. Word, Excel, PowerPoint, HWP and text cannot be shown,"
            " only handed over where you allow it. At most 20 MB and 300 pages."
        ),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": KINDS}),
    )


class DocumentForm(forms.Form):
    title = forms.CharField(
        label=_("Title"),
        help_text=_("Firms see the title, never the file's own name."),
        max_length=TITLE_LIMIT,
    )
    folder: Any = forms.ModelChoiceField(label=_("Folder"), queryset=Folder.objects.none())

    def __init__(self, *args: Any, folders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["folder"]
        chosen.queryset = folders


class UploadForm(DocumentForm, FileForm):
    field_order = ["file", "title", "folder"]


class AccessForm(forms.Form):
    """What one firm may do with one document."""

    level = forms.ChoiceField(label=_("What is allowed"), choices=LEVELS, required=False)
    until = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, document: Document, standing: Any, last_day: date, **kwargs: Any) -> None:
        initial = {"level": standing.level, "until": standing.until} if standing else {}
        super().__init__(*args, **{**kwargs, "initial": initial, "prefix": f"d{document.pk}"})
        self.document = document
        for name, label in (
            ("level", _("What is allowed with %(title)s")),
            ("until", _("Until when: %(title)s")),
        ):
            self.fields[name].widget.attrs["aria-label"] = label % {"title": document.title}
        self.last_day = last_day
