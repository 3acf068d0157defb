"""The form of an application, made of what every company is asked and of a call's own questions.

A draft is what was typed, as it was typed: `{field: text}` (a list where several may be chosen). It may be wrong in any way;
`Questionnaire` reads it, says what is missing, and gives the values once nothing is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common.enums import Region, Sector, Stage
from incubator.common.forms import DayField, WonField
from incubator.common.sheets.numbers import is_business_number

from .enums import QuestionKind
from .models import ApplicationFile, Call, Question
from .residents import has_resident_number, without_resident_numbers

TEAM_ROWS = 6
FILES_EACH = 3
LONG_TEXT, SHORT_TEXT = 4000, 200
COMPANY_FIELDS = (
    "name",
    "name_en",
    "representative",
    "contact_email",
    "business_number",
    "founded_on",
    "stage",
    "region",
    "sectors",
    "summary",
)
YES, NO = "yes", "no"


class BusinessNumberField(forms.CharField):
    """Ten digits with the right check digit, with or without hyphens; empty for who has not founded yet."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        digits = "".join(text.split()).replace("-", "")
        if digits and not is_business_number(digits):
            raise ValidationError(
                _("This business number does not exist: please check its digits."), code="invalid"
            )
        return digits


def _text(
    label: Any, length: int, *, required: bool = True, help_text: Any = "", rows: int = 0
) -> forms.CharField:
    attrs: dict[str, Any] = {"rows": rows} if rows else {}
    widget = forms.Textarea(attrs=attrs) if rows else forms.TextInput()
    return forms.CharField(
        label=label, max_length=length, required=required, help_text=help_text, widget=widget
    )


class Questionnaire(forms.Form):
    """Unbound it shows a draft; bound to one it judges it. `files` are those of the application, by question."""

    required_css_class = ""
    use_required_attribute = False

    name = _text(gettext_lazy("Name of the company or the project"), 120)
    name_en = _text(gettext_lazy("English name"), 120, required=False)
    representative = _text(gettext_lazy("Representative"), 80)
    contact_email = forms.EmailField(label=gettext_lazy("Contact e-mail"), max_length=254)
    business_number = BusinessNumberField(
        label=gettext_lazy("Business registration number"),
        max_length=14,
        required=False,
        help_text=gettext_lazy("Ten digits. Leave it empty when you have not founded yet."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "14"}),
    )
    founded_on = DayField(
        label=gettext_lazy("Founded on"),
        required=False,
        help_text=gettext_lazy(
            "For example 2026-11-22 or 20261122. Leave it empty when you have not founded yet."
        ),
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=[("", gettext_lazy("Please choose")), *Stage.choices]
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Region"), choices=[("", gettext_lazy("Please choose")), *Region.choices]
    )
    sectors = forms.MultipleChoiceField(
        label=gettext_lazy("Sectors"), choices=Sector.choices, widget=forms.CheckboxSelectMultiple
    )
    summary = _text(
        gettext_lazy("What you do"),
        2000,
        rows=5,
        help_text=gettext_lazy("In a few sentences, without names: reviewers may not know who applies."),
    )
    consent = forms.BooleanField(label=gettext_lazy("I agree to this processing of personal data."))

    def __init__(
        self,
        questions: Sequence[Question],
        *args: Any,
        files: Sequence[ApplicationFile] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        self.attached: dict[int | None, list[ApplicationFile]] = {}
        for file in files:
            self.attached.setdefault(file.question_id, []).append(file)
        consent = self.fields.pop("consent")
        for row in range(TEAM_ROWS):
            label = {"number": row + 1}
            self.fields[f"team{row}_name"] = _text(_("Member %(number)s: name") % label, 80, required=False)
            self.fields[f"team{row}_email"] = forms.EmailField(
                label=_("Member %(number)s: e-mail") % label, max_length=254, required=False
            )
        for question in questions:
            self.fields[question.field] = self._field(question)
        self.fields["consent"] = consent

    def _field(self, question: Question) -> forms.Field:
        common: dict[str, Any] = {
            "label": question.display_text,
            "help_text": question.display_help,
            "required": question.required,
        }
        choices = [(each, each) for each in question.choices]
        match question.kind:
            case QuestionKind.LONG:
                length = question.most or LONG_TEXT
                common["help_text"] = common["help_text"] or _("At most %(count)s letters.") % {
                    "count": length
                }
                return forms.CharField(max_length=length, widget=forms.Textarea(attrs={"rows": 6}), **common)
            case QuestionKind.NUMBER:
                limits = [MaxValueValidator(question.most)] if question.most else []
                return forms.DecimalField(
                    max_digits=18,
                    decimal_places=4,
                    validators=limits,
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "size": "12"}),
                    **common,
                )
            case QuestionKind.WON:
                return WonField(**common)
            case QuestionKind.DATE:
                common["help_text"] = common["help_text"] or _("For example 2026-11-22 or 20261122.")
                return DayField(**common)
            case QuestionKind.CHOICE:
                return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
            case QuestionKind.MULTIPLE:
                return forms.MultipleChoiceField(
                    choices=choices, widget=forms.CheckboxSelectMultiple, **common
                )
            case QuestionKind.FILE:
                there = self.attached.get(question.pk, [])
                return forms.FileField(**{**common, "required": question.required and not there})
            case QuestionKind.YES_NO:
                both = [(YES, _("Yes")), (NO, _("No"))]
                return forms.ChoiceField(choices=both, widget=forms.RadioSelect, **common)
            case _:
                return forms.CharField(max_length=question.most or SHORT_TEXT, **common)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for row in range(TEAM_ROWS):
            if data.get(f"team{row}_email") and not data.get(f"team{row}_name"):
                self.add_error(f"team{row}_name", _("Please write the name that belongs to the address."))
        for question in self.questions:
            if question.kind != QuestionKind.MULTIPLE or not question.most:
                continue
            if len(data.get(question.field) or []) > question.most:
                self.add_error(question.field, _("Choose at most %(count)s.") % {"count": question.most})
        for name, value in data.items():
            if isinstance(value, str) and has_resident_number(value):
                self.add_error(name, str(RESIDENT_NUMBER))
        return data

    # --- what a submitted application keeps

    @property
    def company(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in COMPANY_FIELDS}

    @property
    def team(self) -> list[tuple[str, str]]:
        rows = (
            (self.cleaned_data[f"team{row}_name"], self.cleaned_data[f"team{row}_email"].lower())
            for row in range(TEAM_ROWS)
        )
        return [(name, email) for name, email in rows if name]

    @property
    def answers(self) -> list[tuple[Question, Any]]:
        """What was said, as JSON keeps it; questions without an answer, and files, are left out."""
        said = (
            (question, kept(self.cleaned_data[question.field]))
            for question in self.questions
            if question.kind != QuestionKind.FILE
        )
        return [(question, value) for question, value in said if value not in (None, "", [])]

    # --- how it is laid out

    def sections(self) -> list["Section"]:
        found = [Section(_("Your company or project"), [self[name] for name in COMPANY_FIELDS])]
        team = [self[f"team{row}_{part}"] for row in range(TEAM_ROWS) for part in ("name", "email")]
        found.append(Section(_("Your team"), team))
        for question in self.questions:
            if question.section and (len(found) == 2 or found[-1].title != question.section):
                found.append(Section(question.section, []))
            elif len(found) == 2:
                found.append(Section(_("Questions of this call"), []))
            field: Any = self[question.field]
            field.attached = self.attached.get(question.pk, [])
            found[-1].fields.append(field)
        return found


RESIDENT_NUMBER = gettext_lazy(
    "This looked like a resident registration number. We may not keep those, so we took the digits out; the rest is as "
    "you wrote it. A birthday, if anything, is enough."
)


@dataclass
class Section:
    title: str
    fields: list[Any]


def kept(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | list | bool):
        return value
    return format(value.normalize(), "f")


@dataclass(frozen=True)
class Progress:
    """How far a draft is: of the things that must be there, which are not, and which are there but wrong."""

    asked: int
    missing: list[str]
    wrong: list[str]

    @property
    def answered(self) -> int:
        return self.asked - len(self.missing)

    @property
    def complete(self) -> bool:
        return not self.missing and not self.wrong


def as_data(draft: Mapping[str, Any]) -> MultiValueDict:
    return MultiValueDict(
        {name: value if isinstance(value, list) else [value] for name, value in draft.items()}
    )


def typed(form: Questionnaire, data: Any) -> tuple[dict[str, Any], list[str]]:
    """Everything of `data` that the form asks for, as it was typed, and the fields in which a resident number was hidden."""
    found: dict[str, Any] = {}
    hidden = []
    for name, field in form.fields.items():
        if isinstance(field, forms.FileField):
            continue
        if isinstance(field, forms.MultipleChoiceField):
            found[name] = list(data.getlist(name))[:50]
            continue
        text = str(data.get(name) or "")[:20_000]
        safe = without_resident_numbers(text)
        if safe != text:
            hidden.append(name)
        found[name] = safe
    return found, hidden


def progress_of(form: Questionnaire) -> Progress:
    """How far the draft is that the form is bound to."""
    asked = 0
    missing: list[str] = []
    wrong: list[str] = []
    for name, field in form.fields.items():
        asked += field.required or (isinstance(field, forms.FileField) and _asked_file(form, name))
        for error in form.errors.as_data().get(name, []):
            (missing if error.code == "required" else wrong).append(str(field.label))
            break
    return Progress(int(asked), missing, wrong)


def _asked_file(form: Questionnaire, name: str) -> bool:
    return any(question.field == name and question.required for question in form.questions)


def bound(
    questions: Sequence[Question], draft: Mapping[str, Any], files: Sequence[ApplicationFile]
) -> Questionnaire:
    """The draft, judged. Files are known by the rows that are there."""
    return Questionnaire(questions, as_data(draft), MultiValueDict(), files=files)


def questions_of(call: Call) -> list[Question]:
    return list(call.questions.all())
