"""The words of a contract: its placeholders, and how a text with them becomes articles. Knows no database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from .errors import UnknownPlaceholder

PLACEHOLDERS: dict[str, Any] = {
    "camp": _("the camp's name"),
    "operator": _("the operator, who gives the space"),
    "company": _("the company, who takes it"),
    "business_number": _("its business registration number"),
    "representative": _("its representative"),
    "building": _("the building"),
    "address": _("the building's postal address"),
    "space": _("the room or desk, with its building"),
    "floor": _("its floor"),
    "area": _("its area"),
    "seats": _("its seats"),
    "first_day": _("the first day"),
    "last_day": _("the last day, held too"),
    "legal_basis": _("the legal basis"),
    "comparator": _("the market rate that it is measured against"),
    "rent_rate": _("monthly rent of a m² by the rate of the first day"),
    "fee_rate": _("monthly maintenance fee of a m² by that rate"),
    "waived_rent": _("the rent waived over the whole term, by the rates known"),
    "waived_fee": _("the maintenance fee waived over the whole term"),
    "ask_by": _("the last day to ask for an extension"),
    "notice_days": _("days of notice before a termination"),
    "holdover_days": _("days to clear the space after the end"),
}
# Anything in braces: what is not a name of the list is refused, so that no brace is printed by mistake.
_BRACED = re.compile(r"\{([^{}\n]*)\}|[{}]")
_HEADING = re.compile(r"((?:제\s*\d+\s*조|Article\s+\d+)(?:\s*\([^)]*\))?)\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Article:
    """`heading` is empty for what stands before the first one."""

    heading: str
    paragraphs: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"heading": self.heading, "paragraphs": list(self.paragraphs)}


def demand_known(text: str, *, field: str = "articles") -> None:
    """Raises UnknownPlaceholder for the first thing in braces that is not in PLACEHOLDERS, and for a single brace."""
    for found in _BRACED.finditer(text):
        if found[1] is None or found[1] not in PLACEHOLDERS:
            raise UnknownPlaceholder(field=field, name=found[0])


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders filled, each once: braces in a value are the value's own."""
    return _BRACED.sub(lambda found: values[found[1]], text)


def articles(text: str, values: Mapping[str, str]) -> list[Article]:
    """The filled articles. A line that begins with 제1조(…) or Article 1 (…) begins an article of that heading; what follows
    on the line, and every other line, is a paragraph.

    The lines are those of the template: a value brings no heading and no line of its own.
    """
    found: list[Article] = []

    def say(line: str) -> str:
        return " ".join(filled(line, values).split())

    for line in filter(None, (each.strip() for each in text.splitlines())):
        begins = _HEADING.match(line)
        if begins:
            found.append(Article(say(begins[1]), (say(begins[2]),) if begins[2] else ()))
        elif found:
            found[-1] = Article(found[-1].heading, (*found[-1].paragraphs, say(line)))
        else:
            found.append(Article("", (say(line),)))
    return found
