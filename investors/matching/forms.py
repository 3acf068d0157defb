from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import DisclosureItem
from .errors import ItemsMissing
from .models import REASON_LIMIT, Introduction


class AnswerForm(forms.Form):
    """A company's answer to one introduction: which of the items asked for it agrees to show."""

    items = forms.MultipleChoiceField(
        label=_("Items that you agree to show"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": ItemsMissing.message},
        help_text=_("Take away what you do not want to show."),
    )

    def __init__(self, introduction: Introduction, *args: Any, **kwargs: Any) -> None:
        initial = {"items": introduction.items}
        super().__init__(*args, **{"initial": initial, "prefix": f"answer-{introduction.pk}", **kwargs})
        self.fields["items"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, label in DisclosureItem.choices if code in introduction.items
        ]


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only the camp office reads this. The firm does not hear of your answer."),
    )

    def __init__(self, introduction: Introduction, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": f"decline-{introduction.pk}", **kwargs})
