"""What personal sheets and table cards say, for the printer: words and rows for templates/meetings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incubator.common import display
from incubator.common.meeting_slots import MeetingSlot
from incubator.common.models import CampSettings
from incubator.common.papers import pdf

from .enums import MeetingState, Side
from .models import DemoDay, Meeting

SHEETS, CARDS = "meetings/sheets.typ", "meetings/cards.typ"


def slot_times(day: DemoDay) -> dict[int, MeetingSlot]:
    return {slot.number: slot for slot in day.slots}


def span(slot: MeetingSlot) -> str:
    return f"{display.clock(slot.starts)} – {display.clock(slot.ends)}"


def _frame(day: DemoDay, number: int, now: datetime) -> dict[str, Any]:
    camp = CampSettings.current()
    return {
        "language": "ko" if (get_language() or "").startswith("ko") else "en",
        "title": day.display_title,
        "issuer": camp.operator_name,
        "footer": _("%(camp)s · version %(number)s, printed %(moment)s")
        % {"camp": camp.display_name, "number": number, "moment": display.moment(now)},
    }


def _facts(day: DemoDay) -> list[str]:
    return [each for each in (display.day(day.day), day.place) if each]


def personal_sheets(
    *, day: DemoDay, number: int, parties: Iterable[tuple[Side, str, Sequence[Meeting]]], now: datetime
) -> bytes:
    """One page for each (side, name, meetings); the other side's rows have to be loaded with the meetings."""
    slots = slot_times(day)
    pages = [
        {
            "title": day.display_title,
            "party": name,
            "facts": _facts(day),
            "rows": _rows(side, meetings, slots),
            "note": _(
                "Please be at the table when your slot begins. The desk at the entrance knows of changes."
            ),
        }
        for side, name, meetings in parties
    ]
    words = {
        "time": _("Time"),
        "table": _("Table"),
        "with": _("With"),
        "notes": _("Notes"),
        "none": _("No meeting"),
    }
    return pdf(SHEETS, {**_frame(day, number, now), "words": words, "pages": pages}, made_at=now)


def _rows(side: Side, meetings: Iterable[Meeting], slots: Mapping[int, MeetingSlot]) -> list[list[Any]]:
    """A person's meetings in order, and in quiet rows the breaks and single slots between them."""
    held = {each.slot: each for each in meetings if each.state != MeetingState.CANCELLED}
    rows: list[list[Any]] = []
    for number in range(min(held, default=1), max(held, default=0) + 1):
        each = held.get(number)
        if each is None:
            rows.append([span(slots[number]), "–", _("free"), True])
            continue
        other = each.firm.name if side == Side.COMPANY else each.company.name
        rows.append([span(slots[number]), str(each.table), other, False])
    return rows


def table_cards(*, day: DemoDay, number: int, meetings: Iterable[Meeting], now: datetime) -> bytes:
    """One card for each table of the day, whether or not anybody meets at it."""
    by_table: dict[int, dict[int, Meeting]] = defaultdict(dict)
    for each in meetings:
        if each.state != MeetingState.CANCELLED:
            by_table[each.table][each.slot] = each
    cards = [
        {
            "number": str(table),
            "rows": [
                [display.clock(slot.starts), held.company.name, held.firm.name, False]
                if (held := by_table[table].get(slot.number))
                else [display.clock(slot.starts), "–", "", True]
                for slot in day.slots
            ]
            if by_table[table]
            else [],
        }
        for table in day.tables
    ]
    words = {"table": _("Table"), "none": _("No meeting at this table.")}
    return pdf(CARDS, {**_frame(day, number, now), "words": words, "cards": cards}, made_at=now)
