"""Money, credits, days and areas in the reader's form, as plain text.

Every function takes None and answers "–", and follows the active language: Korean, or English for any other.
Days of datetimes are days of the current time zone. Rounding is half up on exact decimals, never by floats.
"""

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from incubator.common.periods import last_day

NOTHING = "–"
BYTES_PER_TB = 10**12
GFLOP_PER_PFH = 3_600_000_000
HUNDRED_MILLION = 100_000_000
WEEKDAYS_KO = "월화수목금토일"
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def korean() -> bool:
    """Whether the reader reads Korean."""
    return (get_language() or "").startswith("ko")


def rounded(value: Decimal | int, places: int) -> Decimal:
    """`value` half up at `places` decimals; never a negative zero."""
    result = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def grouped(value: Decimal | int) -> str:
    """Digits in groups of three, with a true minus sign."""
    return f"{value:,}".replace("-", "−")


def number(value: Decimal | int | None) -> str:
    """12,345 as it is, without rounding."""
    return NOTHING if value is None else grouped(value)


def won_exact(krw: int | None) -> str:
    """1,234,567원, ₩1,234,567 in English."""
    if krw is None:
        return NOTHING
    if korean():
        return f"{grouped(krw)}원"
    return f"{'−' if krw < 0 else ''}₩{grouped(abs(krw))}"


def won(krw: int | None) -> str:
    """As `won_exact`, but a hundred million and more is 12.3억 원 for Korean readers."""
    if krw is None or abs(krw) < HUNDRED_MILLION or not korean():
        return won_exact(krw)
    return f"{grouped(rounded(Decimal(krw) / HUNDRED_MILLION, 1))}억 원"


def petaflop_hours(gflop: int) -> Decimal:
    """Credits in PF·h of an amount in whole GFLOP, three decimals."""
    return rounded(Decimal(gflop) / GFLOP_PER_PFH, 3)


def pfh(gflop: int | None) -> str:
    """1,234.500 (PF·h, without the unit) of an amount in whole GFLOP."""
    return NOTHING if gflop is None else grouped(petaflop_hours(gflop))


def terabytes(amount: int | None) -> str:
    """1,234.567 TB of an amount in bytes; a terabyte is 10^12 of them."""
    return NOTHING if amount is None else f"{grouped(rounded(Decimal(amount) / BYTES_PER_TB, 3))} TB"


def _day_of(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def day(value: date | datetime | None) -> str:
    """2026. 11. 22. (일), 22 Nov 2026 in English."""
    if value is None:
        return NOTHING
    value = _day_of(value)
    if korean():
        return f"{value.year}. {day_short(value)}"
    return f"{day_short(value)} {value.year}"


def day_short(value: date | datetime | None) -> str:
    """As `day`, without the year."""
    if value is None:
        return NOTHING
    value = _day_of(value)
    if korean():
        return f"{value.month}. {value.day}. ({WEEKDAYS_KO[value.weekday()]})"
    return f"{value.day} {MONTHS_EN[value.month - 1]}"


def month(value: date | datetime | None) -> str:
    """2026년 11월, Nov 2026 in English."""
    if value is None:
        return NOTHING
    value = _day_of(value)
    return f"{value.year}년 {value.month}월" if korean() else f"{MONTHS_EN[value.month - 1]} {value.year}"


def clock(value: datetime | time | None) -> str:
    """14:20."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value:%H:%M}"


def moment(value: datetime | None) -> str:
    """2026. 11. 22. (일) 14:20, 22 Nov 2026, 14:20 in English."""
    if value is None:
        return NOTHING
    return f"{day(value)} {clock(value)}" if korean() else f"{day(value)}, {clock(value)}"


def period(value: Any) -> str:
    """First – last day of a half-open range of days, both held; day and hours of a range of moments."""
    if value is None or value.isempty or (value.lower is None and value.upper is None):
        return NOTHING
    if isinstance(value.lower or value.upper, datetime):
        return _period_of_moments(value.lower, value.upper)
    if value.upper is None:
        return _("from %(day)s") % {"day": day(value.lower)}
    last = last_day(value)
    if value.lower is None:
        return _("until %(day)s") % {"day": day(last)}
    return day(last) if value.lower == last else f"{day(value.lower)} – {day(last)}"


def _period_of_moments(start: datetime | None, end: datetime | None) -> str:
    if end is None:
        return _("from %(day)s") % {"day": moment(start)}
    if start is None:
        return _("until %(day)s") % {"day": moment(end)}
    if _day_of(start) == _day_of(end):
        return f"{moment(start)}–{clock(end)}"
    return f"{moment(start)} – {moment(end)}"


def dday(last: date | int | None, today: date | None = None) -> str:
    """D-42 before a day, D-Day on it, D+3 after it; takes the day and `today`, or the days left."""
    if last is None:
        return NOTHING
    if isinstance(last, int):
        left = last
    elif today is None:
        raise ValueError("dday of a day needs today")
    else:
        left = (_day_of(last) - _day_of(today)).days
    if left == 0:
        return "D-Day"
    return f"D-{left}" if left > 0 else f"D+{-left}"


def square_metres(area: Decimal | int | None) -> str:
    """33.06 m². (㎡ is not in the font.)"""
    return NOTHING if area is None else f"{grouped(rounded(area, 2))} m²"


def percent(points: Decimal | int | None) -> str:
    """86.5% of 86.5; whole numbers stay whole."""
    if points is None:
        return NOTHING
    shown = rounded(points, 1)
    return f"{grouped(int(shown) if shown == int(shown) else shown)}%"


def ratio(share: Decimal | int | None) -> str:
    """86.5% of 0.865."""
    return NOTHING if share is None else percent(Decimal(share) * 100)


def score(value: Decimal | int | None) -> str:
    """0.674: three decimals."""
    return NOTHING if value is None else grouped(rounded(value, 3))


def hours(minutes: int | None) -> str:
    """1시간 30분, 1 h 30 min in English, of whole minutes."""
    if minutes is None:
        return NOTHING
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole:
        parts.append(ngettext("%(count)s h", "%(count)s h", whole) % {"count": grouped(whole)})
    if rest or not whole:
        parts.append(ngettext("%(count)s min", "%(count)s min", rest) % {"count": rest})
    return " ".join(parts)


def business_number(digits: str | None) -> str:
    """123-45-67890 of ten digits; anything else unchanged."""
    if not digits:
        return NOTHING
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if len(digits) == 10 and digits.isdecimal() else digits
