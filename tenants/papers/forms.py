from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


class CompareForm(forms.Form):
    """What somebody holds, to be compared with what was issued: the file, or its SHA-256."""

    file = forms.FileField(
        label=_("The PDF that you have"),
        required=False,
        help_text=_("It is compared and not kept."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    sha256 = forms.CharField(
        label=_("Or its SHA-256"),
        required=False,
        strip=True,
        help_text=_("64 letters and digits, when you would rather not send the file."),
        validators=[
            RegexValidator(r"\A[0-9a-fA-F]{64}\Z", _("A SHA-256 has 64 characters: 0 to 9 and a to f."))
        ],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _("A file may have at most %(megabytes)s MB.")
                % {"megabytes": settings.UPLOAD_MAX_BYTES // settings.MEGABYTE}
            )
        return file

    def clean_sha256(self) -> str:
        text: str = self.cleaned_data["sha256"]
        return text.lower()


class VerifyForm(CompareForm):
    code = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        help_text=_("16 letters and digits at the foot of every page, like ABCD-EFGH-JKMN-PQRS."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    field_order = ("code", "file", "sha256")
