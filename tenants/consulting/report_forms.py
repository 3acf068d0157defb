"""What is typed after a session: the report with its steps, and the company's rating and notes."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from incubator.common.display import day_short
from incubator.common.forms import DayField

from . import policy
from .enums import AdviceField, Side
from .forms import FilesField
from .models import REASON_LIMIT, TEXT_LIMIT, NextStep, SessionReport
from .services import StepDraft

DUE_IN = timedelta(days=14)
STARS = (
    (5, _("5 – it moved us on a great deal")),
    (4, _("4 – it helped")),
    (3, _("3 – it helped a little")),
    (2, _("2 – it hardly helped")),
    (1, _("1 – it did not help")),
)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ReportForm(forms.Form):
    field = forms.ChoiceField(label=_("What the advice is about"), choices=AdviceField.choices)
    advice = forms.CharField(
        label=_("Advice"),
        help_text=_("The company reads it, and so does the next adviser whom it books."),
        max_length=TEXT_LIMIT,
        widget=_area(6),
    )
    differs_from = forms.TypedChoiceField(
        label=_("I advise otherwise than"),
        help_text=_("The company and the next adviser see at a glance that advice differs."),
        coerce=int,
        empty_value=None,
        required=False,
    )
    file = FilesField(
        label=_("Files for the company"),
        help_text=_("PDF, Word, Excel, PowerPoint, HWP, pictures or text; at most five."),
        required=False,
    )
    note = forms.CharField(
        label=_("Note to the camp office"),
        help_text=_("Only the managers of consulting read it: neither the company nor another adviser."),
        max_length=TEXT_LIMIT,
        widget=_area(3),
        required=False,
    )

    def __init__(self, *args: Any, earlier: Iterable[SessionReport], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earlier = {report.pk: report for report in earlier}
        choices = [
            (pk, f"{day_short(each.session_on)} · {each.adviser.name}: {each.advice[:40]}")
            for pk, each in self.earlier.items()
        ]
        self.fields["differs_from"].choices = [("", _("Nobody")), *choices]  # type: ignore[attr-defined]
        if not choices:
            del self.fields["differs_from"]

    @property
    def given(self) -> dict[str, Any]:
        """What `write_report` takes besides the steps, of a form without errors."""
        values = self.cleaned_data
        return {
            "field": values["field"],
            "advice": values["advice"],
            "files": values["file"],
            "note": values["note"],
            "differs_from": self.earlier.get(values.get("differs_from")),
        }


class StepForm(forms.Form):
    step = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label=_("What is to be done"), max_length=TEXT_LIMIT, widget=_area(2))
    owner = forms.ChoiceField(label=_("Who does it"), choices=Side.choices)
    due_on = DayField(label=_("To be done by"))

    def has_changed(self) -> bool:
        """A row that nothing is written in is no step, whatever its other fields begin with."""
        return bool((self["text"].data or "").strip() or self["step"].data)

    @property
    def draft(self) -> StepDraft:
        values = self.cleaned_data
        return StepDraft(values["text"], values["owner"], values["due_on"], values["step"])


class StepRows:
    """The rows of a report's steps: those that are open, and one more to fill in. A row left empty is no step."""

    def __init__(self, rows: list[StepForm]) -> None:
        self.rows = rows

    @classmethod
    def of(cls, steps: Iterable[NextStep], today: date) -> Self:
        known = [
            {"step": step.pk, "text": step.text, "owner": step.owner, "due_on": step.due_on} for step in steps
        ]
        return cls._unbound([*known, {"owner": Side.COMPANY, "due_on": today + DUE_IN}])

    @classmethod
    def typed(cls, data: Mapping[str, Any], today: date, *, more: bool = False) -> Self:
        """The rows as they were sent; with `more` not judged yet, and one more below them."""
        total = str(data.get("steps", ""))
        count = (
            min(int(total), policy.MOST_STEPS)
            if total.isascii() and total.isdigit() and len(total) < 4
            else 0
        )
        if not more:
            return cls([_row(at, data) for at in range(count)])
        names = ("step", "text", "owner", "due_on")
        known = [{name: data.get(f"steps-{at}-{name}", "") for name in names} for at in range(count)]
        blank = {"owner": Side.COMPANY, "due_on": today + DUE_IN}
        return cls._unbound([*known, blank][: policy.MOST_STEPS])

    @classmethod
    def _unbound(cls, rows: list[dict[str, Any]]) -> Self:
        return cls([_row(at, initial=row) for at, row in enumerate(rows)])

    def is_valid(self) -> bool:
        return not self.errors

    @property
    def errors(self) -> bool:
        return any(row.errors for row in self.rows)

    @property
    def may_grow(self) -> bool:
        return len(self.rows) < policy.MOST_STEPS

    @property
    def drafts(self) -> list[StepDraft]:
        """The rows that something is written in, of rows without errors."""
        return [row.draft for row in self.rows if row.has_changed()]


def _row(at: int, data: Any = None, **more: Any) -> StepForm:
    return StepForm(data, prefix=f"steps-{at}", empty_permitted=True, use_required_attribute=False, **more)


class RatingForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("How much did the session help?"), choices=STARS, coerce=int, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your words"),
        help_text=_("Managers read it, the adviser does not."),
        max_length=TEXT_LIMIT,
        required=False,
        widget=_area(3),
    )


class NotesForm(forms.Form):
    text = forms.CharField(
        label=_("Notes"),
        help_text=_("Only members of your company read them; neither the adviser nor the camp office can."),
        max_length=TEXT_LIMIT,
        required=False,
        widget=_area(4),
    )


class DropForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Whoever reads the advice reads why."),
        max_length=REASON_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
