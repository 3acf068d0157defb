"""A plan as people look at it before they confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from incubator.common.sheets.loader import Loader
from incubator.common.sheets.plan import Change, Fate, Plan, PlannedRow
from incubator.common.sheets.table import Issue, shown

MOST_SHOWN = 500
_URGENCY = {Fate.REJECTED: 0, Fate.CHANGED: 1, Fate.NEW: 2, Fate.UNCHANGED: 3}
_MARKS = {Fate.REJECTED: "✕", Fate.CHANGED: "◐", Fate.NEW: "●", Fate.UNCHANGED: "○"}
_VARIANTS = {Fate.REJECTED: "danger", Fate.CHANGED: "info", Fate.NEW: "success", Fate.UNCHANGED: "default"}


@dataclass(frozen=True)
class PreviewRow:
    line: int
    title: str
    fate: str
    variant: str
    changes: Sequence[tuple[Any, str, str]]
    issues: Sequence[Issue]


class Preview:
    """`rows`: at most 500 of the plan's rows, in the sheet's order; the rejected and changed ones stay."""

    def __init__(self, loader: Loader[Any], plan: Plan[Any]) -> None:
        self.plan = plan
        self.loader = loader
        self.total = len(plan.rows)
        urgent = sorted(plan.rows, key=lambda planned: _URGENCY[planned.fate])[:MOST_SHOWN]
        self.rows = [self._row(planned) for planned in sorted(urgent, key=lambda planned: planned.row.line)]

    @property
    def is_shortened(self) -> bool:
        return self.total > len(self.rows)

    def _row(self, planned: PlannedRow[Any]) -> PreviewRow:
        return PreviewRow(
            line=planned.row.line,
            title=self.loader.title(planned.row),
            fate=f"{_MARKS[planned.fate]} {planned.fate.label}",
            variant=_VARIANTS[planned.fate],
            changes=[_shown_change(change) for change in planned.changes],
            issues=planned.issues,
        )


def _shown_change(change: Change) -> tuple[Any, str, str]:
    kind = _labelled(change.new)
    return change.label, readable(change.old, kind), readable(change.new, kind)


def _labelled(value: Any) -> type | None:
    """The enumeration whose labels stand for the value's codes, if it has one."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    return type(value) if hasattr(value, "label") else None


def readable(value: Any, kind: type | None = None) -> str:
    """A value in the reader's language and form; `kind` gives the labels of bare codes."""
    if value is None or value == "" or value == () or value == []:
        return "–"
    if isinstance(value, tuple | list):
        return ", ".join(readable(item, kind) for item in value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if kind is not None and not hasattr(value, "label"):
        try:
            value = kind(value)
        except ValueError:
            return shown(value)
    if hasattr(value, "label"):
        return str(value.label)
    if isinstance(value, int | Decimal):
        return number_format(value, use_l10n=True, force_grouping=True)
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return shown(str(value))
