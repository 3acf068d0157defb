"""Alerts, and what deserves a word on a company's page right now."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tenants.compute import thresholds
from tenants.compute.enums import AlertSubject, AlertThreshold
from tenants.compute.forecast import RunOut
from tenants.compute.models import UsageAlert

from . import _of_company as of_company
from .storage import Storage


def alerts_for(user: Any) -> QuerySet[UsageAlert]:
    return of_company(UsageAlert.objects.all(), user)


@dataclass(frozen=True)
class Reached:
    """Shown as long as it is true. `tone` is the kind of a notice."""

    subject: str
    threshold: str
    used: int
    granted: int
    run_out_first: Any = None
    run_out_last: Any = None

    @property
    def tone(self) -> str:
        if self.threshold in (AlertThreshold.NEARLY, AlertThreshold.ALL):
            return "danger"
        return "information" if self.threshold == AlertThreshold.HALF else "warning"


def warnings_of(balance: Any, run_out: RunOut | None, storage: Storage) -> list[Reached]:
    """The highest threshold of credits and of storage, and a forecast before the grants' end. Makes no query."""
    found = []
    for subject, used, granted in (
        (AlertSubject.CREDITS, balance.used, balance.granted),
        (AlertSubject.STORAGE, storage.used, storage.granted),
    ):
        if percents := thresholds.reached(used, granted):
            found.append(Reached(subject, str(percents[-1]), used, granted))
    if run_out is not None and not run_out.after_end:
        found.insert(
            0,
            Reached(
                AlertSubject.CREDITS,
                AlertThreshold.FORECAST,
                balance.used,
                balance.granted,
                run_out.first,
                run_out.last,
            ),
        )
    return found
