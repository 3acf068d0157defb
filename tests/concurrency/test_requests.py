"""Managers decide at the same moment, founders click twice, two workers run one task."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.accounts.enums import StaffGroup
from tenants.compute import services
from tenants.compute.checking import check_ledger
from tenants.compute.models import (
    Allocation,
    ClawBackNotice,
    CreditMail,
    GrantRequest,
    LotWarning,
    PlannedUse,
    Transfer,
)
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import NOW, grant
from tests.factories.requests import PFH, agree, ask, at, rules, send_mails, two_years

from .test_grants import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)

MANAGERS = 8
MUCH = 1_000 * PFH + 1


def managers(count=MANAGERS):
    return [acting_staff(StaffGroup.CREDITS) for _number in range(count)]


def deciding():
    """Half of the managers grant, each another amount, half decline."""
    pool, asked = two_years(), ask(CompanyFactory(), 100)
    return [
        (lambda who=who, amount=50 + number: agree(asked, who, amount, pool=pool))
        if number % 2
        else (lambda who=who: services.decline_request(request=asked, reason="x", actor=who, now=NOW))
        for number, who in enumerate(managers())
    ]


def test_of_many_decisions_at_once_exactly_one_is_made():
    assert all_at_once(deciding()) == {"done": 1, "request_decided": MANAGERS - 1}
    asked = GrantRequest.objects.get()
    grants = {"granted": 1, "declined": 0}[asked.state]
    assert (Allocation.objects.count(), Transfer.objects.filter(kind="grant").count()) == (grants, grants)
    assert check_ledger().broken == {}


@contextmanager
def without_the_walls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No lock on the request, a decided request may be decided again, and nobody is told (once only)."""
    with monkeypatch.context() as patch:
        patch.setattr(
            "tenants.compute.services.requests.locked_request",
            lambda request: GrantRequest.objects.get(pk=request.pk),
        )
        patch.setattr("tenants.compute.services.requests.tell_members", lambda *said, **when: None)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE compute_grantrequest DISABLE TRIGGER USER")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE compute_grantrequest ENABLE TRIGGER USER")


def test_control_without_the_lock_a_request_is_decided_twice(monkeypatch):
    # Refusals alone: among grants some meet the check that a granted request has its one grant, which is a wall of its own.
    refusals = deciding()[::2]
    with without_the_walls(monkeypatch):
        assert all_at_once(refusals)["done"] > 1


def test_two_people_at_once_are_one_first_and_one_second():
    pool, asked = two_years(), ask(CompanyFactory(), MUCH)
    who = managers(6)
    outcome = all_at_once([lambda person=person: agree(asked, person, pool=pool) for person in who])
    assert outcome == {"done": 2, "request_decided": 4}
    asked.refresh_from_db()
    assert (asked.state, asked.agreed_by_id != asked.decided_by_id) == ("granted", True)
    assert Allocation.objects.get().amount_gflop == MUCH


def test_one_person_in_two_windows_is_still_one_person():
    pool, asked, [person] = two_years(), ask(CompanyFactory(), MUCH), managers(1)
    outcome = all_at_once([lambda: agree(asked, person, pool=pool)] * 6)
    assert outcome == {"done": 1, "same_person": 5}
    assert not Allocation.objects.exists()


def test_clicks_at_once_ask_once():
    company = CompanyFactory()
    founder = founder_of(company)
    outcome = all_at_once([lambda: ask(company, 91, key="form", actor=founder)] * 8)
    assert outcome == {"done": 8}
    assert (GrantRequest.objects.count(), PlannedUse.objects.count()) == (1, 3)


def test_withdrawn_and_granted_at_once_is_one_of_them():
    pool, company = two_years(), CompanyFactory()
    founder, [manager] = founder_of(company), managers(1)
    asked = ask(company, 100, actor=founder)
    outcome = all_at_once(
        [
            lambda: services.withdraw_request(request=asked, actor=founder, now=NOW),
            lambda: agree(asked, manager, pool=pool),
        ]
    )
    assert outcome == {"done": 1, "request_decided": 1}
    assert Allocation.objects.count() == (GrantRequest.objects.get().state == "granted")


def ending(count=3):
    end = date(2027, 1, 1)
    period = DateRange(date(2026, 1, 1), end)
    lots = [
        grant(CompanyFactory(), 100, two_years(), period=period, now=at(date(2026, 1, 1)))
        for _ in range(count)
    ]
    return lots, end


def test_workers_at_once_warn_and_expire_once():
    lots, end = ending()
    for before, made in ((30, 3), (7, 6)):
        moment = at(end - timedelta(days=before))
        assert all_at_once([lambda moment=moment: services.warn_of_ends(now=moment)] * 6) == {"done": 6}
        assert LotWarning.objects.count() == made
        send_mails(moment)
    settled = at(end + timedelta(days=14))
    assert all_at_once([lambda: services.expire_lots(actor=None, now=settled)] * 6) == {"done": 6}
    assert Transfer.objects.filter(kind="expiry").count() == len(lots)
    assert set(Allocation.objects.values_list("state", "taken_back_gflop")) == {("closed", 100)}
    assert check_ledger().broken == {}


def test_a_mail_is_sent_by_one_of_many_workers():
    _lots, end = ending(1)
    moment = at(end - timedelta(days=30))
    services.warn_of_ends(now=moment)
    CreditMail.objects.update(sent_at=None)  # it went out with the commit
    [waiting] = CreditMail.objects.all()
    sent = []
    attempts = [lambda: sent.append(services.send_mail(mail_id=waiting.pk, now=moment))] * 8
    assert all_at_once(attempts) == {"done": 8}
    assert sorted(sent) == [False] * 7 + [True]


def test_workers_at_once_announce_and_take_back_once():
    rules(automatic=True)
    lot = grant(CompanyFactory(), 365_000, now=at(date(2026, 1, 1)))
    noticed, after = at(date(2026, 4, 15)), at(date(2026, 4, 30))
    assert all_at_once([lambda: services.review_lots(now=noticed)] * 6) == {"done": 6}
    assert ClawBackNotice.objects.count() == 1
    outcome = all_at_once([lambda: services.review_lots(now=after)] * 6)
    assert outcome == {"done": 6}
    lot.refresh_from_db()
    assert (lot.taken_back_gflop, Transfer.objects.filter(kind="claw_back").count()) == (45_000, 1)


def test_moves_at_once_never_move_more_than_there_is():
    company = CompanyFactory()
    source, target = grant(company, 500), grant(company, 1)
    move = {"source": source, "target": target, "amount_gflop": 100, "reason": "x", "actor": None, "now": NOW}
    back = {**move, "source": target, "target": source, "amount_gflop": 1}
    outcome = all_at_once(
        [lambda: services.move_credits(**move)] * 8 + [lambda: services.move_credits(**back)] * 4
    )
    assert outcome["not_enough_credits"] >= 3
    assert check_ledger().broken == {}
