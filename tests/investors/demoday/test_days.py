"""A day from its planning to its timetable: who may take part, whose wishes count, what makes no day, one version in force."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import DomainError, NotAllowed
from incubator.common.fingerprints import fingerprint
from incubator.jobs import work as works
from incubator.jobs.enums import JobState
from incubator.jobs.services import stop_job
from incubator.mailing.models import Mail
from incubator.optimise.timetable import arrange
from incubator.optimise.timetable_check import check_timetable
from investors.demoday import services, snapshots
from investors.demoday.collecting import collect
from investors.demoday.enums import Side
from investors.demoday.models import Meeting, Plan, Ranking
from investors.demoday.services.days import Taking
from investors.demoday.services.plans import check
from tests.factories import demoday as given
from tests.factories.accounts import acting_staff
from tests.factories.companies import MembershipFactory, founder_of
from tests.factories.demoday import (
    DAY,
    NOW,
    at,
    companies_of,
    computed,
    firms_of,
    make_day,
    planner,
    rank_all,
)
from tests.factories.firms import FirmFactory, FirmMemberFactory, HoldingFactory
from tests.factories.matching import IntroductionFactory, MatchFactory

pytestmark = pytest.mark.django_db


def refused(call) -> DomainError:
    with pytest.raises(DomainError) as caught, transaction.atomic():
        call()
    assert str(caught.value)
    return caught.value


def taking(day, side, *each):
    return services.set_participants(day=day, side=side, taking=each, actor=planner(), now=NOW)


class TestPlanning:
    def test_slots_follow_from_clock_and_breaks(self):
        slots = make_day().slots
        assert [(slot.number, slot.block, slot.starts) for slot in slots] == [
            (1, 0, at(10)),
            (2, 0, at(10, 20)),
            (3, 0, at(10, 40)),
            (4, 1, at(11, 20)),
            (5, 1, at(11, 40)),
            (6, 1, at(12)),
        ]

    def test_times_stand_once_wishes_are_collected(self):
        day = make_day()
        assert (
            refused(lambda: services.change_day(day=day, actor=planner(), slot_count=5)).code == "day_fixed"
        )
        assert services.change_day(day=day, actor=planner(), table_count=9).table_count == 9

    def test_only_planners_plan(self):
        day = make_day()
        leases = acting_staff("leases")
        for call in (
            lambda: services.change_day(day=day, actor=leases, title="x"),
            lambda: services.ask_for_plan(day=day, actor=leases, now=NOW),
            lambda: services.publish_plan(plan=computed(day), actor=leases, now=NOW),
        ):
            with pytest.raises(NotAllowed):
                call()

    def test_who_is_not_seen_or_not_active_or_never_there_takes_no_part(self):
        day = make_day()
        hidden, mute = given.resident(), FirmFactory()
        hidden.visible_to_investors = False
        hidden.save()
        shy = companies_of(day)[0].pk
        assert refused(lambda: taking(day, Side.COMPANY, Taking(hidden.pk))).code == "may_not_take_part"
        assert refused(lambda: taking(day, Side.FIRM, Taking(mute.pk))).code == "may_not_take_part"
        absent = Taking(shy, absent=tuple(range(1, 7)))
        assert refused(lambda: taking(day, Side.COMPANY, absent)).code == "absent_all_day"
        assert refused(lambda: taking(day, Side.COMPANY, Taking(shy, absent=(7,)))).code == "unknown_slots"
        assert refused(lambda: taking(day, Side.COMPANY, Taking(shy, 1, 2))).code == "bad_limits"


class TestWishes:
    def test_a_founder_ranks_for_the_own_company_while_wishes_are_collected(self):
        day = make_day()
        company, (first, second, _third) = companies_of(day)[0], firms_of(day)
        founder, invited = founder_of(company), day.companies.get(company=company)
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            services.rank(invited=invited, order={first.pk: 2, second.pk: None}, actor=founder, now=NOW)
            services.rank(invited=invited, order={first.pk: 1}, actor=founder, now=NOW)
            assert Ranking.objects.count() == 1
        own = Ranking.objects.get()
        assert (own.side, own.firm, own.rank, own.veto, own.said_by) == ("company", first, 1, False, founder)
        late = lambda: services.rank(invited=invited, order={}, actor=founder, now=given.CLOSES)  # noqa: E731
        assert refused(late).code == "no_wishes_now"
        other = founder_of(companies_of(day)[1])
        with pytest.raises(NotAllowed):
            services.rank(invited=invited, order={}, actor=other, now=NOW)
        with pytest.raises(NotAllowed):
            services.rank(invited=day.firms.first(), order={}, actor=founder, now=NOW)

    @pytest.mark.parametrize(("places", "code"), [((1, 1), "rank_twice"), ((0, 2), "rank_out_of_range")])
    def test_an_order_makes_sense(self, places, code):
        day = make_day()
        order = dict(zip([each.pk for each in firms_of(day)], places, strict=False))
        invited = day.companies.first()
        assert (
            refused(lambda: services.rank(invited=invited, order=order, actor=planner(), now=NOW)).code
            == code
        )
        stranger = given.firm().pk
        wrong = lambda: services.rank(invited=invited, order={stranger: 1}, actor=planner(), now=NOW)  # noqa: E731
        assert refused(wrong).code == "not_on_offer"

    def test_the_wall_keeps_wishes_of_others_and_after_the_time(self):
        day = make_day()
        rank_all(day)
        one, other = companies_of(day)[:2]
        founder, (firm, second, *_rest) = founder_of(one), firms_of(day)
        services.rank(invited=day.firms.first(), order={one.pk: 1, other.pk: None}, actor=planner(), now=NOW)
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[one.pk]):
            assert set(Ranking.objects.values_list("side", "company_id")) == {("company", one.pk)}
            foreign = Ranking(day=day, side="firm", company=one, firm=second, rank=9)
            with pytest.raises(Exception, match="row-level security"), transaction.atomic():
                foreign.save()
        published = given.published(day)
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[one.pk]):
            assert Ranking.objects.all().delete()[0] == 0
            assert set(Meeting.objects.values_list("company_id", flat=True)) == {one.pk}
        with database_role(Role.INVESTOR, firm_ids=[firm.pk]):
            assert set(Meeting.objects.values_list("firm_id", flat=True)) == {firm.pk}
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            database_role(Role.INVESTOR, firm_ids=[firm.pk]),
        ):
            Ranking.objects.exists()
        assert published.meetings.count() == 8  # one firm refuses one company

    def test_conflicts_refusals_and_declined_pairs_never_meet(self):
        day = make_day(companies=1, firms=4)
        [company], (holder, shy, declined, free) = companies_of(day), firms_of(day)
        HoldingFactory(firm=holder, company_name=company.name)
        services.rank(invited=day.firms.get(firm=shy), order={company.pk: None}, actor=planner(), now=NOW)
        match = MatchFactory(company=company, firm=declined)
        IntroductionFactory(match=match, state="declined", answered_at=NOW)
        rank_all(day)
        found = collect(day, DAY)
        assert [(wish.host, wish.spare) for wish in found.day.wishes] == [(free.pk, False)]
        assert {(firm, why) for _pair, (_company, firm), why in found.left_out} == {
            (holder.pk, "already_invested"),
            (shy.pk, "veto"),
            (declined.pk, "declined"),
        }
        # The list that a company ranks from hides a conflict, and never tells of a firm's refusal.
        taking(day, Side.FIRM, *(Taking(each.pk) for each in firms_of(day)))
        assert set(day.companies.get().kept_apart) == {holder.pk, declined.pk}

    def test_without_an_order_the_match_scores_count(self):
        day = make_day(companies=2, firms=2)
        (one, other), (best, second) = companies_of(day), firms_of(day)
        for firm, score in ((best, 9000), (second, 4000)):
            MatchFactory(company=one, firm=firm, score=score)
        rank_all(day, lambda ours, theirs: 1 if (ours, theirs) == (1, 1) else None)
        worths = {(wish.company, wish.host): wish.worth for wish in collect(day, DAY).day.wishes}
        # Both sides' first by score, and a firm's second; the other company's own first, second of its firm.
        assert worths == {
            (one.pk, best.pk): 300,
            (one.pk, second.pk): (92 + 100) * 3 // 2,
            (other.pk, second.pk): 100,
        }


class TestNoDay:
    def test_in_words(self):
        day = make_day(companies=1, firms=1)
        [company], [firm] = companies_of(day), firms_of(day)

        def ask():
            return services.ask_for_plan(day=day, actor=planner(), now=NOW)

        type(day).objects.filter(pk=day.pk).update(table_count=0)
        day.refresh_from_db()
        assert refused(ask).code == "no_tables"
        type(day).objects.filter(pk=day.pk).update(table_count=1)
        day.refresh_from_db()
        day.firms.update(absent=list(range(1, 7)))
        assert (refused(ask).code, firm.name in str(refused(ask))) == ("absent_all_day", True)
        day.firms.update(absent=[])
        HoldingFactory(firm=firm, company_name=company.name)
        assert refused(ask).code == "no_pair_allowed"
        company.visible_to_investors = False
        company.save()
        assert refused(ask).code == "nobody_takes_part"

    def test_more_held_meetings_than_places(self):
        day = make_day(companies=2, firms=2, slots=2)
        rank_all(day)
        plan = computed(day)
        held = plan.meetings.filter(company=companies_of(day)[0])
        services.lock_meetings(
            plan=plan, meetings=held.values_list("pk", flat=True), locked=True, actor=planner()
        )
        day.companies.filter(company=companies_of(day)[0]).update(maximum=1)
        error = refused(lambda: services.ask_for_plan(day=day, actor=planner(), now=NOW))
        assert (error.code, companies_of(day)[0].name in str(error)) == ("too_many_locks", True)
        day.companies.update(maximum=None)
        day.firms.update(absent=[1])
        assert refused(lambda: services.ask_for_plan(day=day, actor=planner(), now=NOW)).code == "lock_broken"


class TestComputing:
    def test_all_limits_hold_and_the_bound_is_proven(self):
        day = make_day(companies=4, firms=3, slots=4, tables=2)
        one, *_others = companies_of(day)
        first, *_more = firms_of(day)
        day.companies.filter(company=one).update(maximum=1)
        day.firms.filter(firm=first).update(absent=[1, 2])
        rank_all(day)
        plan = computed(day)
        assert (plan.gap, check(plan)) == (0, [])
        assert plan.meetings.filter(company=one).count() == 1
        assert not plan.meetings.filter(firm=first, slot__lte=2).exists()
        # Every wish is met or told unmet.
        assert plan.met + len(plan.unmet) == plan.wished + len(plan.redirected) == 12
        assert plan.met == 8  # two tables, four slots

    def test_a_job_writes_a_draft_and_a_stopped_one_nothing(self, monkeypatch):
        day, actor = make_day(), planner()
        rank_all(day)
        monkeypatch.setattr(works, "EVERY", 0)
        job = given.run_asked(day, actor)
        assert (job.state, job.result) == (JobState.DONE, {"plan": Plan.objects.get().pk})
        told = []

        def stopping(solved_day, *, report, stop):
            stop_job(job=told[0], actor=actor, now=NOW)
            return arrange(solved_day, report=report, stop=stop)

        monkeypatch.setattr("investors.demoday.computing.arrange", stopping)
        told.append(services.ask_for_plan(day=day, actor=actor, now=NOW))
        from incubator.jobs.services import run_job

        run_job(job_id=told[0].pk, clock=lambda: NOW)
        told[0].refresh_from_db()
        assert (told[0].state, Plan.objects.count()) == (JobState.STOPPED, 1)

    def test_computed_again_from_its_snapshot_it_is_the_same(self):
        day = make_day(companies=5, firms=4, tables=2)
        rank_all(day, lambda ours, theirs: (ours + theirs) % 4 + 1)
        plan = computed(day)
        kept = snapshots.day_from_json(plan.input)
        assert fingerprint(snapshots.day_to_json(kept)) == plan.input_hash
        again = arrange(kept, compact_steps=200)
        assert fingerprint(snapshots.result_to_json(again)) == plan.result_hash
        stored = snapshots.timetable_of_plan(plan, plan.meetings.all())
        assert (stored, check_timetable(kept, stored)) == (again, [])


class TestPublishing:
    def test_a_published_version_stands(self):
        day = make_day()
        rank_all(day)
        plan = given.published(day)
        meeting = plan.meetings.first()
        for statement in (
            lambda: Plan.objects.filter(pk=plan.pk).update(objective=0),
            lambda: Meeting.objects.filter(pk=meeting.pk).update(slot=6),
            lambda: plan.meetings.create(company=meeting.company, firm=meeting.firm, slot=6, table=3),
            lambda: plan.meetings.all().delete(),
        ):
            with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
                statement()

    def test_one_place_at_a_time(self):
        day = make_day()
        plan = computed(day)
        one, two = companies_of(day)[:2]
        first, second = firms_of(day)[:2]
        plan.meetings.create(company=one, firm=first, slot=1, table=1)
        for company, firm, table in ((one, second, 2), (two, first, 2), (two, second, 1)):
            with pytest.raises(IntegrityError), transaction.atomic():
                plan.meetings.create(company=company, firm=firm, slot=1, table=table)

    def test_of_two_drafts_the_second_is_looked_at_again(self):
        day = make_day()
        rank_all(day)
        one, other = computed(day), computed(day)
        services.publish_plan(plan=one, actor=planner(), now=NOW)
        error = refused(lambda: services.publish_plan(plan=other, actor=planner(), now=NOW))
        assert error.code == "published_meanwhile"
        late = computed(day)
        assert (
            refused(lambda: services.publish_plan(plan=late, actor=planner(), now=at(10))).code
            == "day_has_begun"
        )

    def test_who_withdrew_or_refused_meanwhile_meets_nobody(self):
        day = make_day(companies=1, firms=1)
        rank_all(day)
        plan = computed(day)
        company = companies_of(day)[0]
        type(company).objects.filter(pk=company.pk).update(visible_to_investors=False)
        publish = lambda: services.publish_plan(plan=plan, actor=planner(), now=NOW)  # noqa: E731
        assert refused(publish).code == "changed_meanwhile"
        type(company).objects.filter(pk=company.pk).update(visible_to_investors=True)
        services.rank(invited=day.firms.get(), order={company.pk: None}, actor=planner(), now=NOW)
        assert refused(publish).code == "changed_meanwhile"

    def test_a_tampered_version_is_not_published(self):
        day = make_day()
        rank_all(day)
        plan = computed(day)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE demoday_plan DISABLE TRIGGER USER")
            cursor.execute("UPDATE demoday_plan SET objective = objective - 1, bound = bound - 1")
            cursor.execute("ALTER TABLE demoday_plan ENABLE TRIGGER USER")
        assert (
            refused(lambda: services.publish_plan(plan=plan, actor=planner(), now=NOW)).code == "check_failed"
        )

    def test_both_sides_are_told_once_in_their_language(self):
        day = make_day(companies=1, firms=1)
        rank_all(day)
        owner = MembershipFactory(company=companies_of(day)[0]).user
        reader = FirmMemberFactory(firm=firms_of(day)[0]).user
        type(reader).objects.filter(pk=reader.pk).update(language="en")
        given.published(day)
        mails = {mail.user: mail for mail in Mail.objects.filter(topic="demoday")}
        assert set(mails) == {owner, reader}
        assert firms_of(day)[0].name in mails[owner].body
        assert companies_of(day)[0].name in mails[reader].body
        assert "Winter demo day" in mails[reader].subject
        assert "겨울 데모데이" in mails[owner].subject
