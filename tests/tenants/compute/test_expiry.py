"""The end of a grant: nothing is lost in silence, nothing twice, and late usage is still paid."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import ProgrammingError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.common.errors import NotAllowed
from tenants.compute import services
from tenants.compute.checking import check_ledger
from tenants.compute.models import Allocation, CreditAccount, LotWarning, Transfer
from tests.factories.accounts import UserFactory
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.compute import grant, import_rows, sacct_row
from tests.factories.requests import at, hold, release, send_mails, two_years

pytestmark = pytest.mark.django_db

# The first day after the grant, and the days that follow from the first rules: 30, 7 and 14 days.
END = date(2027, 1, 1)
EARLY, LATE, SETTLED = END - timedelta(days=30), END - timedelta(days=7), END + timedelta(days=14)
DAY = timedelta(days=1)


@pytest.fixture
def company():
    found = CompanyFactory(cluster_account="gj901", email="office@c.example")
    MembershipFactory(company=found, user=UserFactory(email="ko@c.example", language="ko"))
    MembershipFactory(company=found, user=UserFactory(email="en@c.example", language="en"))
    return found


@pytest.fixture
def lot(company):
    return make_lot(company)


def make_lot(company, amount=100_000, granted=date(2026, 1, 1), **values):
    period = DateRange(date(2026, 1, 1), END)
    return grant(company, amount, two_years(), **{"period": period, "now": at(granted), **values})


def warn(day, *, deliver=True):
    made = services.warn_of_ends(now=at(day))
    if deliver:
        send_mails(at(day))
    return made


def expire(day):
    return [transfer.amount_gflop for transfer in services.expire_lots(actor=None, now=at(day))]


def warnings():
    return list(LotWarning.objects.order_by("pk").values_list("kind", flat=True))


def state_of(lot):
    lot = Allocation.objects.select_related("account").get(pk=lot.pk)
    return lot.state, lot.account.balance_gflop


def test_the_whole_end_of_a_grant(lot):
    assert warn(EARLY - DAY) == 0
    assert warn(EARLY) == 1
    assert sorted(to for message in mail.outbox for to in message.to) == ["en@c.example", "ko@c.example"]
    [english] = [message for message in mail.outbox if message.to == ["en@c.example"]]
    [korean] = [message for message in mail.outbox if message.to == ["ko@c.example"]]
    assert "Its last day is 31 Dec 2026" in english.body
    assert "2026. 12. 31. (목)" in korean.body
    assert (warn(EARLY), warn(EARLY + DAY), warn(LATE - DAY)) == (0, 0, 0)
    assert mail.outbox == []
    assert (warn(LATE), warn(LATE), warn(END)) == (1, 0, 0)
    assert warnings() == ["early", "late"]
    assert expire(SETTLED - DAY) == []
    assert state_of(lot) == ("active", 100_000)
    assert expire(SETTLED) == [100_000]
    assert state_of(lot) == ("closed", 0)
    transfer = Transfer.objects.get(kind="expiry")
    assert (transfer.idempotency_key, transfer.credit) == (f"expiry:{lot.pk}", lot.pool.account)
    lot.refresh_from_db()
    assert (lot.taken_back_gflop, lot.net_gflop) == (100_000, 0)
    assert (expire(SETTLED), expire(SETTLED + 300 * DAY)) == ([], [])
    assert check_ledger().broken == {}


def test_usage_that_arrives_late_is_still_paid(lot):
    warn(EARLY)
    warn(LATE)
    last_evening = int(at(END - DAY, 20).timestamp())
    import_rows(sacct_row(1, "gj901", submit=last_evening), now=at(SETTLED - DAY))
    assert expire(SETTLED) == [92_000]
    assert not CreditAccount.objects.filter(kind="debt").exists()
    # What a correction gives back afterwards returns as well, once.
    import_rows(sacct_row(1, "gj901", submit=last_evening, seconds=50), now=at(SETTLED + DAY))
    back = Allocation.objects.get(pk=lot.pk).account.balance_gflop
    assert back > 0
    assert expire(SETTLED + 2 * DAY) == [back]
    assert expire(SETTLED + 2 * DAY) == []
    assert check_ledger().broken == {}


def test_without_warnings_nothing_expires(lot):
    for days in range(0, 400, 50):
        assert expire(SETTLED + days * DAY) == []
    assert state_of(lot) == ("active", 100_000)


def test_a_warning_that_was_not_sent_does_not_count(lot):
    warn(EARLY)
    warn(LATE, deliver=False)
    assert expire(SETTLED + 30 * DAY) == []
    send_mails(at(SETTLED + 30 * DAY))
    assert expire(SETTLED + 36 * DAY) == []
    assert expire(SETTLED + 37 * DAY) == [100_000]


def test_after_an_outage_expiry_waits_for_both_warnings(lot):
    assert warn(SETTLED + DAY) == 1
    assert (warn(SETTLED + DAY), expire(SETTLED + DAY)) == (1, [])
    assert warnings() == ["early", "late"]
    assert expire(SETTLED + 7 * DAY) == []
    assert expire(SETTLED + 8 * DAY) == [100_000]


def test_a_week_without_the_job_changes_nothing_else(lot):
    assert warn(EARLY + 5 * DAY) == 1
    assert warn(LATE + 6 * DAY) == 1
    assert expire(SETTLED) == [100_000]


def test_a_grant_made_late_has_one_warning_seven_days_before(company):
    lot = make_lot(company, granted=END - 10 * DAY)
    assert warn(END - 9 * DAY) == 0
    assert warn(LATE) == 1
    assert expire(SETTLED) == [100_000]
    last_minute = make_lot(company, granted=END - DAY)
    assert warn(END - DAY) == 1
    assert warnings() == ["late", "late"]
    assert state_of(last_minute)[0] == "active"
    assert state_of(lot)[0] == "closed"


def test_an_extension_is_warned_of_anew(lot):
    warn(EARLY)
    warn(LATE)
    new_end = date(2027, 3, 1)
    services.extend_lot(allocation=lot, last_day=new_end - DAY, reason="연장", actor=None, now=at(LATE + DAY))
    assert (warn(END), expire(SETTLED)) == (0, [])
    assert warn(new_end - 30 * DAY) == 1
    assert warn(new_end - 7 * DAY) == 1
    assert expire(new_end + 14 * DAY) == [100_000]
    assert warnings() == ["early", "late"] * 2


def test_what_was_used_up_is_closed_without_a_word(company):
    lot = make_lot(company, 8_000)
    import_rows(sacct_row(1, "gj901"))
    assert warn(LATE) == 0
    assert expire(SETTLED) == []
    assert state_of(lot) == ("closed", 0)
    assert not LotWarning.objects.exists()


def test_a_company_without_members_is_told_at_its_own_address():
    lot = make_lot(CompanyFactory(email="office@d.example"))
    services.warn_of_ends(now=at(EARLY))
    assert send_mails(at(EARLY)) == ["office@d.example"]
    assert LotWarning.objects.get(lot=lot).sent_at == at(EARLY)


def test_a_member_who_left_is_not_written_to(company, lot):
    services.warn_of_ends(now=at(EARLY))
    company.memberships.filter(user__email="en@c.example").delete()
    assert send_mails(at(EARLY)) == ["ko@c.example"]


def test_what_is_held_returns_when_it_is_released(lot):
    warn(EARLY)
    warn(LATE)
    held = hold(lot, 60_000)
    assert expire(SETTLED) == [40_000]
    assert (state_of(lot), expire(SETTLED)) == (("active", 60_000), [])
    release(held)
    assert expire(SETTLED + DAY) == [60_000]
    assert state_of(lot) == ("closed", 0)
    keys = Transfer.objects.filter(kind="expiry").order_by("pk").values_list("idempotency_key", flat=True)
    assert list(keys) == [f"expiry:{lot.pk}", f"expiry:{lot.pk}:2"]
    assert check_ledger().broken == {}


def test_many_lots_expire_at_once_and_people_do_not_do_it(company):
    lots = [make_lot(company, amount) for amount in (1, 2, 3)]
    warn(EARLY)
    warn(LATE)
    with pytest.raises(NotAllowed), transaction.atomic():
        services.expire_lots(actor=founder_of(company), now=at(SETTLED))
    assert sorted(expire(SETTLED)) == [1, 2, 3]
    assert {state_of(lot) for lot in lots} == {("closed", 0)}


def test_a_warning_is_kept(lot):
    warn(EARLY)
    for change in ({"sent_at": None}, {"left_gflop": 1}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            LotWarning.objects.update(**change)
