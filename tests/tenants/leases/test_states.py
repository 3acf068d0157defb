"""The life of a lease, step by step."""

from datetime import date, timedelta
from functools import partial

import pytest

from incubator.common.errors import Invalid, NotAllowed
from incubator.common.periods import days
from tenants.leases import services
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.errors import (
    BeforeOpening,
    EndBeforeStart,
    LastDayOutside,
    MoveOutside,
    NotBegun,
    ReasonMissing,
    SameSpace,
    SpaceClosed,
    SpaceTaken,
    StillRunning,
    TermTooLong,
    WrongState,
)
from tenants.leases.models import Lease, LeaseTransition
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import (
    BuildingFactory,
    ExtensionRequestFactory,
    FloorFactory,
    LeaseFactory,
    SpaceFactory,
    moment,
    set_rules,
)

pytestmark = pytest.mark.django_db

NOW = moment(2026, 11, 22)
FIRST, LAST = date(2026, 12, 1), date(2027, 11, 30)


def terms(**changes):
    return {
        "company": changes.pop("company", None) or CompanyFactory(),
        "space": changes.pop("space", None) or SpaceFactory(),
        "first_day": FIRST,
        "last_day": LAST,
        "legal_basis": "창업지원 무상임대",
        "actor": None,
        "now": NOW,
        **changes,
    }


def steps(lease):
    return [
        (step.from_state, step.to_state, step.last_day, step.reason)
        for step in LeaseTransition.objects.filter(lease=lease)
    ]


def test_a_lease_from_its_draft_to_its_end():
    manager = acting_staff("leases")
    lease = services.draft_lease(**terms(actor=manager))
    lease = services.offer_lease(lease=lease, actor=manager, now=NOW, reason="심사 통과")
    lease = services.sign_lease(lease=lease, actor=manager, now=NOW, reason="서면 계약, 문서함 3")
    lease = services.activate_lease(lease=lease, actor=manager, now=moment(2026, 12, 1, 0))
    lease = services.end_lease(lease=lease, actor=None, now=moment(2027, 12, 1, 0))
    assert lease.state == LeaseState.ENDED
    assert lease.period == days(FIRST, LAST)
    assert steps(lease) == [
        ("", "draft", LAST, ""),
        ("draft", "offered", LAST, "심사 통과"),
        ("offered", "signed", LAST, "서면 계약, 문서함 3"),
        ("signed", "active", LAST, ""),
        ("active", "ended", LAST, ""),
    ]
    assert list(LeaseTransition.objects.values_list("actor", flat=True)) == [manager.pk] * 4 + [None]
    assert LeaseTransition.objects.first().at == NOW


@pytest.mark.parametrize(
    ("step", "allowed"),
    [
        (services.offer_lease, {"draft"}),
        (partial(services.sign_lease, reason="서면"), {"offered"}),
        (services.activate_lease, {"signed"}),
        (services.end_lease, {"active"}),
    ],
)
def test_each_step_has_one_state_to_start_from(step, allowed):
    for state in LeaseState:
        lease = LeaseFactory(state=state, period=days(date(2025, 1, 1), date(2025, 12, 31)))
        if state in allowed:
            step(lease=lease, actor=None, now=NOW)
        else:
            with pytest.raises(WrongState):
                step(lease=lease, actor=None, now=NOW)
            lease.refresh_from_db()
            assert lease.state == state
            assert steps(lease) == []


def test_signing_twice_is_refused_the_second_time():
    lease = LeaseFactory(state=LeaseState.OFFERED)
    with pytest.raises(ReasonMissing):
        services.sign_lease(lease=lease, reason=" ", actor=None, now=NOW)
    services.sign_lease(lease=lease, reason="서면", actor=None, now=NOW)
    with pytest.raises(WrongState):
        services.sign_lease(lease=lease, reason="서면", actor=None, now=NOW)


def test_a_lease_begins_on_its_first_day_and_not_before():
    lease = LeaseFactory(state=LeaseState.SIGNED, period=days(FIRST, LAST))
    with pytest.raises(NotBegun):
        services.activate_lease(lease=lease, actor=None, now=moment(2026, 11, 30, 23))
    assert (
        services.activate_lease(lease=lease, actor=None, now=moment(2026, 12, 1, 0)).state
        == LeaseState.ACTIVE
    )


def test_a_lease_ends_after_its_last_day_and_not_on_it():
    lease = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 11, 22)))
    with pytest.raises(StillRunning):
        services.end_lease(lease=lease, actor=None, now=moment(2026, 11, 22, 23))
    assert services.end_lease(lease=lease, actor=None, now=moment(2026, 11, 23, 0)).state == LeaseState.ENDED


def test_an_offer_holds_the_space_and_a_draft_does_not():
    space = SpaceFactory()
    one, other = (services.draft_lease(**terms(space=space)) for _ in range(2))
    services.offer_lease(lease=one, actor=None, now=NOW)
    with pytest.raises(SpaceTaken) as caught:
        services.offer_lease(lease=other, actor=None, now=NOW)
    assert caught.value.params == {"first": "2026. 12. 1. (화)", "last": "2027. 11. 30. (화)"}
    other.refresh_from_db()
    assert other.state == LeaseState.DRAFT


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (date(2026, 11, 22), date(2027, 11, 21), LeaseState.ACTIVE),
        (date(2026, 11, 23), date(2027, 11, 22), LeaseState.SIGNED),
        (date(2025, 11, 22), date(2026, 11, 22), LeaseState.ACTIVE),
        (date(2025, 11, 22), date(2026, 11, 21), LeaseState.ENDED),
    ],
)
def test_a_recorded_contract_is_where_its_days_put_it(first, last, state):
    lease = services.lease_space(**terms(first_day=first, last_day=last))
    assert lease.state == state
    assert steps(lease) == [("", state, last, "")]


def test_a_space_that_is_taken_is_refused_with_the_days():
    held = LeaseFactory(period=days(FIRST, LAST))
    with pytest.raises(SpaceTaken):
        services.lease_space(**terms(space=held.space, first_day=date(2026, 6, 1), last_day=FIRST))
    assert Lease.objects.count() == 1
    services.lease_space(
        **terms(space=held.space, first_day=date(2026, 6, 1), last_day=FIRST - timedelta(days=1))
    )


def test_the_longest_term_is_said_to_the_day():
    set_rules(term_months=24)
    longest = date(2028, 11, 30)
    services.lease_space(**terms(last_day=longest))
    for make in (services.lease_space, services.draft_lease):
        with pytest.raises(TermTooLong) as caught:
            make(**terms(last_day=longest + timedelta(days=1)))
        assert caught.value.field == "last_day"
        assert caught.value.params == {
            "months": 24,
            "source": "운영규정 제12조",
            "first": "2026. 12. 1. (화)",
            "latest": "2028. 11. 30. (목)",
        }


def test_a_contract_that_is_history_is_not_measured_by_the_policy_of_today():
    lease = services.lease_space(**terms(first_day=date(2020, 1, 1), last_day=date(2024, 12, 31), ended=True))
    assert lease.state == LeaseState.ENDED


@pytest.mark.parametrize("make", [services.lease_space, services.draft_lease])
def test_what_a_new_lease_is_refused_for(make):
    with pytest.raises(EndBeforeStart):
        make(**terms(last_day=FIRST - timedelta(days=1)))
    with pytest.raises(SpaceClosed):
        make(**terms(space=SpaceFactory(active=False)))
    new_building = FloorFactory(building=BuildingFactory(opened_on=FIRST + timedelta(days=1)))
    with pytest.raises(BeforeOpening):
        make(**terms(space=SpaceFactory(floor=new_building)))
    with pytest.raises(Invalid) as caught:
        make(**terms(legal_basis=""))
    assert caught.value.field == "legal_basis"
    company = CompanyFactory()
    for stranger in (founder_of(company), acting_staff("consulting"), acting_staff("auditor")):
        with pytest.raises(NotAllowed):
            make(**terms(company=company, actor=stranger))
    assert Lease.objects.count() == 0


def test_a_termination_cuts_the_period_to_the_last_day_held():
    lease = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 12, 31)))
    request = ExtensionRequestFactory(lease=lease)
    lease = services.terminate_lease(
        lease=lease, last_day=date(2026, 11, 30), reason="폐업", actor=None, now=NOW
    )
    assert (lease.state, lease.period) == (LeaseState.TERMINATED, days(date(2026, 1, 1), date(2026, 11, 30)))
    assert steps(lease) == [("active", "terminated", date(2026, 11, 30), "폐업")]
    request.refresh_from_db()
    assert request.state == ExtensionState.WITHDRAWN
    LeaseFactory(space=lease.space, period=days(date(2026, 12, 1), date(2027, 11, 30)))


def test_what_was_terminated_before_it_began_holds_no_day():
    for state in (LeaseState.DRAFT, LeaseState.OFFERED, LeaseState.SIGNED):
        lease = LeaseFactory(state=state, period=days(FIRST, LAST))
        services.terminate_lease(
            lease=lease, last_day=date(2026, 11, 22), reason="입주 포기", actor=None, now=NOW
        )
        lease.refresh_from_db()
        assert lease.period.isempty
        assert (lease.first_day, lease.last_day) == (None, None)
        LeaseFactory(space=lease.space, period=days(FIRST, LAST))


def test_a_termination_needs_a_reason_and_a_day_within_the_lease():
    lease = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 12, 31)))
    with pytest.raises(ReasonMissing):
        services.terminate_lease(lease=lease, last_day=date(2026, 11, 30), reason=" ", actor=None, now=NOW)
    for outside in (date(2027, 1, 1), date(2025, 12, 31)):
        with pytest.raises(LastDayOutside):
            services.terminate_lease(lease=lease, last_day=outside, reason="폐업", actor=None, now=NOW)
    with pytest.raises(Invalid) as caught:
        services.terminate_lease(
            lease=lease, last_day=date(2026, 11, 30), reason="가" * 401, actor=None, now=NOW
        )
    assert caught.value.field == "reason"
    lease.refresh_from_db()
    assert lease.state == LeaseState.ACTIVE
    over = LeaseFactory(state=LeaseState.ENDED)
    with pytest.raises(WrongState):
        services.terminate_lease(lease=over, last_day=date(2026, 11, 30), reason="폐업", actor=None, now=NOW)


def test_a_move_ends_one_lease_and_starts_the_other():
    lease, space = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 12, 31))), SpaceFactory()
    request = ExtensionRequestFactory(lease=lease)
    moved = services.move_company(
        lease=lease, space=space, first_day=date(2026, 11, 22), reason="팀이 커짐", actor=None, now=NOW
    )
    lease.refresh_from_db()
    assert (lease.state, lease.period) == (LeaseState.ENDED, days(date(2026, 1, 1), date(2026, 11, 21)))
    assert (moved.company, moved.space, moved.state) == (lease.company, space, LeaseState.ACTIVE)
    assert moved.period == days(date(2026, 11, 22), date(2026, 12, 31))
    assert steps(lease) == [("active", "ended", date(2026, 11, 21), "팀이 커짐")]
    request.refresh_from_db()
    assert request.state == ExtensionState.WITHDRAWN


def test_a_move_in_the_future_leaves_both_to_their_day():
    lease, space = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 12, 31))), SpaceFactory()
    moved = services.move_company(lease=lease, space=space, first_day=date(2026, 12, 1), actor=None, now=NOW)
    lease.refresh_from_db()
    assert (lease.state, moved.state) == (LeaseState.ACTIVE, LeaseState.SIGNED)
    services.advance_leases(actor=None, now=moment(2026, 12, 1, 1))
    assert set(Lease.objects.values_list("space", "state")) == {
        (lease.space_id, "ended"),
        (space.pk, "active"),
    }


def test_a_move_that_collides_changes_nothing():
    lease, taken = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 12, 31))), LeaseFactory()
    with pytest.raises(SpaceTaken):
        services.move_company(
            lease=lease, space=taken.space, first_day=date(2026, 11, 22), actor=None, now=NOW
        )
    lease.refresh_from_db()
    assert (lease.state, lease.last_day) == (LeaseState.ACTIVE, date(2026, 12, 31))
    assert LeaseTransition.objects.count() == 0


def test_a_move_to_the_same_space_or_out_of_time_is_refused():
    lease = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 12, 31)))
    with pytest.raises(SameSpace):
        services.move_company(
            lease=lease, space=lease.space, first_day=date(2026, 12, 1), actor=None, now=NOW
        )
    for outside in (date(2026, 1, 1), date(2027, 1, 1)):
        with pytest.raises(MoveOutside):
            services.move_company(lease=lease, space=SpaceFactory(), first_day=outside, actor=None, now=NOW)
    signed = LeaseFactory(state=LeaseState.SIGNED)
    with pytest.raises(WrongState):
        services.move_company(
            lease=signed, space=SpaceFactory(), first_day=date(2026, 12, 1), actor=None, now=NOW
        )


def test_the_daily_run_may_be_late_and_may_run_twice():
    begins = LeaseFactory(state=LeaseState.SIGNED, period=days(date(2026, 11, 22), date(2027, 11, 21)))
    tomorrow = LeaseFactory(state=LeaseState.SIGNED, period=days(date(2026, 11, 23), date(2027, 11, 22)))
    over = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 11, 21)))
    last_day = LeaseFactory(period=days(date(2026, 1, 1), date(2026, 11, 22)))
    slept = LeaseFactory(state=LeaseState.SIGNED, period=days(date(2026, 11, 1), date(2026, 11, 10)))
    offered = LeaseFactory(state=LeaseState.OFFERED, period=days(date(2026, 1, 1), date(2026, 2, 1)))
    assert services.advance_leases(actor=None, now=NOW) == services.states.Advanced(activated=2, ended=2)
    assert services.advance_leases(actor=None, now=NOW) == services.states.Advanced(activated=0, ended=0)
    found = dict(Lease.objects.values_list("pk", "state"))
    assert [found[lease.pk] for lease in (begins, tomorrow, over, last_day, slept, offered)] == [
        "active",
        "signed",
        "ended",
        "active",
        "ended",
        "offered",
    ]
    assert [step[:2] for step in steps(slept)] == [("signed", "active"), ("active", "ended")]
