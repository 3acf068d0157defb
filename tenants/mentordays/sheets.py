"""Personal timetables on paper: one page a person, alone or all in one file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incubator.common import display
from incubator.common.models import CampSettings
from incubator.common.papers import pdf

from .enums import Side
from .models import Meeting, MentorDay

TEMPLATE = "tenants/mentordays/sheets.typ"
Party = tuple[str, int, str]  # side, id, name


def paper(day: MentorDay, parties: Iterable[Party], meetings: Sequence[Meeting], *, now: datetime) -> bytes:
    """One page for each of these, in the reader's language. `meetings` with company, adviser, slot and table."""
    by_party: Mapping[tuple[str, int], list[Meeting]] = defaultdict(list)
    for each in sorted(meetings, key=lambda each: each.slot.number):
        by_party[Side.COMPANY, each.company_id].append(each)
        by_party[Side.ADVISER, each.adviser_id].append(each)
    camp = CampSettings.current()
    sheets = [_sheet(day, party, by_party.get(party[:2], [])) for party in parties]
    data: dict[str, Any] = {
        "lang": "ko" if (get_language() or "").startswith("ko") else "en",
        "title": str(day.display_title),
        "operator": f"{camp.display_name} · {camp.operator_name}",
        "footer": _("%(title)s · as of %(moment)s")
        % {"title": day.display_title, "moment": display.moment(now)},
        "words": {"time": _("Time"), "table": _("Table"), "none": _("You have no meeting.")},
        "sheets": sheets,
    }
    return pdf(TEMPLATE, data, made_at=now)


def _sheet(day: MentorDay, party: Party, meetings: Sequence[Meeting]) -> Mapping[str, Any]:
    side, _pk, name = party
    to_adviser = side == Side.ADVISER
    rows = []
    block = None
    for each in meetings:
        other = each.company if to_adviser else each.adviser
        about = each.company.summary if to_adviser else ", ".join(each.adviser.field_labels)
        rows.append(
            {
                "time": f"{display.clock(each.slot.period.lower)}–{display.clock(each.slot.period.upper)}",
                "other": other.name,
                "about": about[:160],
                "table": each.table.name,
                "cancelled": each.cancelled,
                "said": _("cancelled") if each.cancelled else "",
                "pause": block is not None and each.slot.block != block,
            }
        )
        block = each.slot.block
    return {
        "name": name,
        "side": _("Adviser") if to_adviser else _("Company"),
        "other": _("Company") if to_adviser else _("Adviser"),
        "when": " · ".join(each for each in (display.day(day.day), day.place) if each),
        "rows": rows,
    }
