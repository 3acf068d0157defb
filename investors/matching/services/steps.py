"""What every change of an introduction does: hold it, and write down what it came to."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from investors.matching.errors import IntroductionAnswered
from investors.matching.models import Introduction, IntroductionStep


def locked(introduction: Introduction) -> Introduction:
    """The introduction for change. To a company's own role one that has ended is closed, and not found here."""
    found = Introduction.objects.select_for_update(of=("self",)).filter(pk=introduction.pk).first()
    if found is None:
        raise IntroductionAnswered
    return found


def note_step(introduction: Introduction, *, actor: Any, now: datetime, on: date | None = None) -> None:
    """The introduction is in a state that it was not in before, since the day `on` (today unless told)."""
    IntroductionStep.objects.create(
        introduction=introduction,
        company_id=introduction.company_id,
        firm_id=introduction.firm_id,
        state=introduction.state,
        happened_on=on or timezone.localdate(now),
        recorded_at=now,
        recorded_by=actor if getattr(actor, "pk", None) else None,
    )
