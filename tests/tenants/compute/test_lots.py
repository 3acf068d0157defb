"""What becomes of a grant: moved, extended, or in part taken back by the published rule."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import DomainError
from tenants.compute import selectors, services
from tenants.compute.checking import check_ledger
from tenants.compute.errors import (
    AmountNotPositive,
    DeadlineNotPassed,
    DeadlinePassed,
    ExemptionAsked,
    ExemptionWaits,
    IdempotencyConflict,
    LotEnded,
    NoExemptionAsked,
    NotEnoughCredits,
    NoticeResolved,
    NotLaterThanNow,
    OtherCompany,
    OutsidePool,
    ReasonMissing,
    SameLot,
)
from tenants.compute.models import Allocation, ClawBackNotice, LotExtension, Transfer
from tenants.compute.planning import add_months, checkpoints, evenly, planned_until, shortfall
from tests.factories.accounts import UserFactory, acting_staff
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.compute import NOW, YEAR, grant, import_rows, make_pool, sacct_row
from tests.factories.requests import agree, ask, at, hold, rules, send_mails, two_years

pytestmark = pytest.mark.django_db

FIRST_REVIEW = date(2026, 4, 1)
NOTICED = date(2026, 4, 15)  # the review after the settle days
DEADLINE = date(2026, 4, 29)


@pytest.fixture
def company():
    return CompanyFactory(cluster_account="gj901")


@pytest.fixture
def manager():
    return acting_staff(StaffGroup.CREDITS)


def refused(error, attempt, *arguments, **values):
    with pytest.raises(error) as caught, transaction.atomic():
        attempt(*arguments, **values)
    return caught.value


def move(source, target, amount=40, **values):
    words = {"reason": "모델을 바꿉니다.", "actor": None, "now": NOW, **values}
    return services.move_credits(source=source, target=target, amount_gflop=amount, **words)


def figures(lot):
    lot = Allocation.objects.select_related("account").get(pk=lot.pk)
    return lot.net_gflop, lot.account.balance_gflop


def test_a_move_changes_both_lots_and_nothing_else(company, manager):
    source, target = grant(company, 100), grant(company, 10)
    before = selectors.balance_of(company.pk, NOW.date())
    transfer = move(source, target, actor=manager)
    assert (transfer.kind, transfer.company_id, transfer.actor_id) == ("lot_move", company.pk, manager.pk)
    assert (figures(source), figures(target)) == ((60, 60), (50, 50))
    assert selectors.balance_of(company.pk, NOW.date()) == before
    assert check_ledger().broken == {}
    move(target, source, 50)
    assert (figures(source), figures(target)) == ((110, 110), (0, 0))
    services.claw_back(allocation=source, reason="x", actor=None, now=NOW)
    assert figures(source) == (0, 0)
    assert check_ledger().broken == {}


def test_a_move_with_a_key_happens_once(company):
    source, target = grant(company, 100), grant(company, 10)
    first = move(source, target, key="click")
    assert move(source, target, key="click", now=NOW + timedelta(seconds=1)) == first
    assert (figures(source), figures(target)) == ((60, 60), (50, 50))
    refused(IdempotencyConflict, move, source, target, 41, key="click")


def test_what_a_move_refuses(company, manager):
    source, target = grant(company, 100), grant(company, 10)
    pool = two_years()
    ended = grant(company, 10, pool, period=DateRange(date(2026, 1, 1), date(2026, 11, 22)))
    later = grant(company, 10, pool, period=DateRange(date(2027, 1, 1), date(2027, 2, 1)))
    refused(SameLot, move, source, source)
    refused(OtherCompany, move, source, grant(CompanyFactory(), 10))
    refused(NotEnoughCredits, move, source, target, 101)
    refused(AmountNotPositive, move, source, target, 0)
    refused(ReasonMissing, move, source, target, reason=" ")
    refused(LotEnded, move, source, ended)
    refused(LotEnded, move, ended, target, 1)
    for actor in (founder_of(company), acting_staff(StaffGroup.LEASES), acting_staff(StaffGroup.AUDITOR)):
        assert refused(DomainError, move, source, target, actor=actor).status == 403
    assert not Transfer.objects.filter(kind="lot_move").exists()
    move(source, later, 5)
    assert figures(later) == (15, 15)
    services.claw_back(allocation=target, reason="x", actor=None, now=NOW)
    refused(LotEnded, move, source, target)


def test_an_extension_pays_for_later_days_and_keeps_its_reason(company, manager):
    lot = grant(company, 100_000, period=DateRange(date(2026, 1, 1), date(2026, 11, 20)))
    import_rows(sacct_row(1, "gj901"))
    assert figures(lot) == (100_000, 100_000)
    services.extend_lot(
        allocation=lot, last_day=date(2026, 12, 31), reason="실증이 늦어졌습니다.", actor=manager, now=NOW
    )
    import_rows(sacct_row(2, "gj901"))
    assert figures(lot) == (100_000, 92_000)
    kept = LotExtension.objects.get()
    assert (kept.from_day, kept.to_day, kept.reason, kept.actor_id) == (
        date(2026, 11, 19),
        date(2026, 12, 31),
        "실증이 늦어졌습니다.",
        manager.pk,
    )
    with pytest.raises(ProgrammingError), transaction.atomic():
        LotExtension.objects.update(reason="x")
    values = {"allocation": lot, "reason": "x", "actor": manager, "now": NOW}
    refused(NotLaterThanNow, services.extend_lot, **values, last_day=date(2026, 12, 31))
    refused(OutsidePool, services.extend_lot, **values, last_day=date(2027, 1, 1))
    refused(ReasonMissing, services.extend_lot, **{**values, "reason": ""}, last_day=date(2027, 1, 1))
    assert (
        refused(
            DomainError,
            services.extend_lot,
            **{**values, "actor": founder_of(company)},
            last_day=date(2027, 1, 1),
        ).status
        == 403
    )


def test_plans_by_day():
    first, end = date(2026, 1, 15), date(2026, 4, 15)
    plan = evenly(90, first, end)
    assert plan == [
        (date(2026, 1, 1), 17),
        (date(2026, 2, 1), 28),
        (date(2026, 3, 1), 31),
        (date(2026, 4, 1), 14),
    ]
    assert planned_until(plan, first, end, first) == 0
    assert planned_until(plan, first, end, date(2026, 2, 15)) == 17 + 14
    assert planned_until(plan, first, end, end) == 90
    assert planned_until([(date(2025, 12, 1), 5), (date(2026, 2, 1), 9)], first, end, date(2026, 1, 16)) == 5
    assert list(checkpoints(date(2026, 1, 31), date(2026, 8, 1), 3)) == [date(2026, 4, 30), date(2026, 7, 31)]
    assert list(checkpoints(date(2026, 1, 1), date(2026, 4, 1), 3)) == []
    assert add_months(date(2027, 11, 30), 3) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("planned", "used", "spare", "take"),
    [
        (100, 49, 1000, 25),
        (100, 50, 1000, 0),
        (101, 50, 1000, 25),
        (100, 0, 7, 7),
        (0, 0, 9, 0),
        (1, 0, 9, 0),
    ],
)
def test_the_rule_itself(planned, used, spare, take):
    found = shortfall(planned=planned, used=used, least_percent=50, take_percent=50, spare=spare)
    assert (found.planned, found.used, found.take) == (planned, used, take)


def noticed(company, amount=365_000):
    """A grant of the year 2026 of which nothing was used until the first review, and its notice."""
    lot = grant(company, amount, now=at(date(2026, 1, 1)))
    assert services.review_lots(now=at(NOTICED)) == 1
    return lot, ClawBackNotice.objects.get(lot=lot)


def test_a_lot_behind_its_plan_is_announced_once(company):
    MembershipFactory(company=company, user=UserFactory(email="a@c.example", language="en"))
    lot, notice = noticed(company)
    assert (notice.checkpoint, notice.deadline, notice.state) == (FIRST_REVIEW, DEADLINE, "open")
    assert (notice.planned_gflop, notice.used_gflop, notice.proposed_gflop) == (90_000, 0, 45_000)
    assert send_mails(at(NOTICED)) == ["a@c.example"]
    assert "29 Apr 2026" in mail.outbox[0].body
    for day in (NOTICED, NOTICED + timedelta(days=3), DEADLINE + timedelta(days=1)):
        assert services.review_lots(now=at(day)) == 0
    assert send_mails(at(NOTICED)) == []
    assert figures(lot) == (365_000, 365_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClawBackNotice.objects.create(
            lot=lot,
            company=company,
            policy=notice.policy,
            checkpoint=FIRST_REVIEW + timedelta(days=1),
            planned_gflop=2,
            used_gflop=1,
            proposed_gflop=1,
            sent_at=NOW,
            deadline=DEADLINE,
        )


def test_nobody_is_announced_too_early_or_who_used_enough(company):
    lot = grant(company, 365_000, now=at(date(2026, 1, 1)))
    assert services.review_lots(now=at(NOTICED - timedelta(days=1))) == 0
    january = int(at(date(2026, 1, 10)).timestamp())
    import_rows(*(sacct_row(job, "gj901", submit=january, units="cpu=15", seconds=75) for job in range(1)))
    assert figures(lot) == (365_000, 320_000)
    assert services.review_lots(now=at(NOTICED)) == 0


def test_after_an_outage_only_the_latest_checkpoint_counts(company):
    grant(company, 365_000, now=at(date(2026, 1, 1)))
    assert services.review_lots(now=at(date(2026, 8, 1))) == 1
    assert ClawBackNotice.objects.get().checkpoint == date(2026, 7, 1)
    # Shortly before the end nothing is announced any more.
    other = grant(CompanyFactory(), 365_000, now=at(date(2026, 1, 1)))
    assert services.review_lots(now=at(date(2026, 12, 20))) == 0
    assert not ClawBackNotice.objects.filter(lot=other).exists()


def test_the_plan_of_a_request_counts_in_proportion(company, manager):
    months = (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1), date(2027, 4, 1))
    asked = ask(
        company,
        1000,
        period=DateRange(date(2026, 12, 1), date(2027, 5, 1)),
        plan=dict(zip(months, (100, 100, 100, 300, 400), strict=True)),
    )
    agree(asked, manager, 500)
    assert services.review_lots(now=at(date(2027, 3, 15))) == 1
    notice = ClawBackNotice.objects.get()
    assert (notice.checkpoint, notice.planned_gflop, notice.proposed_gflop) == (date(2027, 3, 1), 150, 75)


def test_an_exemption_is_asked_once_until_the_deadline(company, manager):
    lot, notice = noticed(company)
    founder = founder_of(company, "member")
    ask_for = {"notice": notice, "reason": "학습이 5월에 시작합니다.", "actor": founder}
    refused(ReasonMissing, services.ask_exemption, **{**ask_for, "reason": " "}, now=at(DEADLINE))
    refused(DeadlinePassed, services.ask_exemption, **ask_for, now=at(DEADLINE + timedelta(days=1)))
    for actor in (manager, founder_of(CompanyFactory())):
        assert (
            refused(
                DomainError, services.ask_exemption, **{**ask_for, "actor": actor}, now=at(DEADLINE)
            ).status
            == 403
        )
    services.ask_exemption(**ask_for, now=at(DEADLINE, 23))
    refused(ExemptionAsked, services.ask_exemption, **ask_for, now=at(DEADLINE))
    late = at(DEADLINE + timedelta(days=9))
    refused(ExemptionWaits, services.carry_out_notice, notice=notice, reason="x", actor=manager, now=late)
    decide = {"notice": notice, "reason": "계획이 분명합니다.", "now": late}
    assert refused(DomainError, services.decide_exemption, exempt=True, actor=founder, **decide).status == 403
    services.decide_exemption(exempt=True, actor=manager, **decide)
    notice.refresh_from_db()
    assert (notice.state, notice.answer, notice.resolved_by_id) == (
        "exempted",
        "계획이 분명합니다.",
        manager.pk,
    )
    refused(NoticeResolved, services.carry_out_notice, notice=notice, reason="x", actor=manager, now=late)
    assert figures(lot) == (365_000, 365_000)
    assert services.review_lots(now=at(date(2026, 5, 20))) == 0


def test_a_refused_exemption_leaves_the_notice_standing(company, manager):
    lot, notice = noticed(company)
    refused(
        NoExemptionAsked,
        services.decide_exemption,
        notice=notice,
        exempt=False,
        reason="x",
        actor=manager,
        now=at(DEADLINE),
    )
    founder = founder_of(company)
    services.ask_exemption(notice=notice, reason="더 주십시오.", actor=founder, now=at(NOTICED))
    services.decide_exemption(
        notice=notice, exempt=False, reason="계획이 없습니다.", actor=manager, now=at(DEADLINE)
    )
    notice.refresh_from_db()
    assert (notice.state, notice.answer) == ("open", "계획이 없습니다.")
    refused(
        ExemptionAsked, services.ask_exemption, notice=notice, reason="x", actor=founder, now=at(DEADLINE)
    )
    carry_out = {"notice": notice, "reason": "공고한 대로", "actor": manager}
    refused(DeadlineNotPassed, services.carry_out_notice, **carry_out, now=at(DEADLINE, 23))
    done = services.carry_out_notice(**carry_out, now=at(DEADLINE + timedelta(days=1)))
    assert (done.state, done.taken_gflop) == ("carried", 45_000)
    assert figures(lot) == (320_000, 320_000)
    [transfer] = Transfer.objects.filter(kind="claw_back")
    assert (transfer.amount_gflop, transfer.reason) == (45_000, "공고한 대로")
    refused(NoticeResolved, services.carry_out_notice, **carry_out, now=at(DEADLINE + timedelta(days=1)))
    assert check_ledger().broken == {}


def test_use_until_the_deadline_lessens_what_is_taken(company, manager):
    lot, notice = noticed(company)
    start = int(at(date(2026, 4, 20)).timestamp())
    import_rows(sacct_row(1, "gj901", submit=start, units="cpu=10", seconds=100))
    assert figures(lot) == (365_000, 325_000)
    after = at(DEADLINE + timedelta(days=1))
    done = services.carry_out_notice(notice=notice, reason="x", actor=manager, now=after)
    assert (done.state, done.taken_gflop) == ("carried", 25_000)


def test_enough_use_until_the_deadline_cancels_it(company, manager):
    _lot, notice = noticed(company)
    start = int(at(date(2026, 4, 20)).timestamp())
    import_rows(sacct_row(1, "gj901", submit=start, units="cpu=15", seconds=75))
    after = at(DEADLINE + timedelta(days=1))
    done = services.carry_out_notice(notice=notice, reason="x", actor=manager, now=after)
    assert (done.state, done.taken_gflop) == ("cancelled", None)
    assert not Transfer.objects.filter(kind="claw_back").exists()


def test_the_rules_may_leave_it_to_the_task(company):
    rules(automatic=True)
    lot, notice = noticed(company)
    assert services.review_lots(now=at(DEADLINE)) == 0
    assert services.review_lots(now=at(DEADLINE + timedelta(days=1))) == 1
    assert services.review_lots(now=at(DEADLINE + timedelta(days=1))) == 0
    assert figures(lot) == (320_000, 320_000)
    notice.refresh_from_db()
    assert (notice.state, notice.resolved_by) == ("carried", None)


def test_a_manager_cancels_with_a_reason(company, manager):
    _lot, notice = noticed(company)
    refused(ReasonMissing, services.cancel_notice, notice=notice, reason="", actor=manager, now=NOW)
    services.cancel_notice(notice=notice, reason="측정 오류", actor=manager, now=NOW)
    refused(NoticeResolved, services.cancel_notice, notice=notice, reason="x", actor=manager, now=NOW)
    founder = founder_of(company)
    refused(NoticeResolved, services.ask_exemption, notice=notice, reason="x", actor=founder, now=at(NOTICED))
    for change in ({"state": "open"}, {"proposed_gflop": 1}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            ClawBackNotice.objects.filter(pk=notice.pk).update(**change)


def test_a_pool_too_small_for_the_move_of_its_neighbour_is_untouched(company):
    first, second = make_pool(100), make_pool(100, name="other", period=YEAR)
    source, target = grant(company, 100, first), grant(company, 10, second)
    move(source, target, 40)
    services.claw_back(allocation=target, reason="x", actor=None, now=NOW)
    second.account.refresh_from_db()
    first.account.refresh_from_db()
    assert (first.account.balance_gflop, second.account.balance_gflop) == (0, 140)
    assert check_ledger().broken == {}


def test_what_is_held_is_not_moved(company):
    source, target = grant(company, 100), grant(company, 10)
    hold(source, 60)
    refused(NotEnoughCredits, move, source, target, 41)
    move(source, target, 40)
    assert figures(source) == (60, 60)


def test_a_claw_back_leaves_what_is_held(company, manager):
    lot, notice = noticed(company)
    hold(lot, 340_000)
    done = services.carry_out_notice(
        notice=notice, reason="x", actor=manager, now=at(DEADLINE + timedelta(days=1))
    )
    assert (done.state, done.taken_gflop) == ("carried", 25_000)
    assert figures(lot) == (340_000, 340_000)
    assert check_ledger().broken == {}
