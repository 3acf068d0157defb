"""Ends before their time, notices, swaps, and stays after the end."""

from datetime import date

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from tenants.leases import selectors, services
from tenants.leases.enums import EndingState, LeaseState
from tenants.leases.errors import (
    EarlyEndDecided,
    EarlyEndOpen,
    EndBeforeStart,
    HoldoverKnown,
    HoldoverResolved,
    LastDayAhead,
    LastDayOver,
    MoveOutside,
    NoLaterLease,
    NotEarlier,
    NoticeTooLong,
    NoticeTooShort,
    NotOver,
    NotSigned,
    ReasonMissing,
    SpaceHeldOver,
    SpacePromised,
    SpaceTaken,
    SwapWithItself,
    WrongState,
)
from tenants.leases.models import EarlyEnd, Holdover, Lease
from tenants.leases.selectors import endings
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import LeaseFactory, RateFactory, SpaceFactory, moment

pytestmark = pytest.mark.django_db

NOW = moment(2026, 11, 22)
END = date(2027, 1, 3)  # of LeaseFactory's lease


def told(**more):
    return {"actor": None, "now": NOW, **more}


def words(lease):
    return [(each.step, each.from_state, each.to_state, each.last_day) for each in lease.transitions.all()]


# --- asked by the company


def test_a_company_asks_a_manager_agrees_and_the_lease_is_terminated_on_its_day():
    lease = LeaseFactory()
    founder = founder_of(lease.company, level="member")
    last = date(2026, 12, 10)
    asked = services.ask_early_end(lease=lease, last_day=last, reason="이전", actor=founder, now=NOW)
    assert (asked.state, asked.asked_by) == (EndingState.OPEN, founder)
    services.agree_early_end(ending=asked, reason="확인", **told())
    lease.refresh_from_db()
    assert (lease.state, lease.last_day) == (LeaseState.ACTIVE, last)
    LeaseFactory(
        space=lease.space, period=days(date(2026, 12, 11), date(2027, 6, 1)), state=LeaseState.SIGNED
    )
    services.advance_leases(actor=None, now=moment(2026, 12, 11, 0))
    lease.refresh_from_db()
    assert (lease.state, lease.last_day) == (LeaseState.TERMINATED, last)
    assert words(lease) == [
        ("end_agreed", "active", "active", last),
        ("terminated", "active", "terminated", last),
    ]


def test_what_a_request_to_leave_is_refused_for():
    lease = LeaseFactory()
    asking = {"lease": lease, "reason": "이전"}
    for last, refusal in (
        (END, NotEarlier),
        (date(2026, 11, 21), LastDayOver),
    ):
        with pytest.raises(refusal):
            services.ask_early_end(last_day=last, **asking, **told())
    with pytest.raises(ReasonMissing):
        services.ask_early_end(lease=lease, last_day=date(2026, 12, 1), reason=" ", **told())
    for stranger in (founder_of(CompanyFactory()), acting_staff("consulting")):
        with pytest.raises(NotAllowed):
            services.ask_early_end(last_day=date(2026, 12, 1), **asking, **told(actor=stranger))
    services.ask_early_end(last_day=date(2026, 12, 1), **asking, **told())
    with pytest.raises(EarlyEndOpen):
        services.ask_early_end(last_day=date(2026, 12, 2), **asking, **told())


@pytest.mark.parametrize("state", [LeaseState.DRAFT, LeaseState.OFFERED, LeaseState.ENDED])
def test_an_end_before_a_signature_is_refused(state):
    lease = LeaseFactory(state=state)
    end = {"lease": lease, "last_day": date(2026, 12, 1), "reason": "이전", **told()}
    with pytest.raises(NotSigned):
        services.ask_early_end(**end)
    with pytest.raises(NotSigned):
        services.give_notice(**{**end, "last_day": date(2026, 12, 31)})
    with pytest.raises(WrongState):
        services.end_lease(lease=lease, **told())


def test_a_request_is_decided_once():
    lease = LeaseFactory()
    asked = services.ask_early_end(lease=lease, last_day=date(2026, 12, 1), reason="이전", **told())
    services.refuse_early_end(ending=asked, reason="의무 기간", **told())
    for decide in (
        lambda: services.agree_early_end(ending=asked, **told()),
        lambda: services.withdraw_early_end(ending=asked, **told()),
        lambda: services.take_back_early_end(ending=asked, reason="철회", **told()),
    ):
        with pytest.raises(EarlyEndDecided):
            decide()
    assert words(lease) == []


def test_a_founder_asks_and_takes_back_through_the_wall_and_decides_nothing():
    lease = LeaseFactory()
    founder = founder_of(lease.company)
    other = services.give_notice(lease=LeaseFactory(), last_day=date(2026, 12, 31), reason="위반", **told())
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=founder.acting.company_ids):
        asking = {
            "lease": lease,
            "last_day": date(2026, 12, 1),
            "reason": "이전",
            "actor": founder,
            "now": NOW,
        }
        asked = services.ask_early_end(**asking)
        assert list(EarlyEnd.objects.all()) == [asked]
        with pytest.raises(DatabaseError), transaction.atomic():
            EarlyEnd.objects.filter(pk=asked.pk).update(state="agreed", decided_at=NOW)
        with pytest.raises(DatabaseError), transaction.atomic():
            EarlyEnd.objects.create(
                lease=lease, kind="notice", last_day=END, reason="x", asked_by=founder, asked_at=NOW
            )
        services.withdraw_early_end(ending=asked, actor=founder, now=NOW)
    assert other.state == EndingState.AGREED


# --- notice by the camp


def test_notice_keeps_the_days_of_the_rules_and_names_them():
    lease = LeaseFactory(period=days(date(2026, 1, 4), date(2027, 12, 31)))
    giving = {"lease": lease, "reason": "의무 위반", **told()}
    with pytest.raises(NoticeTooShort) as caught:
        services.give_notice(last_day=date(2026, 12, 21), **giving)
    assert caught.value.params["earliest"] == "2026. 12. 22. (화)"
    assert caught.value.params["source"]
    with pytest.raises(NoticeTooLong):
        services.give_notice(last_day=date(2027, 5, 22), **giving)
    services.give_notice(last_day=date(2026, 12, 22), **giving)
    with pytest.raises(EarlyEndOpen):
        services.move_company(lease=lease, space=SpaceFactory(), first_day=date(2026, 12, 1), **told())


def test_the_company_is_told_of_a_notice_and_of_its_end(django_capture_on_commit_callbacks):
    lease = LeaseFactory()
    founder_of(lease.company, email="owner@company.example", language="ko")
    founder_of(lease.company, email="partner@company.example", language="en")
    with django_capture_on_commit_callbacks(execute=True):
        notice = services.give_notice(lease=lease, last_day=date(2026, 12, 22), reason="의무 위반", **told())
    assert [each.to for each in mail.outbox] == [["owner@company.example"], ["partner@company.example"]]
    assert "22 Dec 2026" in mail.outbox[1].subject
    assert "3 Jan 2027" in mail.outbox[1].body
    assert "의무 위반" in mail.outbox[0].body
    with django_capture_on_commit_callbacks(execute=True):
        services.take_back_early_end(ending=notice, reason="시정 확인", **told())
    assert "as before" in mail.outbox[3].subject
    lease.refresh_from_db()
    assert lease.last_day == END


def test_a_notice_is_taken_back_only_while_the_days_are_free():
    lease = LeaseFactory()
    notice = services.give_notice(lease=lease, last_day=date(2026, 12, 22), reason="위반", **told())
    LeaseFactory(
        space=lease.space, period=days(date(2026, 12, 23), date(2027, 6, 1)), state=LeaseState.OFFERED
    )
    with pytest.raises(SpacePromised):
        services.take_back_early_end(ending=notice, reason="시정", **told())
    lease.refresh_from_db()
    notice.refresh_from_db()
    assert (lease.last_day, notice.state) == (date(2026, 12, 22), EndingState.AGREED)


# --- swaps


def pair(**second):
    one = LeaseFactory(period=days(date(2026, 1, 4), date(2027, 1, 3)))
    two = LeaseFactory(**{"period": days(date(2026, 3, 1), date(2027, 2, 28)), **second})
    return one, two


def test_two_companies_swap_where_each_move_alone_collides():
    one, two = pair()
    on = date(2026, 11, 22)
    for lease, space in ((one, two.space), (two, one.space)):
        with pytest.raises(SpaceTaken):
            services.move_company(lease=lease, space=space, first_day=on, **told())
    first, second = services.swap_companies(lease=one, other=two, first_day=on, reason="인원", **told())
    assert (first.company, first.space, first.period) == (one.company, two.space, days(on, date(2027, 1, 3)))
    assert (second.company, second.space, second.period) == (
        two.company,
        one.space,
        days(on, date(2027, 2, 28)),
    )
    for old in (one, two):
        old.refresh_from_db()
        assert (old.state, old.last_day) == (LeaseState.ENDED, date(2026, 11, 21))
        assert words(old)[-1][0] == "swapped"
    assert words(first) == [("swapped", "", "active", date(2027, 1, 3))]


def test_a_swap_that_a_third_lease_is_in_the_way_of_leaves_all_as_it_was():
    one, two = pair()
    LeaseFactory(space=one.space, period=days(date(2027, 1, 4), date(2027, 6, 1)), state=LeaseState.OFFERED)
    with pytest.raises(SpaceTaken):
        services.swap_companies(lease=one, other=two, first_day=date(2026, 12, 1), **told())
    assert set(Lease.objects.filter(pk__in=[one.pk, two.pk]).values_list("state", flat=True)) == {"active"}
    assert Lease.objects.count() == 3
    assert words(one) == words(two) == []


def test_what_a_swap_is_refused_for():
    one, two = pair()
    swap = {"lease": one, "other": two, "first_day": date(2026, 12, 1)}
    with pytest.raises(SwapWithItself):
        services.swap_companies(**{**swap, "other": one}, **told())
    with pytest.raises(MoveOutside):
        services.swap_companies(**{**swap, "first_day": date(2026, 3, 1)}, **told())
    with pytest.raises(WrongState):
        services.swap_companies(**{**swap, "other": LeaseFactory(state=LeaseState.SIGNED)}, **told())
    with pytest.raises(NotAllowed):
        services.swap_companies(**swap, **told(actor=founder_of(one.company)))
    services.give_notice(lease=two, last_day=date(2026, 12, 31), reason="위반", **told())
    with pytest.raises(EarlyEndOpen):
        services.swap_companies(**swap, **told())


# --- stays after the end


def over(**values):
    return LeaseFactory(
        **{"state": LeaseState.ENDED, "period": days(date(2025, 11, 1), date(2026, 11, 10)), **values}
    )


def test_a_space_is_not_free_while_the_company_before_is_in_it():
    rate = RateFactory()
    lease = over(space=rate.space)
    next_one = LeaseFactory(
        space=lease.space, state=LeaseState.SIGNED, period=days(date(2026, 11, 22), date(2027, 5, 1))
    )
    holdover = services.note_holdover(lease=lease, reason="장비 반출 지연", **told())
    assert (holdover.first_day, holdover.allowed_until) == (date(2026, 11, 11), date(2026, 11, 24))
    newcomer = {
        "company": CompanyFactory(),
        "space": lease.space,
        "first_day": date(2027, 6, 1),
        "last_day": date(2027, 12, 31),
        "legal_basis": "창업지원",
    }
    for make in (services.draft_lease, services.lease_space):
        with pytest.raises(SpaceHeldOver):
            make(**newcomer, **told())
    with pytest.raises(SpaceHeldOver):
        services.activate_lease(lease=next_one, **told())
    assert services.advance_leases(actor=None, now=NOW).activated == 0
    with pytest.raises(HoldoverKnown):
        services.note_holdover(lease=lease, reason="또", **told())
    later = moment(2026, 11, 26)
    services.resolve_holdover(
        holdover=holdover, outcome="left", last_day=date(2026, 11, 25), actor=None, now=later
    )
    assert services.advance_leases(actor=None, now=later).activated == 1
    holdover.refresh_from_db()
    assert (holdover.days_on(date(2030, 1, 1)), holdover.days_over_on(date(2030, 1, 1))) == (15, 1)
    with pytest.raises(HoldoverResolved):
        services.resolve_holdover(holdover=holdover, outcome="left", **told())
    assert [step[0] for step in words(lease)] == ["held_over", "cleared"]


def test_the_database_refuses_a_new_claim_by_itself():
    lease = over()
    services.note_holdover(lease=lease, reason="지연", **told())
    with pytest.raises(DatabaseError, match="still in this space"), transaction.atomic():
        LeaseFactory(space=lease.space, period=days(date(2027, 1, 1), date(2027, 2, 1)))
    LeaseFactory(space=lease.space, company=lease.company, period=days(date(2027, 1, 1), date(2027, 2, 1)))


def test_days_after_the_end_are_counted_apart_and_never_as_waived():
    rate = RateFactory(rent_krw_per_m2=8_200, fee_krw_per_m2=3_400)  # 33 m²
    lease = over(space=rate.space)
    before = selectors.waived_for([lease], date.min, date(2026, 11, 30))[lease.pk].total_krw
    holdover = services.note_holdover(lease=lease, reason="지연", **told())
    today = date(2026, 11, 22)
    assert (holdover.days_on(today), holdover.days_over_on(today)) == (12, 0)
    apart = endings.holdover_cost([holdover], today)[holdover.pk]
    assert (apart.days, apart.rent_krw, apart.fee_krw) == (12, 108_240, 44_880)
    assert selectors.waived_for([lease], date.min, date(2026, 11, 30))[lease.pk].total_krw == before


def test_a_stay_that_becomes_a_lease_and_what_else_is_refused():
    lease = over()
    for early in (LeaseFactory(), over(period=days(date(2026, 1, 1), date(2026, 11, 22)))):
        with pytest.raises(NotOver):
            services.note_holdover(lease=early, reason="지연", **told())
    holdover = services.note_holdover(lease=lease, reason="지연", **told())
    with pytest.raises(NoLaterLease):
        services.resolve_holdover(holdover=holdover, outcome="renewed", **told())
    with pytest.raises(LastDayAhead):
        services.resolve_holdover(holdover=holdover, outcome="left", last_day=date(2026, 11, 23), **told())
    with pytest.raises(EndBeforeStart):
        services.resolve_holdover(holdover=holdover, outcome="left", last_day=date(2026, 11, 10), **told())
    services.lease_space(
        company=lease.company,
        space=lease.space,
        first_day=date(2026, 11, 15),
        last_day=date(2027, 5, 1),
        legal_basis="창업지원",
        **told(),
    )
    services.resolve_holdover(holdover=holdover, outcome="renewed", **told())
    holdover.refresh_from_db()
    assert holdover.last_day == date(2026, 11, 14)


def test_what_is_claimed_already_may_be_shortened_while_someone_stays():
    lease = over()
    next_one = LeaseFactory(
        space=lease.space, state=LeaseState.SIGNED, period=DateRange(date(2027, 1, 1), date(2027, 6, 1))
    )
    services.note_holdover(lease=lease, reason="지연", **told())
    services.terminate_lease(lease=next_one, last_day=date(2026, 12, 1), reason="철회", **told())
    assert Holdover.objects.get().is_open
