"""What pages of founders, advisers and the office ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Wish
from .models.wishes import LOWEST_RANK
from .services.ranking import NOTE


@dataclass
class Choice:
    """One line of a ranking: somebody to put in order."""

    pk: int
    name: str
    about: str
    rank: str = ""
    veto: bool = False
    note: str = ""
    problem: str = ""


class Ranking:
    """A ranking as it is typed: a number beside each name, or a tick for "not with". Works without JavaScript."""

    most = LOWEST_RANK
    note_length = NOTE

    def __init__(self, choices: Sequence[Choice], posted: Mapping[str, Any] | None = None) -> None:
        self.choices = choices
        self.ranks: dict[int, int] = {}
        self.vetoes: list[int] = []
        self.notes: dict[int, str] = {}
        self.problem = ""
        if posted is not None:
            self._read(posted)

    def _read(self, posted: Mapping[str, Any]) -> None:
        seen: dict[int, Choice] = {}
        for choice in self.choices:
            choice.rank = str(posted.get(f"rank_{choice.pk}", "")).strip()[:4]
            choice.veto = bool(posted.get(f"veto_{choice.pk}"))
            choice.note = str(posted.get(f"note_{choice.pk}", "")).strip()[:NOTE]
            if choice.veto:
                self.vetoes.append(choice.pk)
                self.notes[choice.pk] = choice.note
                if choice.rank:
                    choice.problem = _("Either a place or “not with”.")
            if choice.rank and not choice.veto:
                self._place(choice, seen)
        wrong = [choice.name for choice in self.choices if choice.problem]
        if wrong:
            self.problem = _("Please look again at: %(names)s") % {"names": ", ".join(wrong)}

    def _place(self, choice: Choice, seen: dict[int, Choice]) -> None:
        try:
            rank = int(choice.rank)
        except ValueError:
            rank = 0
        if not 1 <= rank <= self.most:
            choice.problem = _("A whole number from 1 to %(most)s.") % {"most": self.most}
        elif rank in seen:
            choice.problem = _("%(other)s has this place already.") % {"other": seen[rank].name}
        else:
            seen[rank] = choice
            self.ranks[choice.pk] = rank

    @property
    def is_valid(self) -> bool:
        return not self.problem

    @property
    def chosen(self) -> int:
        return sum(bool(choice.rank) for choice in self.choices)


def fill(choices: Sequence[Choice], wishes: Sequence[Wish], other: str) -> Sequence[Choice]:
    """The lines with what was said already, those with a place first."""
    said = {getattr(wish, f"{other}_id"): wish for wish in wishes}
    for choice in choices:
        wish = said.get(choice.pk)
        if wish is not None:
            choice.rank = str(wish.rank or "")
            choice.veto, choice.note = wish.veto, wish.note
    return sorted(choices, key=lambda each: (int(each.rank or LOWEST_RANK + 1), each.name))


class UntilForm(forms.Form):
    until = forms.SplitDateTimeField(
        label=gettext_lazy("Wishes are collected until"),
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
    )


class PartForm(forms.Form):
    """Limits and absences of one who takes part, or the closed slots of a table."""

    minimum = forms.IntegerField(
        label=gettext_lazy("Meetings, at least"), min_value=0, max_value=40, required=False
    )
    maximum = forms.IntegerField(
        label=gettext_lazy("Meetings, at most"),
        help_text=gettext_lazy("Empty: as many as there are slots."),
        min_value=0,
        max_value=40,
        required=False,
    )
    slots = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Not there in these slots"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, kind: str, slots: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["slots"]
        field.choices = [(slot.number, f"{slot.number} · {slot.label}") for slot in slots]
        if kind != "company":
            del self.fields["minimum"]
        if kind == "table":
            del self.fields["maximum"]
            field.label = _("Closed in these slots")


class RepairForm(forms.Form):
    """Who or what drops out, and when."""

    REST, SOME = "rest", "some"
    advisers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Advisers"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    companies = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Companies"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    tables = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Tables"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    meetings = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Single meetings that are cancelled"),
        coerce=int,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[
            (REST, gettext_lazy("for the rest of the day")),
            (SOME, gettext_lazy("in these slots only: late, or not there for a while")),
        ],
        initial=REST,
        widget=forms.RadioSelect,
    )
    slots = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Slots"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("For the office. It stays with the meetings that are cancelled."),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, choices: Mapping[str, Sequence[tuple[int, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in choices.items():
            field: Any = self.fields[name]
            field.choices = options


class CallOffForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Everybody who takes part reads it."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
