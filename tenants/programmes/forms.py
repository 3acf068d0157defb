"""What founders and teachers type. The services judge it; forms only read it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError

from .models import REASON_LIMIT, Meeting


def show_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Put a refusal at its field, or over the form where it has none of that name."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


class SignUpForm(forms.Form):
    """Who of the company takes part; without a choice where there is one person only."""

    person = forms.TypedChoiceField(label=_("Who takes part"), coerce=int)

    def __init__(self, data: Any, *, people: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["person"].choices = [(each.pk, each.name) for each in people]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LIMIT)


class MaterialForm(forms.Form):
    file = forms.FileField(
        label=_("File"), help_text=_("PDF, Word, Excel, PowerPoint, HWP, a picture or text.")
    )
    meeting = forms.TypedChoiceField(label=_("For"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, meetings: Iterable[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("The whole programme")), *((each.pk, str(each)) for each in meetings)]
        self.fields["meeting"].choices = choices  # type: ignore[attr-defined]
