"""Tells companies that what they were granted is nearly used: each threshold of the same grants once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils import timezone, translation

from incubator.common.models import CampSettings
from tenants.companies.models import Company, Membership
from tenants.compute import forecast, thresholds
from tenants.compute.enums import AccountKind, AlertSubject, AlertThreshold
from tenants.compute.models import CreditAccount, UsageAlert, UsageDay
from tenants.compute.selectors import storage

# What could not be mailed for so long is no news any more; the portal shows it as long as it is true.
MAILED_WITHIN = timedelta(days=3)


@transaction.atomic
def raise_alerts(*, now: datetime) -> list[int]:
    """Note every threshold that is reached now and was not before, and return the companies that wait for a mail.

    Whoever calls it twice, late or at once with others raises nothing twice. Needs a role that sees every company.
    """
    today = timezone.localdate(now)
    found = [*_of_credits(today, now), *_of_storage(today, now)]
    UsageAlert.objects.bulk_create(found, ignore_conflicts=True)
    waiting = UsageAlert.objects.filter(mailed_at=None, created_at__gt=now - MAILED_WITHIN)
    return sorted(set(waiting.values_list("company_id", flat=True)))


def _of_credits(today: date, now: datetime) -> Iterable[UsageAlert]:
    lots = CreditAccount.objects.filter(kind=AccountKind.LOT, allocation__period__contains=today)
    by_company: dict[int, list[CreditAccount]] = defaultdict(list)
    for lot in lots.select_related("allocation").order_by("pk"):
        by_company[lot.company_id or 0].append(lot)
    days = _days(today, by_company)
    for company_id, mine in by_company.items():
        granted = sum(lot.allocation.net_gflop for lot in mine)
        left = sum(lot.balance_gflop for lot in mine)
        key = thresholds.grants_key(lot.code for lot in mine)
        alert = _Alert(company_id, AlertSubject.CREDITS, key, granted - left, granted, now)
        yield from alert.reached()
        end = max(lot.allocation.period.upper for lot in mine)
        if run_out := forecast.run_out(left, days[company_id], today, end):
            yield from alert.forecast(run_out, end)


def _days(today: date, company_ids: Iterable[int]) -> dict[int, list[int]]:
    """What each company used on each of the days that a forecast looks at, oldest first."""
    first = today - timedelta(days=forecast.LONG_DAYS - 1)
    days = {company_id: [0] * forecast.LONG_DAYS for company_id in company_ids}
    rows = (
        UsageDay.objects.filter(company_id__in=days, day__gte=first, day__lte=today)
        .order_by()
        .values_list("company_id", "day")
        .annotate(Sum("gflop"))
    )
    for company_id, day, gflop in rows:
        days[company_id][(day - first).days] = int(gflop)
    return days


def _of_storage(today: date, now: datetime) -> Iterable[UsageAlert]:
    for company_id, found in storage.storages_of(None, today).items():
        key = thresholds.grants_key([found.grants_key])
        yield from _Alert(company_id, AlertSubject.STORAGE, key, found.used, found.granted, now).reached()


class _Alert:
    def __init__(
        self, company_id: int, subject: str, key: str, used: int, granted: int, now: datetime
    ) -> None:
        self.key, self.percents = key, thresholds.reached(used, granted)
        self.values: dict[str, Any] = {
            "company_id": company_id,
            "subject": subject,
            "used": used,
            "granted": granted,
            "created_at": now,
        }

    def reached(self) -> Iterable[UsageAlert]:
        for percent in self.percents:
            yield UsageAlert(grants_key=self.key, threshold=str(percent), **self.values)

    def forecast(self, run_out: forecast.RunOut, end: date) -> Iterable[UsageAlert]:
        """A grant that is made to last longer is another end, of which a word may be said anew."""
        if not run_out.after_end:
            yield UsageAlert(
                grants_key=thresholds.grants_key([self.key, end.isoformat()]),
                threshold=AlertThreshold.FORECAST,
                run_out_first=run_out.first,
                run_out_last=run_out.last,
                **self.values,
            )


@transaction.atomic
def mail_alerts(*, company_id: int, now: datetime) -> int:
    """Tell the members of a company, each in their language and in one mail, what was raised and not mailed yet.

    Of several thresholds of one subject the highest is told. Returns the number of mails. Whoever else mails this
    company meanwhile is waited for, and leaves nothing to do. Without members nothing is sent, and nothing noted.
    """
    waiting = list(
        UsageAlert.objects.select_for_update()
        .filter(company_id=company_id, mailed_at=None, created_at__gt=now - MAILED_WITHIN)
        .order_by("pk")
    )
    members = list(
        Membership.objects.filter(company_id=company_id, user__is_active=True)
        .select_related("user")
        .order_by("pk")
    )
    if not waiting or not members:
        return 0
    company, told = Company.objects.get(pk=company_id), most_telling(waiting)
    for member in members:
        with translation.override(member.user.language):
            context = {
                "alerts": told,
                "company": company,
                "name": member.user.name,
                "camp": CampSettings.current(),
            }
            EmailMessage(
                " ".join(render_to_string("emails/usage_alert_subject.txt", context).split()),
                render_to_string("emails/usage_alert_body.txt", context),
                to=[member.user.email],
            ).send()
    UsageAlert.objects.filter(pk__in=[alert.pk for alert in waiting]).update(mailed_at=now)
    return len(members)


def most_telling(alerts: Sequence[UsageAlert]) -> list[UsageAlert]:
    """The highest threshold of each subject, and the forecast unless everything is used up anyway."""
    highest: dict[str, UsageAlert] = {}
    forecasts = []
    for alert in alerts:
        if alert.threshold == AlertThreshold.FORECAST:
            forecasts.append(alert)
        elif alert.subject not in highest or int(alert.threshold) > int(highest[alert.subject].threshold):
            highest[alert.subject] = alert
    credits_of = highest.get(AlertSubject.CREDITS)
    if credits_of is not None and credits_of.threshold == AlertThreshold.ALL:
        forecasts = []
    return [*highest.values(), *forecasts[-1:]]
