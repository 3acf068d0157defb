"""What advisers type of their hours. The services judge it; forms only read it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.display import hours
from incubator.common.forms import DayField

from .enums import AdviceField, Language, Place, Weekday
from .forms import LENGTHS, clock_field
from .models import MOST_SEATS, REASON_LIMIT, Adviser, BookingTerms, MeetingRoom
from .quarters import SEOUL


class PlaceForm(forms.Form):
    """How long sessions last and where they take place."""

    minutes = forms.TypedChoiceField(label=_("Length of one session"), coerce=int, initial=60)
    place = forms.ChoiceField(label=_("Place"), choices=Place.choices, initial=Place.ONLINE)
    room = forms.ModelChoiceField(
        label=_("Meeting room"),
        queryset=MeetingRoom.objects.none(),
        required=False,
        empty_label=_("No room"),
    )
    online_url = forms.URLField(
        label=_("Online address"),
        help_text=_("Only the company that books it sees the address."),
        required=False,
        max_length=400,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = MeetingRoom.objects.filter(active=True)  # type: ignore[attr-defined]
        self.fields["minutes"].choices = [(minutes, hours(minutes)) for minutes in LENGTHS]  # type: ignore[attr-defined]


class HoursForm(PlaceForm):
    """Weekly hours of an adviser."""

    weekday = forms.ChoiceField(label=_("Weekday"), choices=Weekday.choices)
    starts = clock_field(_("From"), _("For example 14:00."))
    ends = clock_field(
        _("Until"), _("For example 17:00; 00:00 is midnight. An earlier time than the start is the next day.")
    )
    seats = forms.IntegerField(
        label=_("Companies in one session"),
        help_text=_("1, or more for a group session."),
        min_value=1,
        max_value=MOST_SEATS,
        initial=1,
    )
    topics = forms.MultipleChoiceField(
        label=_("Only these topics"), required=False, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label=_("Only these languages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first = DayField(label=_("From the day"), required=False, help_text=_("Empty: from today."))
    last = DayField(label=_("Until the day"), required=False, help_text=_("Empty: until further notice."))
    on_holidays = forms.BooleanField(label=_("On public holidays too"), required=False)

    field_order = ("weekday", "starts", "ends", "minutes", "place", "room", "online_url")

    def __init__(self, *args: Any, adviser: Adviser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [(code, AdviceField(code).label) for code in adviser.fields]
        languages = [(code, Language(code).label) for code in adviser.languages]
        self.fields["topics"].choices = topics  # type: ignore[attr-defined]
        self.fields["languages"].choices = languages  # type: ignore[attr-defined]
        for name, choices in (("topics", topics), ("languages", languages)):
            if len(choices) < 2:
                del self.fields[name]

    @property
    def given(self) -> dict[str, Any]:
        """What `add_hours` takes, of a form without errors."""
        values = dict(self.cleaned_data)
        values["first"] = values["first"] or timezone.localdate()
        return values


class TermsForm(forms.ModelForm):
    class Meta:
        model = BookingTerms
        fields = (
            "minutes_before",
            "minutes_after",
            "notice_hours",
            "horizon_days",
            "longest_day_hours",
            "longest_week_hours",
            "needs_approval",
            "answer_hours",
        )

    def _post_clean(self) -> None:
        """The service checks the terms."""


class AwayForm(forms.Form):
    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"), required=False, help_text=_("Empty: one day."))
    starts = clock_field(_("From"), _("Empty: the whole day."), required=False)
    ends = clock_field(_("Until"), _("Empty: until the end of the day."), required=False)
    reason = forms.CharField(
        label=_("Note"),
        help_text=_("For yourself and the camp office; companies do not see it."),
        required=False,
        max_length=REASON_LIMIT,
    )

    def clean_first(self) -> date:
        return _possible(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        return _possible(self.cleaned_data["last"]) if self.cleaned_data["last"] else None

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Start and end in Seoul, of a form without errors."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"] or self.cleaned_data["first"]
        starts, ends = self.cleaned_data["starts"] or time(), self.cleaned_data["ends"]
        ending = (
            datetime.combine(last, ends, SEOUL)
            if ends
            else datetime.combine(last, time(), SEOUL) + timedelta(days=1)
        )
        return datetime.combine(first, starts, SEOUL), ending


def _possible(day: date) -> date:
    if not 2000 <= day.year <= 2200:
        raise forms.ValidationError(_("Please give a day of this century."), code="impossible")
    return day


class ExtraForm(PlaceForm):
    day = DayField(label=_("Day"))
    starts = clock_field(_("From"), _("For example 14:00."))
    ends = clock_field(_("Until"), _("For example 17:00; 00:00 is midnight."))

    field_order = ("day", "starts", "ends")

    def clean_day(self) -> date:
        return _possible(self.cleaned_data["day"])

    @property
    def given(self) -> dict[str, Any]:
        """What `add_exception` takes, of a form without errors."""
        values = dict(self.cleaned_data)
        day, starts, ends = (values.pop(name) for name in ("day", "starts", "ends"))
        over = timedelta(days=1) if ends <= starts else timedelta()
        return {
            **values,
            "starts": datetime.combine(day, starts, SEOUL),
            "ends": datetime.combine(day, ends, SEOUL) + over,
        }


class CalendarForm(forms.Form):
    url = forms.CharField(
        label=_("Address of your calendar"),
        help_text=_(
            "The secret iCalendar address that your calendar gives you, from https:// on. Only you and the camp office see it."
        ),
        max_length=1000,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
