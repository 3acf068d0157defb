"""Asking for credits and deciding: the plan adds up, two people agree to much, each thing happens once."""

from datetime import date

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import DomainError
from tenants.compute import selectors, services
from tenants.compute.checking import check_ledger
from tenants.compute.errors import (
    AmountNotPositive,
    IdempotencyConflict,
    MoreThanAsked,
    NotEnoughCredits,
    OutsidePool,
    OwnRequest,
    PeriodOver,
    PeriodTooLong,
    PlanDoesNotAddUp,
    PlanOutsidePeriod,
    PolicyInThePast,
    PoolExhausted,
    ReasonMissing,
    RequestDecided,
    SamePerson,
    TwoPeopleNeeded,
    UnknownResource,
    WarningsOutOfOrder,
)
from tenants.compute.models import Allocation, CreditMail, GrantPolicy, GrantRequest, PlannedUse, Transfer
from tests.factories.accounts import UserFactory, acting, acting_staff
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.compute import NOW, grant, import_rows, sacct_row
from tests.factories.requests import PFH, QUARTER, agree, ask, rules, send_mails, two_years

pytestmark = pytest.mark.django_db

DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
MUCH = 1_000 * PFH + 1


@pytest.fixture
def company():
    return CompanyFactory()


@pytest.fixture
def manager():
    return acting_staff(StaffGroup.CREDITS)


def refused(error, attempt, *arguments, **values):
    with pytest.raises(error) as caught, transaction.atomic():
        attempt(*arguments, **values)
    return caught.value


def at_once(model, **values):
    """Write a row, and let the database say at once what it would say at the end of the transaction."""
    model.objects.create(**values)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_without_a_plan_each_day_counts_the_same_to_the_last_unit(company):
    asked = ask(company, 91)
    assert list(asked.plan.values_list("month", "gflop")) == [(DECEMBER, 31), (JANUARY, 31), (FEBRUARY, 29)]
    asked = ask(company, 1, key="one")
    assert sum(asked.plan.values_list("gflop", flat=True)) == 1


def test_a_plan_is_kept_as_given(company):
    plan = {DECEMBER: 5, JANUARY: 0, FEBRUARY: 95}
    asked = ask(company, 100, plan=plan, resources=["cpu", "cpu"], own_share_percent=30)
    assert dict(asked.plan.values_list("month", "gflop")) == plan
    assert (asked.state, asked.resources, asked.own_share_percent) == ("asked", ["cpu"], 30)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"plan": {DECEMBER: 5, JANUARY: 0, FEBRUARY: 94}}, PlanDoesNotAddUp),
        ({"plan": {DECEMBER: -5, JANUARY: 10, FEBRUARY: 95}}, PlanDoesNotAddUp),
        ({"plan": {DECEMBER: 5, JANUARY: 95}}, PlanOutsidePeriod),
        ({"plan": {DECEMBER: 5, JANUARY: 0, FEBRUARY: 95, date(2027, 3, 1): 0}}, PlanOutsidePeriod),
        ({"plan": {date(2026, 12, 2): 100}}, PlanOutsidePeriod),
        ({"plan": {}}, PlanOutsidePeriod),
        ({"amount_gflop": 0}, AmountNotPositive),
        ({"amount_gflop": -1}, AmountNotPositive),
        ({"amount_gflop": 10**18 + 1}, NotEnoughCredits),
        ({"reason": " \n"}, ReasonMissing),
        ({"project": " "}, DomainError),
        ({"description": ""}, DomainError),
        ({"reason": "x" * 1001}, DomainError),
        ({"own_share_percent": 101}, DomainError),
        ({"resources": ["gres/gpu:h999"]}, UnknownResource),
        ({"period": DateRange(date(2026, 1, 1), date(2026, 11, 22))}, PeriodOver),
        ({"period": DateRange(date(2026, 12, 1), date(2029, 1, 1))}, PeriodTooLong),
    ],
)
def test_what_cannot_be_asked(company, values, error):
    refused(error, ask, company, **{"amount_gflop": 100, **values})
    assert not GrantRequest.objects.exists()


def test_the_database_adds_the_plan_up_itself(company):
    asked = ask(company, 100)
    for month, gflop in ((date(2027, 3, 1), 0), (DECEMBER, 1), (date(2026, 12, 2), 0)):
        refused(IntegrityError, at_once, PlannedUse, request=asked, month=month, gflop=gflop)
    bare = {"project": "x", "description": "x", "reason": "x", "amount_gflop": 1, "period": QUARTER}
    error = refused(IntegrityError, at_once, GrantRequest, company=company, key="bare", asked_at=NOW, **bare)
    assert "add up" in str(error)


def test_what_was_asked_never_changes(company):
    asked = ask(company, 100)
    for change in ({"amount_gflop": 101}, {"reason": "other"}, {"company": CompanyFactory()}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            GrantRequest.objects.filter(pk=asked.pk).update(**change)
    for rows in (asked.plan.all(), GrantRequest.objects.filter(pk=asked.pk)):
        with pytest.raises(ProgrammingError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_a_second_click_asks_once(company):
    founder = founder_of(company)
    first = ask(company, 100, key="form", actor=founder)
    assert ask(company, 100, key="form", actor=founder) == first
    assert (GrantRequest.objects.count(), PlannedUse.objects.count()) == (1, 3)
    refused(IdempotencyConflict, ask, company, 101, key="form", actor=founder)
    plan = {DECEMBER: 100, JANUARY: 0, FEBRUARY: 0}
    refused(IdempotencyConflict, ask, company, 100, key="form", actor=founder, plan=plan)
    assert ask(CompanyFactory(), 101, key="form").pk != first.pk


def test_only_members_ask_and_take_back(company, manager):
    stranger = founder_of(CompanyFactory())
    for actor in (stranger, manager, acting(UserFactory(), "investor")):
        assert refused(DomainError, ask, company, actor=actor).status == 403
    asked = ask(company, actor=founder_of(company, "member"))
    for actor in (stranger, manager):
        refused(DomainError, services.withdraw_request, request=asked, actor=actor, now=NOW)
    services.withdraw_request(request=asked, actor=founder_of(company), now=NOW)
    assert (asked.state, asked.decided_at) == ("withdrawn", NOW)
    refused(RequestDecided, services.withdraw_request, request=asked, actor=founder_of(company), now=NOW)
    refused(RequestDecided, agree, asked, manager)


def test_a_request_becomes_a_grant(company, manager):
    asked = ask(company, 100, resources=["gres/gpu:h100"], own_share_percent=20)
    period = DateRange(date(2026, 12, 15), date(2027, 2, 1))
    made = agree(asked, manager, 60, period=period)
    lot = Allocation.objects.get(request=made)
    assert (made.state, made.decided_by_id, made.decision_reason) == (
        "granted",
        manager.pk,
        "계획이 좋습니다.",
    )
    assert (lot.company, lot.amount_gflop, lot.period, lot.resources) == (
        company,
        60,
        period,
        ["gres/gpu:h100"],
    )
    assert (lot.own_share_percent, lot.programme, lot.account.balance_gflop) == (20, "2026 지원", 60)
    assert Transfer.objects.get(credit=lot.account).idempotency_key == f"grant:request:{asked.pk}"
    refused(RequestDecided, agree, asked, manager)
    refused(RequestDecided, services.decline_request, request=asked, reason="x", actor=manager, now=NOW)
    with pytest.raises(ProgrammingError), transaction.atomic():
        GrantRequest.objects.filter(pk=asked.pk).update(state="asked")
    assert check_ledger().broken == {}


def test_what_a_decision_refuses(company, manager):
    asked = ask(company, 100)
    pool = two_years()
    refused(MoreThanAsked, agree, asked, manager, 101)
    refused(AmountNotPositive, agree, asked, manager, 0)
    refused(ReasonMissing, agree, asked, manager, reason=" ")
    refused(OutsidePool, agree, asked, manager, period=DateRange(date(2027, 1, 1), date(2028, 1, 2)))
    for actor in (acting_staff(StaffGroup.LEASES), acting_staff(StaffGroup.AUDITOR), founder_of(company)):
        assert refused(DomainError, agree, asked, actor).status == 403
        assert (
            refused(
                DomainError, services.decline_request, request=asked, reason="x", actor=actor, now=NOW
            ).status
            == 403
        )
    grant(CompanyFactory(), pool.capacity_gflop - 99, pool)
    refused(PoolExhausted, agree, asked, manager)
    asked.refresh_from_db()
    assert (asked.state, asked.allocation) == ("asked", None)
    assert agree(asked, manager, 99).state == "granted"


def test_an_asker_never_decides(company):
    person = founder_of(company)
    asked = ask(company, actor=person)
    as_manager = acting(person, "staff", groups=[StaffGroup.DIRECTOR])
    refused(OwnRequest, agree, asked, as_manager)
    refused(OwnRequest, services.decline_request, request=asked, reason="x", actor=as_manager, now=NOW)
    with pytest.raises(IntegrityError, match="not_by_asker"), transaction.atomic():
        GrantRequest.objects.filter(pk=asked.pk).update(
            state="declined", decided_by=person, decided_at=NOW, decision_reason="x"
        )


def test_much_needs_two_different_people(company, manager):
    other = acting_staff(StaffGroup.DIRECTOR)
    asked = ask(company, MUCH)
    once = agree(asked, manager)
    assert (once.state, once.agreed_by_id, once.needs_two, once.allocation) == (
        "agreed",
        manager.pk,
        True,
        None,
    )
    assert not Allocation.objects.exists()
    assert CreditMail.objects.count() == 0
    refused(SamePerson, agree, asked, manager)
    made = agree(asked, other)
    assert (made.state, made.agreed_by_id, made.decided_by_id) == ("granted", manager.pk, other.pk)
    assert made.allocation.amount_gflop == MUCH


def test_the_database_wants_two_people_as_well(company, manager):
    asked = agree(ask(company, MUCH), manager)
    lot = grant(company, MUCH, two_years())
    changes = {"state": "granted", "decided_at": NOW, "decision_reason": "x", "allocation": lot}
    for decided_by in (manager.pk, None):
        with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
            GrantRequest.objects.filter(pk=asked.pk).update(decided_by=decided_by, **changes)


def test_other_terms_need_the_other_person_anew(company, manager):
    other = acting_staff(StaffGroup.CREDITS)
    asked = ask(company, MUCH + 10)
    agree(asked, manager, MUCH + 10)
    changed = agree(asked, other, MUCH)
    assert (changed.state, changed.agreed_by_id, changed.granted_gflop) == ("agreed", other.pk, MUCH)
    refused(SamePerson, agree, asked, other, MUCH)
    assert agree(asked, manager, MUCH).allocation.amount_gflop == MUCH


def test_at_the_threshold_one_person_is_enough(company, manager):
    assert agree(ask(company, MUCH), manager, MUCH - 1).state == "granted"
    rules(date(2026, 11, 22), two_person_above_gflop=10, actor=acting_staff())
    asked = ask(company, 11)
    assert agree(asked, manager).state == "agreed"
    # Agreed to less, the same person may decide alone: nobody's agreement is left standing in it.
    made = agree(asked, manager, 10)
    assert (made.state, made.needs_two, made.agreed_by) == ("granted", False, None)


def test_nobody_goes_around_the_second_person(company, manager):
    error = refused(TwoPeopleNeeded, grant, company, MUCH, two_years(), actor=manager)
    assert error.params == {"limit": "1,000.000"}
    assert grant(company, MUCH - 1, two_years(), actor=manager).amount_gflop == MUCH - 1


def test_a_decision_is_mailed_to_each_member_once(company, manager):
    for language, email in (("ko", "a@c.example"), ("en", "b@c.example")):
        MembershipFactory(company=company, user=UserFactory(email=email, language=language))
    MembershipFactory(company=company, user=UserFactory(is_active=False))
    asked = ask(company, actor=acting(UserFactory(), "founder", company.pk))
    services.decline_request(request=asked, reason="예산이 없습니다.", actor=manager, now=NOW)
    assert send_mails(NOW) == ["a@c.example", "b@c.example"]
    korean, english = sorted(mail.outbox, key=lambda message: message.to)
    assert "예산이 없습니다." in korean.body
    assert "declined" in english.subject
    assert "declined" not in korean.subject
    assert send_mails(NOW) == []
    assert [services.send_mail(mail_id=each.pk, now=NOW) for each in CreditMail.objects.all()] == [False] * 2


def test_a_mail_that_failed_waits_and_goes_out_later(company, manager, monkeypatch):
    MembershipFactory(company=company, user=UserFactory(email="a@c.example"))
    asked = ask(company, actor=acting(UserFactory(), "founder", company.pk))
    services.decline_request(request=asked, reason="x", actor=manager, now=NOW)
    [waiting] = CreditMail.objects.all()

    def away(self):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", away)
        with pytest.raises(OSError), transaction.atomic():
            services.send_mail(mail_id=waiting.pk, now=NOW)
    waiting.refresh_from_db()
    assert waiting.sent_at is None
    assert services.send_waiting_mails(before=NOW) == 0
    assert send_mails(NOW) == ["a@c.example"]


def test_the_queue_knows_what_a_decision_rests_on(manager):
    company = CompanyFactory(cluster_account="gj901")
    pool = two_years(1_000_000)
    grant(company, 300_000, pool, period=pool.period)
    import_rows(sacct_row(1, "gj901"))
    asked, rival = ask(company, 600_000), ask(CompanyFactory(), 200_000)
    found = {each.pk: each for each in selectors.requests.queue_for(manager, NOW.date())}
    mine = found[asked.pk]
    assert (mine.given, mine.spent, mine.idle) == (300_000, 8_000, 292_000)
    assert (mine.room, mine.rivals, mine.pool_name) == (700_000, 800_000, pool.name)
    theirs = found[rival.pk]
    assert (theirs.given, theirs.spent, theirs.idle, theirs.room) == (0, 0, 0, 700_000)
    months = {each.month: each for each in selectors.requests.plan_beside_use(manager, asked, NOW.date())}
    assert (months[date(2026, 11, 1)].used, months[date(2026, 11, 1)].planned) == (8_000, None)
    assert (months[DECEMBER].used, months[DECEMBER].planned) == (None, 206_666)


def test_rules_begin_today_or_later_and_are_never_edited():
    director = acting_staff()
    refused(PolicyInThePast, rules, date(2026, 1, 1), actor=director, now=NOW)
    refused(WarningsOutOfOrder, rules, date(2026, 12, 1), early_warning_days=7, late_warning_days=7)
    refused(DomainError, rules, date(2026, 12, 1), actor=acting_staff(StaffGroup.CREDITS))
    before = selectors.requests.policy_on(date(2026, 11, 30))
    new = rules(date(2026, 12, 1), settle_days=3, actor=director)
    assert selectors.requests.policy_on(date(2026, 11, 30)) == before
    assert selectors.requests.policy_on(date(2026, 12, 1)) == new
    assert rules(date(2026, 12, 1), settle_days=4) == selectors.requests.policy_on(date(2026, 12, 1))
    for attempt in (new.delete, new.save, lambda: GrantPolicy.objects.update(settle_days=1)):
        with pytest.raises(ProgrammingError), transaction.atomic():
            attempt()
