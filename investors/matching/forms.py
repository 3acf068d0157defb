from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.forms import DayField

from .enums import DECLARABLE, ConflictKind, DisclosureItem, PreferenceLevel
from .errors import ItemsMissing
from .limit_models import EVIDENCE_LIMIT, LAST_RANK
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


def _firm_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=_("Firm"), coerce=int)


class _AboutFirm(forms.Form):
    """About one of the firms that the company has met."""

    firm = _firm_field()

    def __init__(self, firms: Mapping[int, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["firm"].choices = [("", _("Please choose")), *firms.items()]  # type: ignore[attr-defined]


class WishForm(_AboutFirm):
    prefix = "wish"
    level = forms.ChoiceField(label=_("Your wish"), choices=PreferenceLevel.choices)
    rank = forms.IntegerField(
        label=_("Rank"),
        required=False,
        min_value=1,
        max_value=LAST_RANK,
        help_text=_("1 is the dearest, 10 the last. May stay empty."),
    )
    reason = forms.CharField(label=_("Why"), required=False, max_length=EVIDENCE_LIMIT)


class ConflictForm(_AboutFirm):
    prefix = "conflict"
    kind = forms.ChoiceField(
        label=_("What keeps you apart"),
        choices=[(kind, ConflictKind(kind).label) for kind in DECLARABLE],
    )
    until = DayField(
        label=_("Until"),
        required=False,
        help_text=_("A firm is declined until a day; the others may hold without one."),
    )
    evidence = forms.CharField(
        label=_("In a few words"),
        required=False,
        max_length=EVIDENCE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Of a rival: who it is, and that the firm holds shares in it."),
    )
