"""Asking to stay longer, to the day."""

from datetime import date

import pytest

from incubator.common.errors import Invalid, NotAllowed
from incubator.common.periods import days
from tenants.leases import services
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.errors import (
    AskedTooLate,
    ExtensionDecided,
    ExtensionOpen,
    ExtensionTooLong,
    NotLater,
    NotRunning,
    ReasonMissing,
    SpacePromised,
)
from tenants.leases.models import ExtensionRequest, LeaseTransition
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory, moment, set_rules

pytestmark = pytest.mark.django_db

NOW = moment(2026, 11, 22)


def ask(lease, until=date(2027, 7, 3), now=NOW, reason="후속 투자를 마칠 때까지", actor=None):
    return services.request_extension(lease=lease, until=until, reason=reason, actor=actor, now=now)


def test_a_founder_asks_for_the_own_company():
    lease = LeaseFactory()
    founder = founder_of(lease.company)
    request = ask(lease, actor=founder, reason="  후속 투자를 마칠 때까지 ")
    assert (request.state, request.asked_by, request.asked_at) == (ExtensionState.OPEN, founder, NOW)
    assert request.reason == "후속 투자를 마칠 때까지"
    for stranger in (founder_of(CompanyFactory()), acting_staff("consulting"), acting_staff("auditor")):
        with pytest.raises(NotAllowed):
            ask(LeaseFactory(), actor=stranger)


def test_one_month_before_the_end_is_the_last_day_to_ask():
    in_time, late = LeaseFactory(), LeaseFactory()  # until 2027-01-03
    ask(in_time, now=moment(2026, 12, 3, 23))
    with pytest.raises(AskedTooLate) as caught:
        ask(late, now=moment(2026, 12, 4, 0))
    assert caught.value.params == {"deadline": "2026. 12. 3. (목)"}


def test_the_whole_term_stays_within_the_policy():
    set_rules(term_months=18)
    with pytest.raises(ExtensionTooLong) as caught:
        ask(LeaseFactory(), until=date(2027, 7, 4))  # from 2026-01-04
    assert caught.value.field == "until"
    assert caught.value.params == {
        "months": 18,
        "first": "2026. 1. 4. (일)",
        "latest": "2027. 7. 3. (토)",
        "source": "운영규정 제12조",
    }
    assert ask(LeaseFactory(), until=date(2027, 7, 3)).until == date(2027, 7, 3)


def test_what_else_a_request_is_refused_for():
    lease = LeaseFactory()
    with pytest.raises(NotLater):
        ask(lease, until=date(2027, 1, 3))
    with pytest.raises(ReasonMissing):
        ask(lease, reason=" \n")
    with pytest.raises(Invalid) as caught:
        ask(lease, reason="가" * 1001)
    assert caught.value.field == "reason"
    for state in (LeaseState.DRAFT, LeaseState.OFFERED, LeaseState.ENDED, LeaseState.TERMINATED):
        with pytest.raises(NotRunning):
            ask(LeaseFactory(state=state))
    ask(lease)
    with pytest.raises(ExtensionOpen):
        ask(lease)
    assert ExtensionRequest.objects.count() == 1


def test_an_approved_request_lengthens_the_lease_and_leaves_a_step():
    manager, request = acting_staff("leases"), ExtensionRequestFactory()
    lease = services.approve_extension(request=request, reason="심사 통과", actor=manager, now=NOW)
    assert (lease.period, lease.state) == (days(date(2026, 1, 4), date(2027, 7, 3)), LeaseState.ACTIVE)
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decided_at) == (ExtensionState.APPROVED, manager, NOW)
    step = LeaseTransition.objects.get(lease=lease)
    assert (step.from_state, step.to_state, step.last_day, step.reason) == (
        "active",
        "active",
        date(2027, 7, 3),
        "심사 통과",
    )


def test_a_space_that_is_promised_cannot_be_kept():
    request = ExtensionRequestFactory()
    LeaseFactory(
        space=request.lease.space,
        state=LeaseState.OFFERED,
        period=days(date(2027, 7, 3), date(2028, 7, 2)),
    )
    with pytest.raises(SpacePromised) as caught:
        services.approve_extension(request=request, actor=None, now=NOW)
    assert caught.value.params == {"first": "2027. 7. 3. (토)", "last": "2028. 7. 2. (일)"}
    request.refresh_from_db()
    request.lease.refresh_from_db()
    assert (request.state, request.lease.last_day) == (ExtensionState.OPEN, date(2027, 1, 3))
    assert LeaseTransition.objects.count() == 0


def test_a_refusal_says_why():
    request = ExtensionRequestFactory()
    with pytest.raises(ReasonMissing):
        services.refuse_extension(request=request, reason="", actor=None, now=NOW)
    request = services.refuse_extension(request=request, reason="대기 기업이 있습니다.", actor=None, now=NOW)
    assert (request.state, request.decision_reason) == (ExtensionState.REFUSED, "대기 기업이 있습니다.")
    ask(request.lease)


def test_a_founder_takes_a_request_back():
    request = ExtensionRequestFactory()
    founder = founder_of(request.lease.company)
    with pytest.raises(NotAllowed):
        services.withdraw_extension(request=request, actor=founder_of(CompanyFactory()), now=NOW)
    request = services.withdraw_extension(request=request, actor=founder, now=NOW)
    assert (request.state, request.decided_by) == (ExtensionState.WITHDRAWN, founder)


@pytest.mark.parametrize("state", [ExtensionState.APPROVED, ExtensionState.REFUSED, ExtensionState.WITHDRAWN])
def test_what_is_decided_stays_decided(state):
    request = ExtensionRequestFactory(state=state, decided_at=NOW)
    with pytest.raises(ExtensionDecided):
        services.approve_extension(request=request, actor=None, now=NOW)
    with pytest.raises(ExtensionDecided):
        services.refuse_extension(request=request, reason="늦음", actor=None, now=NOW)
    with pytest.raises(ExtensionDecided):
        services.withdraw_extension(request=request, actor=None, now=NOW)


def test_only_managers_of_leases_decide():
    request = ExtensionRequestFactory()
    for stranger in (founder_of(request.lease.company), acting_staff("consulting"), acting_staff("auditor")):
        with pytest.raises(NotAllowed):
            services.approve_extension(request=request, actor=stranger, now=NOW)
        with pytest.raises(NotAllowed):
            services.refuse_extension(request=request, reason="아니오", actor=stranger, now=NOW)
    services.approve_extension(request=request, actor=acting_staff(), now=NOW)


def test_a_lease_that_ended_meanwhile_is_not_extended():
    request = ExtensionRequestFactory(lease__state=LeaseState.ENDED)
    with pytest.raises(NotRunning):
        services.approve_extension(request=request, actor=None, now=NOW)
