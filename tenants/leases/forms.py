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


class LeaveForm(forms.Form):
    """What a founder writes to leave before the end."""

    last_day = DayField(label=_("Last day in the space"))
    reason = forms.CharField(
        label=_("Why you would like to leave earlier"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SignForm(forms.Form):
    """A signature by typed name; the document is the one that was shown."""

    document_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    typed_name = forms.CharField(
        label=_("Your name"),
        help_text=_("As it stands in your account. It stands for your signature."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agreed = forms.BooleanField(label=_("I have read the contract and agree to it"))
