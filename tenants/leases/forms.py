from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.forms import DayField


class ExtensionForm(forms.Form):
    """What a founder writes to stay longer; the rules are the service's."""

    until = DayField(label=_("New last day"))
    reason = forms.CharField(
        label=_("Why you would like to stay"),
        help_text=_("Two or three sentences are enough: what you will do until then, and why here."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
