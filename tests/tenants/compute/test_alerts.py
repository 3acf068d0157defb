"""Alerts: each threshold of the same grants once, mailed once, in the reader's language."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tenants.companies.models import Membership
from tenants.compute import services, thresholds
from tenants.compute.models import UsageAlert
from tenants.compute.services.alerts import most_telling
from tenants.compute.tasks import raise_usage_alerts
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import (
    NINE,
    NOW,
    grant,
    import_rows,
    make_cluster,
    make_pool,
    sacct_row,
    seed_rates,
)
from tests.tenants.compute.test_storage import imported

pytestmark = pytest.mark.django_db
DAY_SECONDS = 86_400


@pytest.mark.parametrize(
    ("used", "granted", "reached"),
    [
        (0, 0, []),
        (1, 0, []),
        (499, 1000, []),
        (500, 1000, [50]),
        (799, 1000, [50]),
        (10**18 * 95 // 100, 10**18, [50, 80, 95]),
        (10**18 - 1, 10**18, [50, 80, 95]),
        (10**18, 10**18, [50, 80, 95, 100]),
        (2, 1, [50, 80, 95, 100]),
    ],
)
def test_thresholds_are_exact(used, granted, reached):
    assert thresholds.reached(used, granted) == reached


def use(job, gflop, *, account="gj901", submit=NINE):
    """A job of one cpu costs 40 GFLOP a second."""
    assert gflop % 40 == 0
    import_rows(sacct_row(job, account, seconds=gflop // 40, units="cpu=1", submit=submit))


def raised(**values):
    found = UsageAlert.objects.filter(**values).order_by("pk")
    return [(alert.subject, alert.threshold) for alert in found]


def company_with(amount=1_000 * 40, account="gj901"):
    company = CompanyFactory(cluster_account=account)
    grant(company, amount)
    return company


class TestRaising:
    def test_each_threshold_once_however_often_it_is_asked(self):
        company_with(1_000 * 40)
        services.raise_alerts(now=NOW)
        assert raised() == []
        use(1, 500 * 40)
        for _again in range(3):
            services.raise_alerts(now=NOW + timedelta(hours=1))
        assert raised() == [("credits", "50")]
        use(2, 460 * 40)
        services.raise_alerts(now=NOW)
        services.raise_alerts(now=NOW + timedelta(days=10))
        assert raised() == [("credits", "50"), ("credits", "80"), ("credits", "95")]
        use(3, 100 * 40)  # beyond: a debt
        services.raise_alerts(now=NOW)
        alert = UsageAlert.objects.get(threshold="100")
        assert (alert.used, alert.granted) == (1_000 * 40, 1_000 * 40)

    def test_with_another_grant_in_force_a_threshold_may_be_reached_again(self):
        company = company_with(1_000 * 40)
        use(1, 600 * 40)
        services.raise_alerts(now=NOW)
        grant(company, 1_000 * 40)
        services.raise_alerts(now=NOW)
        assert raised() == [("credits", "50")]
        use(2, 500 * 40)
        services.raise_alerts(now=NOW)
        assert raised() == [("credits", "50"), ("credits", "50")]

    def test_what_was_taken_back_is_not_granted(self):
        company = company_with(1_000 * 40)
        use(1, 300 * 40)
        lot = company.allocations.get()
        services.claw_back(allocation=lot, amount_gflop=500 * 40, reason="unused", actor=None, now=NOW)
        services.raise_alerts(now=NOW)
        assert raised() == [("credits", "50")]

    def test_grants_that_are_over_or_to_come_raise_nothing(self):
        company_with(1_000 * 40)
        use(1, 1_000 * 40)
        services.raise_alerts(now=NOW + timedelta(days=60))
        assert raised() == []

    def test_companies_do_not_mix(self):
        one, two = company_with(1_000 * 40), company_with(1_000 * 40, "gj902")
        use(1, 500 * 40)
        use(2, 800 * 40, account="gj902")
        services.raise_alerts(now=NOW)
        assert raised(company=one) == [("credits", "50")]
        assert raised(company=two) == [("credits", "50"), ("credits", "80")]

    def test_a_forecast_before_the_end_once_for_that_end(self):
        company_with(1_000_000 * 40)
        for day in range(7):
            use(10 + day, 20_000 * 40, submit=NINE - day * DAY_SECONDS)
        services.raise_alerts(now=NOW)
        services.raise_alerts(now=NOW + timedelta(days=1))
        # 860,000 are left: 20,000 a day in the last week last 43 days, 140,000 in four weeks 172. The year ends first
        # of all after 39 days.
        assert raised() == []
        use(30, 60_000 * 40, submit=NINE)
        services.raise_alerts(now=NOW)
        services.raise_alerts(now=NOW + timedelta(hours=1))
        assert raised() == [("credits", "forecast")]
        alert = UsageAlert.objects.get()
        assert alert.run_out_first < date(2026, 12, 31) == alert.run_out_last

    def test_storage_too(self):
        CompanyFactory(cluster_account="gj901")
        imported("camp,gj901,2026-11-20,10,8.5")
        services.raise_alerts(now=NOW)
        services.raise_alerts(now=NOW)
        assert raised() == [("storage", "50"), ("storage", "80")]

    def test_an_alert_is_neither_changed_nor_deleted(self):
        company_with(40)
        use(1, 40)
        services.raise_alerts(now=NOW)
        UsageAlert.objects.filter(threshold="50").update(mailed_at=NOW)
        for change in (
            lambda: UsageAlert.objects.update(used=0),
            lambda: UsageAlert.objects.filter(threshold="50").update(mailed_at=None),
            lambda: UsageAlert.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()


class TestMailing:
    def mailed(self, company, now=NOW):
        mail.outbox.clear()
        count = services.mail_alerts(company_id=company.pk, now=now)
        assert count == len(mail.outbox)
        return mail.outbox

    def test_one_mail_a_member_in_the_own_language_of_the_highest_threshold(self):
        company = company_with(1_000 * 40)
        founder_of(company, email="ko@test.example", language="ko")
        founder_of(company, email="en@test.example", language="en")
        founder_of(CompanyFactory(), email="other@test.example")
        use(1, 960 * 40)
        assert services.raise_alerts(now=NOW) == [company.pk]
        korean, english = self.mailed(company)
        assert (korean.to, english.to) == (["ko@test.example"], ["en@test.example"])
        assert "95% of your compute credits are used" in english.subject
        assert "크레딧" in korean.subject
        assert company.name in english.body
        assert "80%" not in english.body
        assert self.mailed(company) == []
        assert services.raise_alerts(now=NOW) == []
        assert not UsageAlert.objects.filter(mailed_at=None).exists()

    def test_a_mail_server_that_is_away_loses_nothing(self, monkeypatch):
        company = company_with(40)
        founder_of(company)
        use(1, 40)
        services.raise_alerts(now=NOW)

        def refuse(*_args, **_values):
            raise OSError("away")

        with monkeypatch.context() as patched:
            patched.setattr(EmailMessage, "send", refuse)
            with pytest.raises(OSError, match="away"):
                services.mail_alerts(company_id=company.pk, now=NOW)
        assert len(self.mailed(company)) == 1

    def test_nobody_to_tell_is_not_told_and_old_news_is_no_news(self):
        company = company_with(40)
        use(1, 40)
        services.raise_alerts(now=NOW)
        assert self.mailed(company) == []
        founder_of(company)
        assert services.raise_alerts(now=NOW + timedelta(days=4)) == []
        assert self.mailed(company, NOW + timedelta(days=4)) == []
        assert len(self.mailed(company, NOW + timedelta(days=2))) == 1

    def test_who_left_is_not_told(self):
        company = company_with(40)
        left = founder_of(company)
        left.is_active = False
        left.save()
        use(1, 40)
        services.raise_alerts(now=NOW)
        assert self.mailed(company) == []

    def test_used_up_says_no_forecast(self):
        alerts = [
            UsageAlert(subject="credits", threshold=threshold)
            for threshold in ("50", "forecast", "100", "80")
        ]
        assert [alert.threshold for alert in most_telling(alerts)] == ["100"]

    def test_an_import_raises_and_mails_once_it_is_committed(self, django_capture_on_commit_callbacks):
        now = timezone.now()
        pool = make_pool(name="now", period=around(now), now=now, capacity_gflop=10**9)
        company = CompanyFactory(cluster_account="gj901")
        grant(company, 100 * 40, pool, period=pool.period, now=now)
        founder_of(company)
        recent = int((now - timedelta(hours=2)).timestamp())
        for _again in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                import_rows(sacct_row(1, "gj901", seconds=60, units="cpu=1", submit=recent), now=now)
        assert len(mail.outbox) == 1
        with django_capture_on_commit_callbacks(execute=True):
            raise_usage_alerts()
        assert len(mail.outbox) == 1


def around(now):

    today = timezone.localdate(now)
    return DateRange(today - timedelta(days=30), today + timedelta(days=300))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_raise_and_mail_each_alert_once():
    seed_rates()
    company = company_with(1_000 * 40)
    founder_of(company)
    use(1, 900 * 40)
    make_cluster()
    Membership.objects.get()

    def work():
        try:
            services.raise_alerts(now=NOW)
            services.mail_alerts(company_id=company.pk, now=NOW)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised() == [("credits", "50"), ("credits", "80")]
    assert len(mail.outbox) == 1
