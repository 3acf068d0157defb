"""Reminders: to the right people, in their language, one digest a day, each stage once; whenever and however often it runs."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import ProgrammingError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incubator.accounts.enums import StaffGroup
from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from incubator.mailing.models import Mail
from tenants.deadlines import services
from tenants.deadlines.errors import StaysOn
from tenants.deadlines.models import DutyKind, Reminder, ReminderOff
from tenants.deadlines.planning import STAGES
from tenants.deadlines.tasks import remind as remind_task
from tenants.leases.models import Lease
from tests.factories.accounts import acting_staff, staff_member
from tests.factories.companies import founder_of
from tests.factories.deadlines import DutyFactory, at, lease_until, resident
from tests.factories.leases import ExtensionRequestFactory

pytestmark = pytest.mark.django_db
END = date(2027, 6, 30)
ASK = date(2027, 5, 30)


@pytest.fixture(autouse=True)
def _without_duties(db):
    """These tests are about the lease; its two days are enough."""
    DutyKind.objects.update(active=False)


def tenant(last=END, **values):
    company = resident(**values)
    company.lease = lease_until(company, last)
    return company


def ahead(days_left, day=END):
    return day - timedelta(days=days_left)


def run(day, **clock):
    return services.remind(actor=None, now=at(day, **clock))


def noted(**values):
    rows = Reminder.objects.filter(**values).order_by("due_on", "-stage", "recipient_id")
    return [(row.kind, row.stage, "superseded" if row.superseded else "sent") for row in rows]


def of_lease(**values):
    return [(stage, state) for kind, stage, state in noted(kind="lease_end", **values)]


def digests():
    return list(Mail.objects.order_by("made_at", "pk").values_list("user__email", "made_at__date"))


class TestStages:
    def test_each_stage_once_on_its_day(self):
        company = tenant()
        founder_of(company)
        for left in range(95, -3, -1):
            run(ahead(left))
        assert of_lease() == [(90, "sent"), (60, "sent"), (30, "sent"), (7, "sent")]
        planned = Reminder.objects.filter(kind="lease_end").order_by("planned_on")
        assert [row.planned_on for row in planned] == [ahead(stage) for stage in STAGES]

    def test_nothing_before_the_first_stage(self):
        founder_of(tenant())
        run(ahead(91, ASK))
        assert noted() == digests() == []

    def test_run_twice_it_tells_nobody_twice(self):
        founder_of(tenant())
        assert (run(ahead(60)).digests, run(ahead(60)).digests) == (1, 0)
        assert (run(ahead(60), hour=9).digests, run(ahead(60), hour=23).digests) == (0, 0)
        assert len(digests()) == 1

    def test_late_by_hours_and_over_midnight(self):
        founder_of(tenant())
        run(ahead(60), hour=23, minute=59)
        run(ahead(59), hour=0, minute=1)
        assert of_lease() == [(90, "superseded"), (60, "sent")]

    def test_after_a_weeks_outage_the_nearest_goes_out(self):
        founder_of(tenant())
        run(ahead(31))
        assert of_lease() == [(90, "superseded"), (60, "sent")]
        run(ahead(24))
        assert of_lease() == [(90, "superseded"), (60, "sent"), (30, "sent")]

    def test_after_40_days_only_the_nearest_and_the_others_are_noted(self):
        founder_of(tenant())
        run(ahead(90))
        run(ahead(5))
        assert of_lease() == [(90, "sent"), (60, "superseded"), (30, "superseded"), (7, "sent")]
        run(ahead(3))
        assert len(of_lease()) == 4

    def test_an_outage_over_the_day_itself_still_tells_what_is_open(self):
        """A duty that has run out is open until it is done: its last reminder comes late, but comes."""
        company = resident()
        founder_of(company)
        kind = DutyKind.objects.create(code="x", name="보험", name_en="Insurance")
        DutyFactory(company=company, kind=kind, valid_until=END)
        run(ahead(31))
        run(END + timedelta(days=9))
        stages = [(stage, state) for name, stage, state in noted(kind="duty", due_on=END)]
        assert stages == [(90, "superseded"), (60, "sent"), (30, "superseded"), (7, "sent")]

    def test_a_calendar_that_is_set_back_repeats_nothing(self):
        founder_of(tenant())
        run(ahead(30))
        for left in (45, 61, 95, 30):
            run(ahead(left))
        assert of_lease() == [(90, "superseded"), (60, "superseded"), (30, "sent")]
        run(ahead(7))
        assert of_lease()[-1] == (7, "sent")

    def test_a_day_that_moves_starts_anew_and_the_old_one_is_silent(self):
        company = tenant()
        founder_of(company)
        run(ahead(30))
        later = END + timedelta(days=70)
        Lease.objects.filter(pk=company.lease.pk).update(period=days(date(2026, 1, 4), later))
        run(ahead(7))
        assert of_lease(due_on=END) == [(90, "superseded"), (60, "superseded"), (30, "sent")]
        assert of_lease(due_on=later) == [(90, "sent")]
        run(ahead(30, later))
        assert of_lease(due_on=later) == [(90, "sent"), (60, "superseded"), (30, "sent")]

    def test_who_comes_later_is_told_the_nearest_only(self):
        company = tenant()
        founder_of(company)
        run(ahead(60))
        newcomer = founder_of(company, level="member")
        run(ahead(50))
        assert of_lease(recipient=newcomer) == [(90, "superseded"), (60, "sent")]


class TestPeople:
    def test_one_digest_a_person_and_day_of_all_their_companies(self):
        one, two = tenant(), tenant()
        person = founder_of(one)
        founder_of(two, level="member")
        two.memberships.create(user=person, level="owner")
        run(ahead(60))
        assert Mail.objects.filter(user=person).count() == 1
        assert (
            Reminder.objects.filter(recipient=person, superseded=False)
            .values_list("digest_id", flat=True)
            .distinct()
            .count()
            == 1
        )
        body = Mail.objects.get(user=person).body
        assert one.name in body
        assert two.name in body

    def test_extensions_are_the_owners_ends_of_leases_everyones(self):
        company = tenant()
        owner, member = founder_of(company), founder_of(company, level="member")
        founder_of(company, is_active=False)
        run(ahead(60))
        assert {row.recipient_id for row in Reminder.objects.filter(kind="lease_end")} == {
            owner.pk,
            member.pk,
        }
        assert {row.recipient_id for row in Reminder.objects.filter(kind="extension")} == {owner.pk}

    def test_a_company_without_people_is_told_at_its_own_address(self):
        company = tenant()
        run(ahead(60))
        run(ahead(60))
        letter = Mail.objects.get()
        assert (letter.user, letter.address) == (None, company.email)
        assert company.name in letter.body

    def test_what_the_camp_decides_reminds_the_managers_of_leases(self):
        company = tenant()
        founder_of(company)
        ExtensionRequestFactory(lease=company.lease, until=END + timedelta(days=90))
        manager, director = staff_member(StaffGroup.LEASES), staff_member()
        run(ahead(60))
        assert {row.recipient_id for row in Reminder.objects.filter(kind="decision")} == {manager.pk}
        assert not Reminder.objects.filter(recipient=director).exists()
        assert Reminder.objects.get(kind="decision", superseded=False).to_camp

    def test_without_managers_of_leases_the_director_is_told(self):
        company = tenant()
        ExtensionRequestFactory(lease=company.lease, until=END + timedelta(days=90))
        director = staff_member()
        run(ahead(60))
        assert {row.recipient_id for row in Reminder.objects.filter(kind="decision")} == {director.pk}

    def test_each_in_the_own_language(self):
        company = tenant()
        founder_of(company, email="ko@test.example", language="ko")
        founder_of(company, email="en@test.example", language="en")
        run(ahead(7))
        korean, english = (
            Mail.objects.get(address="ko@test.example"),
            Mail.objects.get(address="en@test.example"),
        )
        assert "D-7: End of the lease" in english.subject
        assert "30 Jun 2027" in english.body
        assert "2027. 6. 30. (수)" in korean.body
        assert "End of the lease" not in korean.body

    def test_credits_warn_of_their_end_themselves(self):
        from incubator.common.display import GFLOP_PER_PFH
        from tests.factories.compute import grant

        company = resident()
        founder_of(company)
        grant(company, GFLOP_PER_PFH)
        run(date(2026, 12, 20))
        assert noted(kind="credits") == []


class TestSwitches:
    def company(self):
        company = resident(founded_on=date(2020, 6, 30))
        lease_until(company, END)
        return company

    def test_what_is_harmless_can_be_switched_off_and_on(self):
        company = self.company()
        founder = founder_of(company)
        services.switch_off(kind="age_limit", actor=founder)
        services.switch_off(kind="age_limit", actor=founder)
        run(ahead(60))
        assert noted(kind="age_limit", recipient=founder) == []
        assert of_lease(recipient=founder) == [(90, "superseded"), (60, "sent")]
        services.switch_on(kind="age_limit", actor=founder)
        run(ahead(59))
        assert noted(kind="age_limit", recipient=founder) == [
            ("age_limit", 90, "superseded"),
            ("age_limit", 60, "sent"),
        ]

    @pytest.mark.parametrize("kind", ["lease_end", "extension", "decision", "credits", "nonsense"])
    def test_the_lease_always_reminds(self, kind):
        founder = founder_of(self.company())
        with pytest.raises(StaysOn):
            services.switch_off(kind=kind, actor=founder)
        assert not ReminderOff.objects.exists()

    def test_a_duty_only_where_its_kind_says_so(self):
        founder = founder_of(self.company())
        law, extra = (DutyKind.objects.create(code=c, name=c, name_en=c) for c in ("law", "extra"))
        DutyKind.objects.filter(pk=extra.pk).update(may_be_off=True)
        with pytest.raises(StaysOn):
            services.switch_off(kind="duty", object_id=law.pk, actor=founder)
        services.switch_off(kind="duty", object_id=extra.pk, actor=founder)
        run(ahead(60))
        told = Reminder.objects.filter(kind="duty", recipient=founder).values_list("object_id", flat=True)
        assert set(told) == {law.pk}


class TestRows:
    def test_a_reminder_is_neither_changed_nor_deleted(self):
        founder_of(tenant())
        run(ahead(60))
        for change in (
            lambda: Reminder.objects.update(stage=7),
            lambda: Reminder.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()

    def test_only_managers_of_leases_run_it_by_hand(self):
        with pytest.raises(NotAllowed):
            services.remind(actor=acting_staff(StaffGroup.CREDITS), now=at(END))
        with pytest.raises(NotAllowed):
            services.remind(actor=founder_of(tenant()), now=at(END))
        services.remind(actor=acting_staff(StaffGroup.LEASES), now=at(END))

    def test_the_daily_task_sends_the_mails(self, django_capture_on_commit_callbacks, monkeypatch):
        founder = founder_of(tenant())
        monkeypatch.setattr("django.utils.timezone.now", lambda: at(ahead(60)))
        for _twice in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                remind_task()
        assert [each.to for each in mail.outbox] == [[founder.email]]
        assert Mail.objects.get().sent_at == at(ahead(60))


# --- whatever the days on which it runs, and whenever the lease is extended in between

FIRST = ahead(120)
EXTENDED = END + timedelta(days=100)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(0, 230)),
        st.tuples(st.just("back"), st.integers(1, 20)),
        st.just(("twice", 0)),
        st.just(("extend", 0)),
    ),
    max_size=14,
)


class Model:
    """What has to be sent, told without any of the code under test."""

    def __init__(self):
        self.due, self.sent = END, []

    def run(self, day):
        left = (self.due - day).days
        passed = [stage for stage in (7, 30, 60, 90) if left <= stage]
        if passed and not any(due == self.due and stage <= passed[0] for due, stage in self.sent):
            self.sent.append((self.due, passed[0]))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_any_sequence_of_runs_sends_what_the_model_sends(steps):
    with transaction.atomic():
        company = resident(name="가나다", slug="model", business_number="1238000009")
        founder_of(company, email="model@test.example")
        lease = lease_until(company, END)
        model, day, told_on = Model(), FIRST, set()
        for step, amount in steps:
            if step == "extend":
                model.due = EXTENDED
                Lease.objects.filter(pk=lease.pk).update(period=days(date(2026, 1, 4), EXTENDED))
                continue
            if step == "run":
                day = max(day, FIRST + timedelta(days=amount))
            elif step == "back":
                day -= timedelta(days=amount)
            before = len(model.sent)
            if day not in told_on:
                model.run(day)
            run(day)
            if Mail.objects.filter(key__endswith=f"/{day}").exists():
                told_on.add(day)
            assert len(model.sent) - before <= 1
        rows = Reminder.objects.filter(kind="lease_end", superseded=False).order_by("pk")
        assert list(rows.values_list("due_on", "stage")) == model.sent
        every = Reminder.objects.filter(kind="lease_end").values_list("due_on", "stage")
        assert len(every) == len(set(every))
        assert Mail.objects.values("user", "key").distinct().count() == Mail.objects.count()
        transaction.set_rollback(True)
