"""What founders fill in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.forms import DayField


class DutyForm(forms.Form):
    done_on = DayField(label=_("Done on"))
    valid_until = DayField(label=_("Valid until"))
    evidence = forms.FileField(
        label=_("File that shows it"),
        help_text=_("PDF, Word, Excel, HWP or a picture, at most 20 MB."),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".pdf,.docx,.xlsx,.pptx,.hwp,.hwpx,.png,.jpg,.jpeg,.webp"}
        ),
    )
