"""Timetables: computed from a snapshot, checked before they are published, never changed afterwards, repaired."""

from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import IntegrityError, connection, transaction

from incubator.common.errors import DomainError, NotAllowed
from incubator.common.fingerprints import fingerprint
from incubator.jobs import services as jobs
from incubator.jobs import work as works
from incubator.jobs.enums import JobState
from incubator.jobs.models import Job
from incubator.mailing.models import Mail
from incubator.optimise.timetable_check import check_timetable
from tenants.consulting.models import BusyTime, HoursException, Slot
from tenants.consulting.services import open_slots, remove_exception
from tenants.mentordays import services, snapshot
from tenants.mentordays.enums import Side
from tenants.mentordays.errors import CheckFailed, InputChanged, RankingOpen
from tenants.mentordays.models import Arrangement, InvitedAdviser, InvitedCompany, Meeting, Wish
from tenants.mentordays.services import computing
from tests.factories.companies import CompanyFactory
from tests.factories.consulting import NOW, AdviserFactory, BookingFactory, SlotFactory, lasting
from tests.factories.mentordays import (
    BEGINS,
    CLOSED,
    UNTIL,
    day_of_wishes,
    drawn_up,
    founder_of,
    invite,
    manager,
    plan,
    published,
    wish,
)

pytestmark = pytest.mark.django_db


def refused(act, code):
    with pytest.raises(DomainError) as refusal:
        act()
    assert refusal.value.code == code
    assert str(refusal.value)
    return str(refusal.value)


class TestComputing:
    def test_everybody_who_can_meets_and_nobody_is_in_two_places(self):
        day = day_of_wishes(companies=4, advisers=3)
        drawn = drawn_up(day)
        assert (drawn.met, drawn.wished, drawn.gap, drawn.spread, drawn.number) == (12, 12, 0, 0, 1)
        assert check_timetable(snapshot.day_of(drawn.input), services.timetable_in(drawn)) == []
        day.refresh_from_db()
        assert day.state == "arranged"

    def test_the_snapshot_in_any_order_gives_the_same_hash_again(self):
        drawn = drawn_up(day_of_wishes(companies=7, advisers=4))
        mixed = dict(drawn.input)
        for name in ("companies", "advisers", "tables", "wishes"):
            mixed[name] = Random(7).sample(mixed[name], len(mixed[name]))
        again = computing.solve(mixed)
        assert fingerprint(snapshot.result_of(again)) == drawn.result_hash
        assert fingerprint(snapshot.snapshot_of(snapshot.day_of(mixed))) == drawn.input_hash

    def test_who_is_booked_closed_or_busy_elsewhere_is_not_there(self):
        day = day_of_wishes(companies=6, advisers=3)
        first, second, third = [
            each.adviser for each in InvitedAdviser.objects.filter(day=day).order_by("pk")
        ]
        BookingFactory(slot=SlotFactory(adviser=first, starts=BEGINS))
        BusyTime.objects.create(adviser=second, period=lasting(BEGINS + timedelta(minutes=20), 20))
        HoursException.objects.create(
            adviser=third, kind="closed", period=lasting(BEGINS + timedelta(minutes=50), 10)
        )
        drawn = drawn_up(day)
        absent = {pk: slots for pk, _maximum, slots in drawn.input["advisers"]}
        # The session of sixty minutes takes three slots.
        assert absent == {first.pk: [1, 2, 3], second.pk: [2], third.pk: [3]}
        assert not drawn.meetings.filter(adviser=first, slot__number__lte=3).exists()

    def test_a_veto_of_either_side_keeps_two_apart(self):
        day = day_of_wishes(companies=2, advisers=2)
        company = InvitedCompany.objects.filter(day=day).first().company
        adviser = InvitedAdviser.objects.filter(day=day).first().adviser
        services.save_wishes(
            day=day,
            side=Side.ADVISER,
            party_id=adviser.pk,
            ranks={},
            vetoes=[company.pk],
            actor=None,
            now=NOW,
        )
        drawn = drawn_up(day)
        assert not drawn.meetings.filter(company=company, adviser=adviser).exists()
        assert drawn.met == drawn.wished == 3

    def test_what_is_locked_stays_when_it_is_computed_anew(self):
        day = day_of_wishes(companies=5, advisers=3)
        first = drawn_up(day)
        kept = first.meetings.order_by("-slot__number").first()
        services.set_lock(meeting=kept, locked=True, actor=None, now=CLOSED)
        again = drawn_up(day)
        moved = again.meetings.get(company=kept.company_id, adviser=kept.adviser_id)
        assert (moved.slot_id, moved.locked, again.number) == (kept.slot_id, True, 2)

    def test_wishes_unmet_are_told_with_their_reason(self):
        day = day_of_wishes(companies=5, advisers=1, slot_count=3, breaks=[])
        drawn = drawn_up(day)
        assert drawn.met == 3
        assert {each.why for each in drawn.unmet.all()} <= {"outbid", "share_of_another"}
        assert drawn.unmet.count() == 2


class TestRefusals:
    def test_nonsense_is_refused_in_words_that_name_somebody(self):
        day = plan()
        refused(lambda: services.collect_wishes(day=day, until=UNTIL, actor=None, now=NOW), "nobody_invited")
        company, adviser = CompanyFactory(name="홀로기업"), AdviserFactory(name="홀로위원")
        invite(day, [company], [adviser], tables=1)
        day = services.collect_wishes(day=day, until=UNTIL, actor=None, now=NOW, notify=False)
        refused(lambda: services.draw_up(day=day, actor=None, now=NOW), "ranking_open")

        def draw():
            return services.draw_up(day=day, actor=None, now=CLOSED)

        refused(draw, "no_wishes")
        wish(day, company, adviser)
        guest, invited = InvitedCompany.objects.get(day=day), InvitedAdviser.objects.get(day=day)

        def away(slots):
            services.change_company(invited=guest, maximum=None, absent=slots, actor=None, now=CLOSED)

        away(range(1, 7))
        assert "홀로기업" in refused(draw, "company_away_all_day")
        away([])
        services.change_adviser(invited=invited, maximum=0, absent=[], actor=None, now=CLOSED)
        assert "홀로위원" in refused(draw, "adviser_takes_nobody")
        services.change_adviser(invited=invited, maximum=None, absent=range(1, 7), actor=None, now=CLOSED)
        assert "홀로위원" in refused(draw, "adviser_away_all_day")
        away([4, 5, 6])
        services.change_adviser(invited=invited, maximum=None, absent=[1, 2, 3], actor=None, now=CLOSED)
        refused(draw, "no_common_slot")

    def test_more_locks_than_places_and_locks_that_cannot_be(self):
        day = day_of_wishes(companies=3, advisers=2)
        drawn = drawn_up(day)
        guest = InvitedCompany.objects.filter(day=day).order_by("pk").first()
        for meeting in drawn.meetings.filter(company=guest.company_id):
            services.set_lock(meeting=meeting, locked=True, actor=None, now=CLOSED)
        services.change_company(invited=guest, maximum=1, absent=[], actor=None, now=CLOSED)
        assert guest.company.name in refused(lambda: drawn_up(day), "too_many_locks")
        slot = drawn.meetings.filter(company=guest.company_id).first().slot.number
        services.change_company(invited=guest, maximum=None, absent=[slot], actor=None, now=CLOSED)
        refused(lambda: drawn_up(day), "lock_impossible")

    def test_only_the_managers_of_consulting_draw_up_and_publish(self):
        day = day_of_wishes(companies=1, advisers=1)
        drawn = drawn_up(day)
        founder = founder_of(InvitedCompany.objects.get(day=day).company)
        for act in (
            lambda: services.draw_up(day=day, actor=founder, now=CLOSED),
            lambda: services.publish(arrangement=drawn, actor=founder, now=CLOSED),
            lambda: services.ask_for_timetable(day=day, actor=founder, now=CLOSED),
            lambda: services.call_off(day=day, reason="…", actor=founder, now=CLOSED),
        ):
            with pytest.raises(NotAllowed):
                act()


class TestRanking:
    def test_gaps_are_closed_and_what_was_said_before_is_replaced(self):
        day = plan()
        company, advisers = CompanyFactory(), AdviserFactory.create_batch(3)
        invite(day, [company], advisers)
        day = services.collect_wishes(day=day, until=UNTIL, actor=None, now=NOW, notify=False)
        founder = founder_of(company)

        def say(ranks, vetoes=(), now=NOW, actor=founder):
            services.save_wishes(
                day=day,
                side=Side.COMPANY,
                party_id=company.pk,
                ranks={advisers[at].pk: rank for at, rank in ranks.items()},
                vetoes=[advisers[at].pk for at in vetoes],
                actor=actor,
                now=now,
            )

        say({0: 5, 1: 2})
        say({2: 1, 0: 7}, vetoes=[1])
        said = {(each.adviser_id, each.rank, each.veto) for each in Wish.objects.filter(day=day)}
        assert said == {
            (advisers[2].pk, 1, False),
            (advisers[0].pk, 2, False),
            (advisers[1].pk, None, True),
        }
        refused(lambda: say({0: 1, 1: 1}), "bad_rank")
        refused(lambda: say({0: 1}, vetoes=[0]), "bad_rank")
        refused(lambda: say({0: 1}, now=CLOSED), "ranking_closed")
        refused(lambda: say({0: 1}, actor=founder_of(CompanyFactory())), "not_allowed")
        say({0: 1}, now=CLOSED, actor=manager())

    def test_strangers_cannot_be_wished_for(self):
        day = day_of_wishes(companies=1, advisers=1)
        company = InvitedCompany.objects.get(day=day).company
        refused(lambda: wish(day, company, AdviserFactory()), "not_invited")


class TestPublishing:
    def test_it_tells_everybody_once_and_holds_the_advisers_time(self):
        day = day_of_wishes(companies=2, advisers=2)
        for guest in InvitedCompany.objects.filter(day=day):
            founder_of(guest.company)
        adviser = InvitedAdviser.objects.filter(day=day).order_by("pk").first().adviser
        offered = SlotFactory(adviser=adviser, starts=BEGINS)
        arrangement = drawn_up(day)
        services.publish(arrangement=arrangement, actor=manager(), now=CLOSED)
        assert Mail.objects.filter(topic="mentor_day").count() == 4
        offered.refresh_from_db()
        assert offered.state == "withdrawn"
        for held in HoursException.objects.filter(adviser=adviser):
            refused(
                lambda held=held: remove_exception(exception=held, actor=None, now=CLOSED), "held_by_camp"
            )
        # Between the two halves of the day, too: the break belongs to it.
        refused(
            lambda: open_slots(
                adviser=adviser,
                starts=BEGINS + timedelta(minutes=60),
                ends=BEGINS + timedelta(minutes=80),
                minutes=20,
                actor=None,
                now=CLOSED,
            ),
            "held_by_camp",
        )
        services.call_off(day=day, reason="폭설", actor=None, now=CLOSED)
        assert not HoursException.objects.filter(adviser=adviser).exists()
        again = Slot.objects.get(adviser=adviser, state="open")
        assert again.period == offered.period
        assert Mail.objects.filter(topic="mentor_day").count() == 8

    def test_what_changed_since_is_not_published(self):
        day = day_of_wishes(companies=2, advisers=2)
        drawn = drawn_up(day)
        adviser = InvitedAdviser.objects.filter(day=day).first().adviser
        BookingFactory(slot=SlotFactory(adviser=adviser, starts=BEGINS))
        with pytest.raises(InputChanged):
            services.publish(arrangement=drawn, actor=None, now=CLOSED)
        assert not HoursException.objects.exists()

    def test_a_version_that_the_checker_refuses_is_not_published(self):
        """Somebody changed a draft by hand; the guard of the table is put aside to get there."""
        drawn = drawn_up(day_of_wishes(companies=4, advisers=3))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE mentordays_meeting DISABLE TRIGGER mentordays_meeting_guard")
            cursor.execute(
                "DELETE FROM mentordays_meeting WHERE id = %s", [drawn.meetings.order_by("pk").first().pk]
            )
            cursor.execute("ALTER TABLE mentordays_meeting ENABLE TRIGGER mentordays_meeting_guard")
        with pytest.raises(CheckFailed):
            services.publish(arrangement=drawn, actor=None, now=CLOSED)

    def test_nothing_of_a_published_version_can_be_changed(self):
        arrangement = published(companies=2, advisers=2)
        meeting = arrangement.meetings.first()
        for change in (
            lambda: Meeting.objects.filter(pk=meeting.pk).update(locked=True),
            lambda: Meeting.objects.filter(pk=meeting.pk).delete(),
            lambda: Arrangement.objects.filter(pk=arrangement.pk).update(objective=1),
            lambda: Arrangement.objects.filter(pk=arrangement.pk).update(state="draft", published_at=None),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()
        refused(lambda: services.publish(arrangement=arrangement, actor=None, now=CLOSED), "not_a_draft")

    def test_the_database_keeps_people_and_tables_apart(self):
        arrangement = drawn_up(day_of_wishes(companies=3, advisers=3, slot_count=5, breaks=[]))
        one = arrangement.meetings.select_related("slot").order_by("slot__number").first()
        others = arrangement.meetings.filter(slot=one.slot_id).exclude(pk=one.pk)
        free = Meeting(
            arrangement=arrangement,
            day_id=one.day_id,
            company_id=one.company_id,
            adviser=AdviserFactory(),
            slot_id=one.slot_id,
            table_id=one.table_id,
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            free.save()
        assert others.exclude(table=one.table_id).count() == others.count()


class TestRepairing:
    def confirmed(self, arrangement):
        return {
            (each.company_id, each.adviser_id): each.slot.number
            for each in arrangement.meetings.held().select_related("slot")
        }

    def test_an_adviser_who_cancels_leaves_every_other_meeting_where_it_is(self):
        day = day_of_wishes(companies=6, advisers=3)
        for guest in InvitedCompany.objects.filter(day=day):
            founder_of(guest.company)
        before = published(day)
        gone = InvitedAdviser.objects.filter(day=day).order_by("pk").first().adviser
        draft = services.prepare_repair(day=day, advisers=[gone.pk], note="독감", actor=None, now=CLOSED)
        assert (draft.parent, draft.moved, draft.dropped) == (before, 0, 6)
        # Nothing happens before it is confirmed.
        before.refresh_from_db()
        assert before.state == "published"
        services.publish(arrangement=draft, actor=None, now=CLOSED)
        kept = {pair: slot for pair, slot in self.confirmed(before).items() if pair[1] != gone.pk}
        assert self.confirmed(draft).items() >= kept.items()
        assert draft.meetings.filter(cancelled=True, adviser=gone, cancelled_note="독감").count() == 6
        # All six companies lost a meeting; of the advisers only the one who left is told.
        told = Mail.objects.filter(key__startswith=f"mentorday-changed-{draft.pk}-")
        assert told.count() == 7

    def test_who_is_late_is_moved_and_nothing_that_still_can_be_is_lost(self):
        day = day_of_wishes(companies=3, advisers=3, slot_count=6)
        before = published(day)
        late = before.meetings.filter(slot__number=1).first().company_id
        draft = services.prepare_repair(day=day, companies=[late], slots=[1, 2], actor=None, now=CLOSED)
        after = self.confirmed(draft)
        assert after.keys() == self.confirmed(before).keys()
        assert draft.dropped == 0
        assert all(slot > 2 for (company, _adviser), slot in after.items() if company == late)

    def test_slots_that_have_begun_are_not_touched(self):
        day = day_of_wishes(companies=4, advisers=3)
        before = published(day)
        gone = InvitedAdviser.objects.filter(day=day).first().adviser_id
        moment = BEGINS + timedelta(minutes=45)  # in the third slot
        draft = services.prepare_repair(day=day, advisers=[gone], actor=None, now=moment)
        past = {pair: slot for pair, slot in self.confirmed(before).items() if slot <= 3}
        assert self.confirmed(draft).items() >= past.items()
        services.publish(arrangement=draft, actor=None, now=moment)
        refused(
            lambda: services.prepare_repair(
                day=day, advisers=[gone], actor=None, now=BEGINS + timedelta(hours=3)
            ),
            "day_is_over",
        )

    def test_a_repair_of_a_version_that_was_replaced_is_not_confirmed(self):
        day = day_of_wishes(companies=3, advisers=2)
        published(day)
        people = [each.adviser_id for each in InvitedAdviser.objects.filter(day=day)]
        one, other = (
            services.prepare_repair(day=day, advisers=[pk], actor=None, now=CLOSED) for pk in people
        )
        services.publish(arrangement=one, actor=None, now=CLOSED)
        refused(lambda: services.publish(arrangement=other, actor=None, now=CLOSED), "other_published")

    def test_a_table_that_is_lost_and_a_single_meeting(self):
        day = day_of_wishes(companies=3, advisers=2)
        before = published(day)
        meeting = before.meetings.first()
        first = services.prepare_repair(day=day, meetings=[meeting], actor=None, now=CLOSED)
        assert (first.moved, first.dropped) == (0, 1)
        second = services.prepare_repair(day=day, tables=[meeting.table_id], actor=None, now=CLOSED)
        assert not second.meetings.held().filter(table=meeting.table_id).exists()
        assert second.dropped == 0
        refused(lambda: services.prepare_repair(day=day, actor=None, now=CLOSED), "nothing_dropped")


class TestJob:
    def ask(self, monkeypatch):
        monkeypatch.setattr(works, "EVERY", 0)
        day = day_of_wishes(companies=4, advisers=3)
        services.close_wishes(day=day, actor=None, now=NOW)
        day.ranking_closes_at = NOW - timedelta(days=400)
        day.save()
        return day, services.ask_for_timetable(day=day, actor=manager(), now=CLOSED)

    def test_it_writes_a_draft_that_its_page_shows(self, monkeypatch):
        day, job = self.ask(monkeypatch)
        refused(lambda: services.ask_for_timetable(day=day, actor=manager(), now=CLOSED), "job_underway")
        jobs.run_job(job_id=job.pk, clock=lambda: CLOSED)
        job = Job.objects.get(pk=job.pk)
        assert (job.state, job.done, job.total) == (JobState.DONE, 100, 100)
        assert Arrangement.objects.get(pk=job.result["arrangement"]).met == 12

    def test_stopped_half_way_it_leaves_nothing(self, monkeypatch):
        day, job = self.ask(monkeypatch)
        boss = manager()
        seen = []

        def clock() -> datetime:
            """Asked at each report: after the third, somebody stops it."""
            seen.append(Job.objects.get(pk=job.pk).done)
            if len(seen) == 4:
                jobs.stop_job(job=job, actor=boss, now=CLOSED)
            return CLOSED

        jobs.run_job(job_id=job.pk, clock=clock)
        job = Job.objects.get(pk=job.pk)
        assert job.state == JobState.STOPPED
        assert not Arrangement.objects.exists()
        assert not Meeting.objects.exists()
        day.refresh_from_db()
        assert day.state == "ranking"


def test_ranking_must_be_closed_first():
    day = day_of_wishes(companies=1, advisers=1)
    with pytest.raises(RankingOpen):
        services.draw_up(day=day, actor=None, now=NOW)


def test_a_day_is_over_when_its_last_slot_is():
    day = published(companies=1, advisers=1).day
    assert services.close_days(now=BEGINS) == 0
    assert services.close_days(now=BEGINS + timedelta(hours=5)) == 1
    day.refresh_from_db()
    assert day.state == "over"
