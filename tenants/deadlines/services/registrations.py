"""Whether companies are in business: entered by a manager, or asked of the tax service."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, validate
from tenants.companies.enums import LIVE_RESIDENCIES
from tenants.companies.models import Company, Residency
from tenants.deadlines.enums import CheckSource
from tenants.deadlines.errors import CheckedInTheFuture
from tenants.deadlines.models import RegistrationCheck
from tenants.deadlines.rules import may_manage_deadlines
from tenants.deadlines.tax_service import MOST, Answer

Ask = Callable[[Sequence[str]], Mapping[str, Answer]]


@transaction.atomic
def enter_check(
    *, company: Company, status: str, checked_on: date, actor: Any, now: datetime, note: str = ""
) -> RegistrationCheck:
    """Write down what a manager has seen. Raises NotAllowed, CheckedInTheFuture, Invalid."""
    if not may_manage_deadlines(actor):
        raise NotAllowed
    if checked_on > timezone.localdate(now):
        raise CheckedInTheFuture
    check = RegistrationCheck(
        company=company,
        status=status,
        checked_on=checked_on,
        source=CheckSource.MANAGER,
        note=note.strip(),
        actor=actor if getattr(actor, "pk", None) else None,
        at=now,
    )
    validate(check, exclude={"company", "actor"})
    check.save()
    return check


@transaction.atomic
def check_registrations(*, ask: Ask, actor: Any, now: datetime) -> int:
    """Ask for every company that lives in the camp, a hundred at a time, and write the answers down; how many came.

    Raises NotAllowed and what `ask` raises (StatusServiceFailed): then nothing is written.
    """
    if not may_manage_deadlines(actor):
        raise NotAllowed
    living = Residency.objects.filter(state__in=LIVE_RESIDENCIES).values("company_id")
    companies = list(Company.objects.filter(pk__in=living).order_by("pk"))
    checks = []
    for start in range(0, len(companies), MOST):
        some = companies[start : start + MOST]
        answers = ask([each.business_number for each in some])
        checks += [
            RegistrationCheck(
                company=company,
                status=answer.status,
                checked_on=timezone.localdate(now),
                source=CheckSource.SERVICE,
                note=answer.note,
                actor=actor if getattr(actor, "pk", None) else None,
                at=now,
            )
            for company in some
            if (answer := answers.get(company.business_number)) is not None
        ]
    RegistrationCheck.objects.bulk_create(checks)
    return len(checks)
