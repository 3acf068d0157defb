"""Requests for credits, the rules for them, and mails about them."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core import mail
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incubator.common.display import GFLOP_PER_PFH
from tenants.companies.models import Company
from tenants.compute import selectors, services
from tenants.compute.models import (
    Allocation,
    CreditHold,
    CreditMail,
    GrantPolicy,
    GrantRequest,
    Pool,
)

from .companies import founder_of
from .compute import NOW, make_pool

# The quarter after NOW.
QUARTER = DateRange(date(2026, 12, 1), date(2027, 3, 1))
PFH = GFLOP_PER_PFH


def two_years(capacity_gflop: int = 10_000 * PFH) -> Pool:
    """The pool that holds QUARTER."""
    found = Pool.objects.filter(name="2026-2027").first()
    return found or make_pool(
        capacity_gflop, name="2026-2027", period=DateRange(date(2026, 1, 1), date(2028, 1, 1))
    )


def ask(company: Company, amount_gflop: int = 30 * PFH, **values: Any) -> GrantRequest:
    """A request of a member of the company, for QUARTER unless told otherwise."""
    return services.ask_for_credits(
        **{
            "company": company,
            "project": "돌봄 로봇",
            "description": "영상 모델을 학습합니다.",
            "amount_gflop": amount_gflop,
            "period": QUARTER,
            "reason": "임상 시험을 준비합니다.",
            "actor": values.get("actor") or founder_of(company),
            "now": NOW,
            "key": f"key-{GrantRequest.objects.count()}",
            **values,
        }
    )


def agree(request: GrantRequest, actor: Any, amount_gflop: int | None = None, **values: Any) -> GrantRequest:
    """Grant all of it, in the period that was asked for."""
    return services.agree_to_request(
        **{
            "request": request,
            "pool": values.get("pool") or two_years(),
            "amount_gflop": request.amount_gflop if amount_gflop is None else amount_gflop,
            "period": request.period,
            "programme": "2026 지원",
            "reason": "계획이 좋습니다.",
            "actor": actor,
            "now": NOW,
            **values,
        }
    )


def rules(starts_on: date = date(2026, 1, 1), **values: Any) -> GrantPolicy:
    """Other rules from a day on, as if a director had set them then."""
    current = selectors.requests.policy_on(starts_on)
    kept = (
        "two_person_above_gflop",
        "early_warning_days",
        "late_warning_days",
        "settle_days",
        "review_months",
        "least_used_percent",
        "take_percent",
        "notice_days",
        "automatic",
    )
    return services.set_policy(
        **{
            **{name: getattr(current, name) for name in kept},
            "starts_on": starts_on,
            "reason": "test",
            "actor": None,
            "now": at(starts_on),
            **values,
        }
    )


def at(day: date, hour: int = 9) -> datetime:
    """That hour of a day in Seoul."""
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def send_mails(now: datetime) -> list[str]:
    """Send what waits, as the worker would; the addresses."""
    mail.outbox.clear()
    for waiting in list(CreditMail.objects.filter(sent_at=None).order_by("pk")):
        services.send_mail(mail_id=waiting.pk, now=now)
    return sorted(address for message in mail.outbox for address in message.to)


def hold(lot: Allocation, amount_gflop: int) -> CreditHold:
    """Credits of a grant that nobody may move."""
    return CreditHold.objects.create(
        key=f"hold-{CreditHold.objects.count()}",
        account=lot.account,
        company=lot.company,
        amount_gflop=amount_gflop,
        reason="test",
        placed_at=NOW,
        expires_at=NOW + timedelta(days=900),
    )


def release(held: CreditHold) -> None:
    CreditHold.objects.filter(pk=held.pk).update(outcome="released", resolved_at=NOW)
