"""On the day: repairs with the fewest moves, what the desk records, and the introductions that follow."""

from datetime import timedelta

import pytest

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import DomainError, NotAllowed
from incubator.mailing.models import Mail
from investors.demoday import services
from investors.demoday.enums import Upset
from investors.demoday.grids import board_of
from investors.demoday.models import Meeting, Verdict
from investors.demoday.services.plans import check
from investors.demoday.services.repairs import Happening
from investors.matching.models import Introduction
from tests.factories.accounts import acting_staff
from tests.factories.demoday import at, companies_of, firms_of, make_day, planner, published, rank_all
from tests.factories.firms import FirmMemberFactory
from tests.factories.matching import IntroductionFactory, MatchFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def day():
    """Three companies and three firms, all of whom meet each other in six slots."""
    found = make_day()
    rank_all(found)
    published(found)
    return found


def in_force(day):
    return day.plans.get(state="published")


def first_of(day):
    """The earliest meeting, and a time five minutes after it began."""
    meeting = in_force(day).meetings.held().order_by("slot", "table").first()
    return meeting, day.slots[meeting.slot - 1].starts + timedelta(minutes=5)


def places(plan):
    """Slot and table by pair."""
    return {(each.company_id, each.firm_id): (each.slot, each.table) for each in plan.meetings.held()}


def repaired(day, *happened, now, fill=True):
    plan = services.propose_repair(day=day, happened=happened, actor=planner(), now=now, fill=fill)
    return services.publish_plan(plan=plan, actor=planner(), now=now)


def code_of(call):
    with pytest.raises(DomainError) as caught:
        call()
    assert str(caught.value)
    return caught.value.code


class TestRepairs:
    def test_late_means_absent_until_the_slot_and_nothing_else_is_lost(self, day):
        before, firm = places(in_force(day)), firms_of(day)[0]
        plan = repaired(day, Happening("firm", firm.pk, Upset.LATE, slot=4), now=at(9))
        after = places(plan)
        assert set(after) == set(before)
        assert min(slot for (_c, pk), (slot, _t) in after.items() if pk == firm.pk) >= 4
        assert len(plan.moved) == sum(before[pair][0] != after[pair][0] for pair in after)
        assert (check(plan), plan.parent.state, in_force(day)) == ([], "replaced", plan)

    def test_what_has_begun_stays_and_the_rest_of_the_day_goes_on(self, day):
        before, company = places(in_force(day)), companies_of(day)[0]
        plan = repaired(day, Happening("company", company.pk), now=at(10, 45))  # the third slot is running
        after = places(plan)
        assert {pair: place for pair, place in before.items() if place[0] <= 3} == {
            pair: place for pair, place in after.items() if place[0] <= 3
        }
        gone = {pair for pair, (slot, _t) in before.items() if pair[0] == company.pk and slot > 3}
        assert set(before) - set(after) == gone
        cancelled = plan.meetings.filter(state="cancelled")
        assert {(each.company_id, each.firm_id) for each in cancelled} == gone
        assert {each.cancelled_why for each in cancelled} <= {"never_together"}

    def test_a_no_show_of_the_running_slot_gets_another_time(self, day):
        (first, now), others = first_of(day), places(in_force(day))
        comes = first.slot + 2
        plan = repaired(day, Happening("company", first.company_id, Upset.NO_SHOW, slot=comes), now=now)
        after = places(plan)
        missed = (first.company_id, first.firm_id)
        assert after[missed][0] >= comes
        assert {pair: place for pair, place in after.items() if place[0] <= first.slot} == {
            pair: place for pair, place in others.items() if place[0] <= first.slot and pair != missed
        }

    def test_a_meeting_that_runs_already_is_not_moved(self, day):
        first, now = first_of(day)
        services.mark_meeting(meeting=first, state="arrived", actor=planner())
        plan = repaired(day, Happening("company", first.company_id, Upset.NO_SHOW), now=now)
        kept = plan.meetings.get(company=first.company_id, firm=first.firm_id)
        assert (kept.slot, kept.state) == (first.slot, "arrived")

    def test_a_table_that_is_lost_moves_its_meetings_and_no_others(self, day):
        before = places(in_force(day))
        fewer = lambda: services.change_day(day=day, actor=planner(), table_count=0)  # noqa: E731
        assert code_of(fewer) == "table_in_use"
        plan = repaired(day, Happening("table", 1), now=at(9))
        after = places(plan)
        assert 1 not in {table for _slot, table in after.values()}
        assert set(after) == set(before)

    def test_a_cancelled_meeting_and_somebody_there_again(self, day):
        pair = next(iter(places(in_force(day))))
        plan = repaired(day, Happening("meeting", pair[0], firm=pair[1]), now=at(9))
        assert [each[:2] for each in plan.dropped] == [list(pair)]
        company = next(each for each in companies_of(day) if each.pk != pair[0])
        repaired(day, Happening("company", company.pk), now=at(9))
        assert not [each for each in places(in_force(day)) if each[0] == company.pk]
        back = repaired(day, Happening("company", company.pk, Upset.BACK), now=at(9))
        assert len([each for each in places(back) if each[0] == company.pk]) == 3
        assert pair not in places(back)

    def test_what_makes_no_repair(self, day):
        company = companies_of(day)[0]

        def asked(*happened, now=None):
            return lambda: services.propose_repair(
                day=day, happened=happened, actor=planner(), now=now or at(9)
            )

        assert code_of(asked()) == "nothing_happened"
        assert code_of(asked(Happening("company", company.pk, Upset.LATE))) == "slot_missing"
        assert code_of(asked(Happening("company", 0))) == "not_in_timetable"
        assert code_of(asked(Happening("company", company.pk), now=at(12, 30))) == "day_over"
        assert code_of(lambda: services.propose_repair(
            day=make_day(), happened=[Happening("table", 1)], actor=planner(), now=at(9)
        )) == "no_plan"  # fmt: skip

    def test_of_two_repairs_the_second_is_asked_for_again_and_so_is_one_that_came_too_late(self, day):
        one, other = companies_of(day)[:2]
        ask = lambda who: services.propose_repair(  # noqa: E731
            day=day, happened=[Happening("company", who.pk)], actor=planner(), now=at(9)
        )
        first, second = ask(one), ask(other)
        begun = day.slots[min(each[2] for each in first.dropped) - 1].starts
        assert code_of(lambda: services.publish_plan(plan=first, actor=planner(), now=begun)) == "slot_began"
        services.publish_plan(plan=first, actor=planner(), now=at(9))
        assert (
            code_of(lambda: services.publish_plan(plan=second, actor=planner(), now=at(9)))
            == "published_meanwhile"
        )

    def test_what_the_desk_notes_meanwhile_goes_along_and_only_the_touched_are_told(self, day):
        for firm in firms_of(day):
            FirmMemberFactory(firm=firm)
        meeting, now = first_of(day)
        pair = next(pair for pair, (slot, _t) in places(in_force(day)).items() if slot > 3)
        plan = services.propose_repair(
            day=day,
            happened=[Happening("meeting", pair[0], firm=pair[1])],
            actor=planner(),
            now=now,
            fill=False,
        )
        services.mark_meeting(meeting=meeting, state="over", actor=planner())
        Mail.objects.all().delete()
        services.publish_plan(plan=plan, actor=planner(), now=now)
        assert plan.meetings.get(company=meeting.company_id, firm=meeting.firm_id).state == "over"
        [mail] = Mail.objects.filter(topic="demoday")
        assert mail.user.firm_memberships.get().firm_id == pair[1]


class TestDesk:
    def test_verdicts_are_recorded_changed_and_taken_back_by_planners_alone(self, day):
        meeting, now = first_of(day)

        def say(value, side="company", actor=None, time=None, **more):
            return services.record_verdict(
                meeting=meeting,
                side=side,
                value=value,
                actor=actor or planner(),
                now=time or now,
                **more,
            )

        assert code_of(lambda: say("continue", time=at(9))) == "not_yet"
        assert code_of(lambda: say("pass")) == "pass_needs_reason"
        with pytest.raises(NotAllowed):
            say("continue", actor=acting_staff("leases"))
        say("pass", reason="early", note=" 다음 분기에 ")
        say("maybe")
        kept = Verdict.objects.get()
        assert (kept.value, kept.reason, kept.note) == ("maybe", "", "")
        meeting.refresh_from_db()
        assert meeting.state == "over"
        services.undo_verdict(meeting=meeting, side="company", actor=planner())
        assert not Verdict.objects.exists()

    def test_nobody_but_the_office_reads_a_verdict_or_writes_a_meeting(self, day):
        meeting, now = first_of(day)
        services.record_verdict(meeting=meeting, side="firm", value="continue", actor=planner(), now=now)
        for role, scope in (
            (Role.FOUNDER, {"company_ids": [meeting.company_id]}),
            (Role.INVESTOR, {"firm_ids": [meeting.firm_id]}),
        ):
            with database_role(role, **scope):
                assert Meeting.objects.filter(pk=meeting.pk).exists()
            for table in (Verdict, Meeting):
                with pytest.raises(Exception, match="permission denied"), database_role(role, **scope):
                    table.objects.update(note="x") if table is Verdict else table.objects.update(called="")

    def test_both_continue_and_the_company_is_asked(self, day):
        meeting, now = first_of(day)
        propose = lambda: services.propose_introduction(meeting=meeting, actor=planner(), now=at(12))  # noqa: E731
        assert code_of(propose) == "not_both_continue"
        for side in ("company", "firm"):
            services.record_verdict(meeting=meeting, side=side, value="continue", actor=planner(), now=now)
        made = propose()
        assert (made.state, made.match, made.items) == ("asked", None, ["contact"])
        assert propose() == made
        undo = lambda: services.undo_verdict(meeting=meeting, side="firm", actor=planner())  # noqa: E731
        assert code_of(undo) == "followed_up"

    @pytest.mark.parametrize("agreed", [False, True])
    def test_a_match_is_introduced_and_an_introduction_under_way_goes_on(self, day, agreed):
        meeting, now = first_of(day)
        match = MatchFactory(company=meeting.company, firm=meeting.firm)
        if agreed:
            IntroductionFactory(match=match, state="sent")
        for side in ("company", "firm"):
            services.record_verdict(meeting=meeting, side=side, value="continue", actor=planner(), now=now)
        services.propose_introduction(meeting=meeting, actor=planner(), now=at(12))
        made = Introduction.objects.get()
        assert (made.match, made.state) == (match, "continuing" if agreed else "asked")

    def test_the_board_shows_now_and_next_and_who_is_called(self, day):
        late, now = first_of(day)
        services.call_to_table(meeting=late, who="firm", actor=planner())
        late.refresh_from_db()
        meetings = list(in_force(day).meetings.select_related("company", "firm"))
        board = board_of(day, meetings, now)
        assert board.current.number == late.slot
        assert board.called == [(late.firm.name, late.table)]
        assert next(each.now for each in board.tables if each.number == late.table) == late
        pause = board_of(day, meetings, at(11, 5))
        assert (pause.current, pause.following.number) == (None, 4)
        assert board_of(day, meetings, at(13)).following is None
