from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.forms import WonField

from .enums import CheckState
from .models import Handover


class TickForm(forms.Form):
    state = forms.ChoiceField(choices=CheckState.choices)
    note = forms.CharField(max_length=400, required=False)


class ReturnForm(forms.Form):
    """Keys, restoration and deposit."""

    keys_given = forms.IntegerField(label=_("Keys given out"), min_value=0, max_value=999)
    keys_returned = forms.IntegerField(label=_("Keys returned"), min_value=0, max_value=999)
    restoration = forms.CharField(
        label=_("What had to be restored"), max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )
    deposit_krw = WonField(label=_("Deposit held, won"))
    returned_krw = WonField(label=_("Deposit returned, won"))
    kept_krw = WonField(label=_("Deposit kept, won"))
    kept_reason = forms.CharField(label=_("Why a part is kept"), max_length=400, required=False)

    @classmethod
    def of(cls, handover: Handover, data: Any = None) -> "ReturnForm":
        return cls(data, initial={name: getattr(handover, name) for name in cls.base_fields}, prefix="return")


class CloseForm(forms.Form):
    note = forms.CharField(label=_("Note at the end"), max_length=400, required=False)


class CallOffForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=400)
