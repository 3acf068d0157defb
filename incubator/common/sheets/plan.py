"""What a sheet would do: the fate of each of its rows, decided before anything is written."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.utils.translation import pgettext_lazy

from incubator.common.sheets.table import Issue, Row

Existing = TypeVar("Existing")


class Fate(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"

    @property
    def label(self) -> Any:
        return _FATES[self]


_FATES = {
    Fate.NEW: pgettext_lazy("row of a sheet", "new"),
    Fate.CHANGED: pgettext_lazy("row of a sheet", "changed"),
    Fate.UNCHANGED: pgettext_lazy("row of a sheet", "unchanged"),
    Fate.REJECTED: pgettext_lazy("row of a sheet", "rejected"),
}


@dataclass(frozen=True)
class Change:
    """One value that a row changes. `field` is the column's key, `label` its name for people."""

    field: str
    label: Any
    old: Any
    new: Any


@dataclass(frozen=True)
class PlannedRow(Generic[Existing]):
    """A row with its fate. `existing` is what the row speaks of, None when it is new or could not be read."""

    row: Row
    fate: Fate
    existing: Existing | None = None
    changes: tuple[Change, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Counts:
    rows: int
    new: int
    changed: int
    unchanged: int
    rejected: int

    def __str__(self) -> str:
        return (
            f"rows {self.rows}, new {self.new}, changed {self.changed}, "
            f"unchanged {self.unchanged}, rejected {self.rejected}"
        )


@dataclass(frozen=True)
class Plan(Generic[Existing]):
    """The fate of every row of a sheet, in the sheet's order. `file_issues` concern no row of their own."""

    name: str
    sha256: str
    rows: Sequence[PlannedRow[Existing]]
    notes: Sequence[Any] = ()
    file_issues: tuple[Issue, ...] = ()

    @property
    def counts(self) -> Counts:
        fates = Counter(planned.fate for planned in self.rows)
        return Counts(
            rows=len(self.rows),
            new=fates[Fate.NEW],
            changed=fates[Fate.CHANGED],
            unchanged=fates[Fate.UNCHANGED],
            rejected=fates[Fate.REJECTED],
        )

    @property
    def issues(self) -> list[Issue]:
        return [*(issue for planned in self.rows for issue in planned.issues), *self.file_issues]

    @property
    def ok(self) -> bool:
        """Whether every row may be written."""
        return not self.issues

    @property
    def digest(self) -> str:
        """Equal for two plans that would do the same: a confirmation can tell whether the world moved on."""
        parts = [self.sha256]
        for planned in self.rows:
            parts.append(f"{planned.row.line}:{planned.fate}:{getattr(planned.existing, 'pk', None)!r}")
            parts.extend(f"{change.field}:{change.old!r}:{change.new!r}" for change in planned.changes)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def rejecting(
        self, refused: dict[int, list[Issue]], file_issues: Sequence[Issue] = ()
    ) -> "Plan[Existing]":
        """This plan with the rows of these lines rejected as well."""
        rows = [
            replace(planned, fate=Fate.REJECTED, issues=(*planned.issues, *refused[planned.row.line]))
            if planned.row.line in refused
            else planned
            for planned in self.rows
        ]
        return replace(self, rows=rows, file_issues=(*self.file_issues, *file_issues))


@dataclass(frozen=True)
class LoadReport(Generic[Existing]):
    """What a load did. `written` is True only when every row was accepted and the load was meant to stay."""

    plan: Plan[Existing]
    written: bool = field(default=False)

    @property
    def ok(self) -> bool:
        return self.plan.ok

    @property
    def counts(self) -> Counts:
        return self.plan.counts

    @property
    def pending(self) -> int:
        """How many rows the load writes, or would write."""
        return self.counts.new + self.counts.changed
