"""The base of every domain's loader: from a sheet to a plan, from a plan to the services, all or nothing."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Generic

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError
from incubator.common.sheets.errors import SheetError
from incubator.common.sheets.plan import Change, Existing, Fate, LoadReport, Plan, PlannedRow
from incubator.common.sheets.table import Column, Issue, Row, Sheet
from incubator.common.sheets.wording import worded


class PlanChanged(SheetError):
    """What the file would do is no longer what was confirmed."""

    code = "plan_changed"
    message = _(
        "The data changed since the preview, and so would what this file does. Look at the new preview."
    )
    status = 409


class _NothingWritten(Exception):
    pass


class Loader(Generic[Existing]):
    """Subclass it with `columns`, `subject`, `key`, `compared` and the hooks from `prepare` to `change`.

    An instance serves one load. `self.today` (the camp's day) and `self.actor` are set before `prepare`;
    `prepare` makes all the queries of a plan, so that their number does not grow with the file.
    """

    columns: ClassVar[Sequence[Column]]
    subject: ClassVar[Any]
    """What the rows are, for people: a lazy text."""
    key: ClassVar[tuple[str, ...]] = ()
    """The columns that name a row. A file that names one thing twice is rejected."""
    compared: ClassVar[Mapping[str, str]] = {}
    """Column key to the attribute of the existing object (dots allowed), for the default `compare`."""

    today: date
    actor: Any

    def prepare(self, rows: Sequence[Row]) -> None:
        """Fetch everything that the other hooks look up. `rows` are those that could be read."""

    def row_key(self, row: Row) -> Hashable:
        """What the row names; None when it names nothing that could be there twice."""
        return tuple(row[column] for column in self.key) or None

    def find(self, row: Row) -> Existing | None:
        """The object that the row speaks of, None when it is new. Makes no query."""
        raise NotImplementedError

    def check(self, row: Row, existing: Existing | None) -> Iterable[Issue]:
        """What the domain has against this row (`row.issue(…)`). Makes no query."""
        return ()

    def compare(self, existing: Existing, row: Row) -> Iterable[Change]:
        """What the row changes in the existing object. Makes no query."""
        for key, path in self.compared.items():
            if key not in row.given:
                continue
            old: Any = existing
            for attribute in path.split("."):
                old = getattr(old, attribute)
            if _comparable(old) != _comparable(row[key]):
                yield self.changed(key, old, row[key])

    def create(self, row: Row, *, actor: Any, now: datetime) -> Any:
        """Call the service that makes the new object."""
        raise NotImplementedError

    def change(
        self, existing: Existing, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Any:
        """Call the service that changes the existing object."""
        raise NotImplementedError

    def changed(self, key: str, old: Any, new: Any) -> Change:
        """A Change of the column `key`."""
        label = next((column.label for column in self.columns if column.key == key), key)
        return Change(key, label, old, new)

    def title(self, row: Row) -> str:
        """The row in a few words, for the preview: its first column and those that name it, as written."""
        keys = dict.fromkeys([self.columns[0].key, *self.key])
        return " · ".join(cell for key in keys if (cell := row.cells.get(key)))

    def plan(self, sheet: Sheet, *, actor: Any, today: date) -> Plan[Existing]:
        """The fate of each row, by a constant number of queries; nothing is written."""
        self.actor, self.today = actor, today
        readable = [row for row in sheet.rows if not row.issues]
        self.prepare(readable)
        twice = self._named_twice(readable)
        rows = [self._planned(row, twice) for row in sheet.rows]
        return Plan(sheet.name, sheet.sha256, rows, tuple(sheet.notes))

    def apply(self, plan: Plan[Existing], *, actor: Any, now: datetime) -> LoadReport[Existing]:
        """Write the plan by the domain's services, all of it or, when any row is refused, nothing.

        Refusals of the services are issues of the report's plan.
        """
        return self._apply(plan, actor=actor, now=now, keep=True)

    def load(
        self,
        sheet: Sheet,
        *,
        actor: Any,
        now: datetime,
        dry_run: bool = False,
        confirmed: str | None = None,
    ) -> LoadReport[Existing]:
        """Plan and apply in one transaction. With `dry_run` the services run too, and all is rolled back.

        `confirmed` is the digest of the plan that a person agreed to; PlanChanged is raised for another.
        """
        with transaction.atomic():
            plan = self.plan(sheet, actor=actor, today=timezone.localdate(now))
            if confirmed is not None and plan.digest != confirmed:
                raise PlanChanged
            return self._apply(plan, actor=actor, now=now, keep=not dry_run)

    def _apply(self, plan: Plan[Existing], *, actor: Any, now: datetime, keep: bool) -> LoadReport[Existing]:
        refused: dict[int, list[Issue]] = {}
        file_issues: list[Issue] = []
        try:
            with transaction.atomic():
                # Rows that are rejected already do not keep the services from looking at the others.
                for planned in plan.rows:
                    if issues := self._written(planned, actor=actor, now=now):
                        refused[planned.row.line] = issues
                if plan.ok and not refused:
                    file_issues = self._deferred_refusals()
                if not keep or not plan.ok or refused or file_issues:
                    raise _NothingWritten
        except _NothingWritten:
            return LoadReport(plan.rejecting(refused, file_issues), written=False)
        return LoadReport(plan, written=True)

    def _written(self, planned: PlannedRow[Existing], *, actor: Any, now: datetime) -> list[Issue]:
        row = planned.row
        try:
            with transaction.atomic():
                if planned.fate is Fate.NEW:
                    self.create(row, actor=actor, now=now)
                elif planned.fate is Fate.CHANGED and planned.existing is not None:
                    self.change(planned.existing, row, planned.changes, actor=actor, now=now)
        except DomainError as error:
            if isinstance(error.__cause__, ValidationError):
                return self._validation_issues(row, error.__cause__)
            key = error.field if error.field in row.labels else None
            return [row.issue(key, worded(error.message, error.params), error.code)]
        except ValidationError as error:
            return self._validation_issues(row, error)
        except (IntegrityError, DataError):
            return [
                row.issue(
                    None,
                    _("The database refuses this line: it breaks a rule of the data."),
                    "refused_by_database",
                )
            ]
        return []

    def _validation_issues(self, row: Row, error: ValidationError) -> list[Issue]:
        by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        return [
            row.issue(
                name if name in row.labels else None, worded(single.message, single.params or {}), "invalid"
            )
            for name, errors in by_field.items()
            for single in errors
        ]

    def _deferred_refusals(self) -> list[Issue]:
        """Ask the constraints that wait for the end of the transaction now, while there are words for it."""
        try:
            with transaction.atomic():
                connection.check_constraints()
        except IntegrityError:
            return [
                Issue(None, "", "", _("The database refuses these lines together."), "refused_by_database")
            ]
        return []

    def _planned(self, row: Row, twice: Mapping[int, Sequence[int]]) -> PlannedRow[Existing]:
        if row.issues:
            return PlannedRow(row, Fate.REJECTED, issues=row.issues)
        existing = self.find(row)
        issues = list(self.check(row, existing))
        if row.line in twice:
            lines = ", ".join(str(line) for line in twice[row.line])
            issues.append(
                row.issue(
                    self.key[0] if self.key else None,
                    _("The same one stands in the lines %(lines)s."),
                    "named_twice",
                    lines=lines,
                )
            )
        if issues:
            return PlannedRow(row, Fate.REJECTED, existing, issues=tuple(issues))
        if existing is None:
            return PlannedRow(row, Fate.NEW)
        changes = tuple(self.compare(existing, row))
        return PlannedRow(row, Fate.CHANGED if changes else Fate.UNCHANGED, existing, changes)

    def _named_twice(self, rows: Sequence[Row]) -> dict[int, list[int]]:
        """By line, all the lines that name the same thing, where these are several."""
        lines: dict[Hashable, list[int]] = {}
        for row in rows:
            if (key := self.row_key(row)) is not None:
                lines.setdefault(key, []).append(row.line)
        return {line: same for same in lines.values() if len(same) > 1 for line in same}


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
