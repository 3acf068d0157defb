"""What founders and advisers type. The services judge it; forms only read it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incubator.common.display import hours
from incubator.common.display import period as shown_period
from incubator.common.errors import DomainError
from incubator.common.forms import DayField, parse_day
from tenants.companies.models import Membership

from . import policy
from .enums import AdviceField, Language
from .models import MOST_SEATS, REASON_LIMIT, TEXT_LIMIT, Adviser, MeetingRoom
from .quarters import SEOUL
from .times import PARTS, Wanted

LENGTHS = (30, 60, 90, 120)
PART_NAMES = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("Evening")}


def show_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Put a refusal at its field, or over the form where it has none of that name."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


class SlotFilter(forms.Form):
    """The filters of the free times; what is no filter is left out, never an error."""

    field = forms.ChoiceField(label=_("Advises on"), required=False)
    adviser = forms.TypedChoiceField(label=_("Adviser"), required=False, coerce=int, empty_value=None)
    language = forms.ChoiceField(label=_("Language"), required=False)
    part = forms.ChoiceField(label=_("Time of day"), required=False)

    def __init__(self, data: Any, *, advisers: Iterable[Adviser]) -> None:
        super().__init__(data)
        every = [("", _("All"))]
        self.fields["field"].choices = [*every, *AdviceField.choices]  # type: ignore[attr-defined]
        self.fields["adviser"].choices = [*every, *((adviser.pk, adviser.name) for adviser in advisers)]  # type: ignore[attr-defined]
        self.fields["language"].choices = [*every, *Language.choices]  # type: ignore[attr-defined]
        self.fields["part"].choices = [*every, *((part, PART_NAMES[part]) for part in PARTS)]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """What is asked for, by name; empty for everything."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def filter(self) -> Wanted:
        """The same as the reading of free times takes it."""
        return Wanted(**self.wanted)


def week_of(text: str) -> date | None:
    """The Monday of the week of a day as it stands in an address, None where it is no day."""
    try:
        day = parse_day(text)
        return day - timedelta(days=day.weekday())
    except (forms.ValidationError, OverflowError):
        return None


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one field. Cleans to a list."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(each, initial) for each in given if each]


class PeopleForm(forms.Form):
    """Who comes, what about, and what to read before."""

    attendee = forms.TypedChoiceField(label=_("Who comes"), coerce=int)
    others = forms.TypedMultipleChoiceField(
        label=_("Who comes along"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    topic = forms.CharField(
        label=_("What you want to talk about"),
        help_text=_("Only the adviser and your company read this."),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    file = FilesField(
        label=_("Files for the adviser"),
        help_text=_(
            "PDF, Word, Excel, PowerPoint, HWP, pictures or text; at most five. Only the adviser and your company read them."
        ),
        required=False,
    )

    def __init__(self, *args: Any, members: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {membership.user_id: membership.user for membership in members}
        choices = [(pk, person.name) for pk, person in self.people.items()]
        self.fields["attendee"].choices = choices  # type: ignore[attr-defined]
        self.fields["others"].choices = choices  # type: ignore[attr-defined]
        if len(choices) < 2:
            del self.fields["others"]

    def clean_attendee(self) -> Any:
        return self.people[self.cleaned_data["attendee"]]

    def clean_others(self) -> list[Any]:
        return [self.people[pk] for pk in self.cleaned_data["others"]]

    @property
    def given(self) -> dict[str, Any]:
        """What the booking services take, of a form without errors."""
        values = self.cleaned_data
        return {
            "attendee": values["attendee"],
            "attendees": values.get("others", []),
            "topic": values["topic"],
            "files": values["file"],
        }


class BookForm(PeopleForm):
    weeks = forms.TypedChoiceField(label=_("How often"), coerce=int, initial=1, required=False)
    # The same click, sent again by an impatient hand or a browser, books nothing more.
    click = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weeks"].choices = [  # type: ignore[attr-defined]
            (1, _("Once")),
            *(
                (weeks, _("Every week, %(weeks)s times: all of them or none") % {"weeks": weeks})
                for weeks in range(2, policy.MOST_WEEKS + 1)
            ),
        ]


def clock_field(label: Any, example: Any, **more: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        help_text=example,
        input_formats=["%H:%M", "%H:%M:%S", "%H%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "size": "8", "maxlength": "8"}),
        **more,
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The other side reads it in the e-mail about this."),
        max_length=REASON_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ProposeForm(ReasonForm):
    field_order = ("day", "starts", "reason")
    day = DayField(label=_("Day"))
    starts = clock_field(_("From"), _("For example 14:00."))

    @property
    def moment(self) -> datetime:
        """The proposed start in Seoul, of a form without errors."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["starts"], SEOUL)


class MoveForm(ReasonForm):
    field_order = ("time", "reason")
    time = forms.ChoiceField(label=_("New time"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, times: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.times = {time.key: time for time in times}
        self.fields["time"].choices = [(key, shown_period(time.period)) for key, time in self.times.items()]  # type: ignore[attr-defined]


class OpenSlotsForm(forms.Form):
    day = DayField(label=_("Day"))
    starts = clock_field(_("From"), _("For example 14:00."))
    ends = clock_field(_("Until"), _("For example 17:00."))
    minutes = forms.TypedChoiceField(label=_("Length of one session"), coerce=int, initial=60)
    room = forms.ModelChoiceField(
        label=_("Meeting room"),
        queryset=MeetingRoom.objects.none(),
        required=False,
        empty_label=_("No room, online"),
    )
    online_url = forms.URLField(
        label=_("Online address"),
        help_text=_("Only the company that books it sees the address."),
        required=False,
        max_length=400,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    seats = forms.IntegerField(
        label=_("Companies in one session"),
        help_text=_("1, or more for a group session."),
        min_value=1,
        max_value=MOST_SEATS,
        initial=1,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = MeetingRoom.objects.filter(active=True)  # type: ignore[attr-defined]
        self.fields["minutes"].choices = [(minutes, hours(minutes)) for minutes in LENGTHS]  # type: ignore[attr-defined]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Start and end in Seoul, of a form without errors."""
        day, starts, ends = (self.cleaned_data[name] for name in ("day", "starts", "ends"))
        return datetime.combine(day, starts, SEOUL), datetime.combine(day, ends, SEOUL)


class AttendanceForm(forms.Form):
    ANSWERS = (
        ("both", _("Both came")),
        ("adviser", _("The company did not come")),
        ("company", _("The adviser did not come")),
        ("nobody", _("Nobody came")),
    )
    came = forms.ChoiceField(label=_("Who came?"), choices=ANSWERS, widget=forms.RadioSelect)

    @property
    def adviser_came(self) -> bool:
        return self.cleaned_data["came"] in ("both", "adviser")

    @property
    def company_came(self) -> bool:
        return self.cleaned_data["came"] in ("both", "company")
