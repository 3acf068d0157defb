from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.forms import DayField
from tenants.lifecycle.certificates import LONGEST_PURPOSE
from tenants.papers.enums import PaperLanguage


class WindowForm(forms.Form):
    """The days of a statement, both included and both optional. Field names are those of the address: from, to."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["from"] = DayField(label=_("First day"), required=False, help_text="")
        self.fields["to"] = DayField(label=_("Last day"), required=False, help_text="")

    def clean_to(self) -> date:
        """Support that has been had: never a day to come."""
        last = self.cleaned_data["to"] or self.today
        return min(last, self.today)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("from"), values.get("to")
        if first and last and first > last:
            self.add_error("from", _("The first day lies after the last one."))
        return values


class CertificateForm(forms.Form):
    """What a certificate of residency is for, and in which language."""

    purpose = forms.CharField(
        label=_("What is it for?"),
        max_length=LONGEST_PURPOSE,
        help_text=_("It is printed on the certificate, for example: for a bank."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=PaperLanguage.choices)


class SupportPaperForm(WindowForm):
    """The days of a statement on paper, and its language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=PaperLanguage.choices)
