"""How forms look, and fields that read what Korean readers type."""

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _

DAY_FORMS = re.compile(
    r"(?P<year>\d{4})\s*(?P<gap>[-./]|\s|년)\s*(?P<month>\d{1,2})\s*(?:[-./]|\s|월)\s*(?P<day>\d{1,2})\s*(?:[.]|일)?"
    r"|(?P<year8>\d{4})(?P<month8>\d{2})(?P<day8>\d{2})",
    re.ASCII,
)
WON_FORM = re.compile(r"₩?\s*(?P<digits>\d{1,3}(?:,\d{3})+|\d+)\s*원?", re.ASCII)
WON_DIGITS = 15


class CampRenderer(DjangoTemplates):
    """Forms in our markup; widgets stay Django's (and the admin's)."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("components/"):
            return get_template(template_name)
        return super().get_template(template_name)


def parse_day(text: str) -> date:
    """The day of 2026-11-22, 2026.11.22, 2026. 11. 22. or 20261122.

    Raises ValidationError with code "invalid" for another form and "impossible" for a day of no calendar.
    """
    found = DAY_FORMS.fullmatch(text.strip())
    if not found:
        raise ValidationError(_("Write the date like 2026-11-22."), code="invalid")
    year, month, day = (int(found[name] or found[f"{name}8"]) for name in ("year", "month", "day"))
    try:
        return date(year, month, day)
    except ValueError:
        raise ValidationError(
            _("There is no such day: %(year)s-%(month)s-%(day)s."),
            code="impossible",
            params={"year": year, "month": month, "day": day},
        ) from None


class DayField(forms.DateField):
    """One text field for a day, however it is written. Cleans to a date."""

    widget = forms.DateInput(
        format="%Y-%m-%d",
        attrs={"inputmode": "numeric", "autocomplete": "off", "size": "12", "maxlength": "20"},
    )

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("For example 2026-11-22 or 20261122."))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else parse_day(str(value))


class WonField(forms.IntegerField):
    """An amount in whole won, with or without commas and 원. Cleans to an int of at most 15 digits."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "18"})
    default_error_messages = {"invalid": _("Write the amount in whole won, like 1,234,567.")}

    def __init__(self, *, min_value: int = 0, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, **kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        found = WON_FORM.fullmatch(str(value).strip())
        digits = found["digits"].replace(",", "") if found else ""
        if not digits or len(digits) > WON_DIGITS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(digits)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value
