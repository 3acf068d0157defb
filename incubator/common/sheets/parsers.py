"""Parsers of single cells. Each function returns one: a cell that is not empty in, a value out."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from incubator.common.sheets.numbers import is_business_number, is_corporate_number
from incubator.common.sheets.table import Cell, Parser, Unreadable, folded, number_text

Value = TypeVar("Value")

MOST_WON = 10**15
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_WIDE_DIGITS = re.compile(r"[\uff10-\uff19]")
_GROUPED = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_SEPARATORS = re.compile(r"[,;\uff0c\uff1b\u3001\n]")
_DAY = re.compile(r"([0-9]{4})\s*([-./])\s*([0-9]{1,2})\s*\2\s*([0-9]{1,2})\s*\.?")
_DAY_IN_WORDS = re.compile(r"([0-9]{4})\s*년\s*([0-9]{1,2})\s*월\s*([0-9]{1,2})\s*일")
_EIGHT_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_WEEKDAY = re.compile(r"\s*\([일월화수목금토]\)$")
_NOT_A_DAY = _("This is not a day. Write it as 2026-01-03.")
_YES = {"예", "네", "yes", "y", "true", "o", "1"}
_NO = {"아니오", "아니요", "no", "n", "false", "x", "0"}


def _as_text(cell: Cell) -> str:
    """The cell as its reader sees it; dates are refused, since how they are shown is not in the cell."""
    if isinstance(cell, str):
        if _CONTROL.search(cell):
            raise Unreadable(_("The text holds characters that cannot be shown."), "control_character")
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return number_text(cell)
    if isinstance(cell, int | Decimal):
        return str(cell)
    raise Unreadable(_("This is a date or a time, where a text is wanted."), "not_a_text")


def _half_width(text: str) -> str:
    if _WIDE_DIGITS.search(text):
        raise Unreadable(_("Write the digits in half width (0-9)."), "wide_digits")
    return text


def _number(cell: Cell, reason: Any) -> Decimal:
    if isinstance(cell, bool):
        raise Unreadable(reason, "not_a_number")
    text = _half_width(_as_text(cell))
    if not _GROUPED.fullmatch(text) or len(text) > 25:
        raise Unreadable(reason, "not_a_number")
    return Decimal(text.replace(",", ""))


def _within(number: Any, minimum: Any, maximum: Any) -> Any:
    if minimum is not None and number < minimum:
        raise Unreadable(_("The value must be at least %(limit)s."), "too_small", limit=f"{minimum:,}")
    if maximum is not None and number > maximum:
        raise Unreadable(_("The value must be at most %(limit)s."), "too_large", limit=f"{maximum:,}")
    return number


def text(max_length: int = 200, *, multiline: bool = False) -> Parser:
    """A text of at most `max_length` characters; without `multiline`, any white space becomes one space."""

    def parse(cell: Cell) -> str:
        value = _as_text(cell)
        value = value.replace("\r\n", "\n").replace("\r", "\n") if multiline else " ".join(value.split())
        if len(value) > max_length:
            raise Unreadable(
                _("The text has %(length)s characters; at most %(limit)s are allowed."),
                "too_long",
                length=len(value),
                limit=max_length,
            )
        return value

    return parse


def listed(item: Parser) -> Parser:
    """Several values in one cell, as a tuple without repeats, in the cell's order.

    Commas, semicolons, ideographic commas and line breaks separate; a middle dot or a slash does not.
    """

    def parse(cell: Cell) -> tuple[Any, ...]:
        pieces = (piece.strip() for piece in _SEPARATORS.split(_as_text(cell)))
        return tuple(dict.fromkeys(item(piece) for piece in pieces if piece))

    return parse


def email() -> Parser:
    """An e-mail address in lower case."""
    validate = EmailValidator()

    def parse(cell: Cell) -> str:
        value = _as_text(cell)
        try:
            validate(value)
        except ValidationError:
            raise Unreadable(_("This is not an e-mail address."), "not_an_email") from None
        if len(value) > 254:
            raise Unreadable(_("This is not an e-mail address."), "not_an_email")
        return value.lower()

    return parse


def whole(*, min: int | None = None, max: int | None = 2_147_483_647) -> Parser:  # noqa: A002
    """A whole number, with or without thousands separators."""

    def parse(cell: Cell) -> int:
        number = _number(cell, _("This is not a whole number."))
        if number != number.to_integral_value():
            raise Unreadable(_("This is not a whole number."), "not_a_whole_number")
        return int(_within(int(number), min, max))

    return parse


def won(*, min: int | None = 0) -> Parser:  # noqa: A002
    """An amount in whole won: "1,234,000", "1234000", "₩1,234,000" or "1,234,000원"."""
    number = whole(min=min, max=MOST_WON)

    def parse(cell: Cell) -> int:
        if isinstance(cell, str):
            cell = cell.removeprefix("₩").removesuffix("원").strip()
        return int(number(cell))

    return parse


def decimal(places: int = 2, *, min: Decimal | int | None = None, max: Decimal | int | None = None) -> Parser:  # noqa: A002
    """A decimal number of at most `places` decimals, never rounded."""

    def parse(cell: Cell) -> Decimal:
        number = _number(cell, _("This is not a number."))
        if number != round(number, places):
            raise Unreadable(
                _("At most %(places)s decimals are allowed."), "too_many_decimals", places=places
            )
        return Decimal(_within(number, min, max))

    return parse


def day() -> Parser:
    """A day: 2026-1-3, 2026.01.03, 2026. 1. 3., 2026/01/03, 20260103, 2026년 1월 3일 or a date cell."""

    def parse(cell: Cell) -> date:
        if isinstance(cell, datetime):
            if cell.time() != time():
                raise Unreadable(_("This is a time of day, where a day is wanted."), "not_a_day")
            cell = cell.date()
        if isinstance(cell, date):
            return _known_day(cell.year, cell.month, cell.day)
        if isinstance(cell, bool | time) or not isinstance(cell, str | int | float):
            raise Unreadable(_NOT_A_DAY, "not_a_day")
        value = _WEEKDAY.sub("", _half_width(_as_text(cell)).removesuffix(" 00:00:00"))
        if match := _DAY.fullmatch(value):
            return _known_day(int(match[1]), int(match[3]), int(match[4]))
        if match := _EIGHT_DIGITS.fullmatch(value) or _DAY_IN_WORDS.fullmatch(value):
            return _known_day(int(match[1]), int(match[2]), int(match[3]))
        raise Unreadable(_NOT_A_DAY, "not_a_day")

    return parse


def _known_day(year: int, month: int, number: int) -> date:
    try:
        found = date(year, month, number)
    except ValueError:
        raise Unreadable(_("There is no such day in the calendar."), "no_such_day") from None
    if not 1900 <= year <= 2100:
        raise Unreadable(_("The year must lie between 1900 and 2100."), "year_out_of_range")
    return found


def yes_no() -> Parser:
    """예 or 아니오, yes or no, O or X, a tick box's TRUE or FALSE."""

    def parse(cell: Cell) -> bool:
        value = folded(_as_text(cell))
        if value in _YES:
            return True
        if value in _NO:
            return False
        raise Unreadable(_("Write 예 or 아니오 (yes or no)."), "not_yes_or_no")

    return parse


def choice(labels: Mapping[str, Value]) -> Parser:
    """One of the labels, compared as headers are; the value that belongs to it.

    A refusal names the first label of each value.
    """
    known = {folded(label): value for label, value in labels.items()}
    first_labels: dict[Value, str] = {}
    for label, value in labels.items():
        first_labels.setdefault(value, label)

    def parse(cell: Cell) -> Value:
        try:
            return known[folded(_as_text(cell))]
        except KeyError:
            raise Unreadable(
                _("“%(value)s” is not known here. Known are: %(known)s."),
                "unknown_choice",
                value=_as_text(cell)[:60],
                known=", ".join(first_labels.values()),
            ) from None

    return parse


def choices(labels: Mapping[str, Value]) -> Parser:
    """Several of the labels in one cell: a tuple of their values without repeats, in the cell's order."""
    return listed(choice(labels))


def business_number() -> Parser:
    """사업자등록번호 with or without hyphens, its check digit right; ten digits."""

    def parse(cell: Cell) -> str:
        value = _half_width(_as_text(cell))
        if not re.fullmatch(r"[0-9]{10}|[0-9]{3}-[0-9]{2}-[0-9]{5}", value):
            raise Unreadable(_("A business number has ten digits: 124-81-00998."), "not_a_business_number")
        digits = value.replace("-", "")
        if not is_business_number(digits):
            raise Unreadable(
                _("This business number does not exist: its check digit is wrong."), "wrong_business_number"
            )
        return digits

    return parse


def corporate_number() -> Parser:
    """법인등록번호 with or without its hyphen; thirteen digits."""

    def parse(cell: Cell) -> str:
        value = _half_width(_as_text(cell))
        digits = value.replace("-", "", 1) if re.fullmatch(r"[0-9]{6}-[0-9]{7}", value) else value
        if not is_corporate_number(digits):
            raise Unreadable(
                _("A corporate number has thirteen digits: 110111-1234567."), "not_a_corporate_number"
            )
        return digits

    return parse
