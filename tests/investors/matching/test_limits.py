"""Conflicts, wishes, changes of drafts: what is said is kept to, by whom it may be said, and what is published stays."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import DomainError, NotAllowed
from incubator.jobs import services as jobs
from incubator.jobs import work as works
from incubator.jobs.models import Job
from investors.matching import selectors, services
from investors.matching.jobs import KIND
from investors.matching.models import Conflict, Match, MatchRun, Preference
from investors.matching.reading import Names, compare_runs, pair_rows
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, ResidencyFactory, founder_of
from tests.factories.firms import HoldingFactory, MandateFactory, investor_of
from tests.factories.matching import NOW, IntroductionFactory, MatchFactory, MatchRunFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


def camp(companies: int = 3, firms: int = 2, capacity: int = 2) -> tuple[list[Any], list[Any]]:
    return (
        [ResidencyFactory().company for _each in range(companies)],
        [MandateFactory(capacity=capacity).firm for _each in range(firms)],
    )


def run(manager: Any, **values: Any) -> MatchRun:
    return services.run_matching(actor=manager, now=NOW, **values)


def pairs_of(found: MatchRun) -> set[tuple[int, int]]:
    return set(found.matches.values_list("company_id", "firm_id"))


def codes(found: MatchRun) -> dict[tuple[int, int], str]:
    return {(company, firm): said for company, firm, _points, said in found.problem["pairs"]}


def refused(code: str, call: Any, **values: Any) -> None:
    with pytest.raises(DomainError) as error:
        call(**values)
    assert error.value.code == code


class TestLimits:
    def test_only_what_is_confirmed_and_not_over_keeps_apart(self, manager: Any) -> None:
        (company, *_rest), (firm, *_firms) = camp()
        pair = {"company": company, "firm": firm}
        kept = Conflict.objects.create(**pair, kind="rival", evidence="보유기업", side="machine")
        assert codes(run(manager))[company.pk, firm.pk] == ""
        services.decide_conflict(conflict=kept, confirm=True, actor=manager, now=NOW)
        services.record_conflict(**pair, kind="family", evidence="형제", until=TODAY, actor=manager, now=NOW)
        found = run(manager)
        assert codes(found)[company.pk, firm.pk] == "family,rival"
        assert (company.pk, firm.pk) not in pairs_of(found)
        later = services.run_matching(actor=manager, now=NOW + timedelta(days=1))
        assert codes(later)[company.pk, firm.pk] == "rival"
        services.decide_conflict(conflict=kept, confirm=False, actor=manager, now=NOW)
        services.end_conflict(conflict=Conflict.objects.get(kind="family"), actor=manager, now=NOW)
        assert codes(run(manager))[company.pk, firm.pk] == ""

    def test_the_machine_proposes_a_rival_once_and_never_confirms(self, manager: Any) -> None:
        (company, *_rest), (firm, *_firms) = camp()
        HoldingFactory(firm=firm, company_name="바깥기업", sectors=list(company.sectors))
        found = run(manager)
        proposed = Conflict.objects.get(company=company, firm=firm)
        assert (proposed.state, proposed.side, proposed.evidence) == ("proposed", "machine", "바깥기업")
        assert codes(found)[company.pk, firm.pk] == ""
        services.decide_conflict(conflict=proposed, confirm=False, actor=manager, now=NOW)
        run(manager)
        proposed.refresh_from_db()
        assert (proposed.state, Conflict.objects.filter(company=company).count()) == ("rejected", 1)
        with pytest.raises(IntegrityError), transaction.atomic():
            Conflict.objects.filter(pk=proposed.pk).update(state="confirmed", decided_by=None)

    def test_refusals_vetoes_and_companies_that_take_no_part(self, manager: Any) -> None:
        (said_no, left, vetoed), (firm, other) = camp()
        IntroductionFactory(
            match=None, company=said_no, firm=firm, state="declined", changed_at=NOW - timedelta(days=10)
        )
        IntroductionFactory(
            match=None, company=said_no, firm=other, state="passed", changed_at=NOW - timedelta(days=200)
        )
        services.set_participation(company=left, takes_part=False, actor=founder_of(left))
        services.set_preference(
            company=vetoed, firm_id=firm.pk, side="firm", level="no", reason="영역 밖", actor=manager
        )
        found = run(manager)
        assert {pair: said for pair, said in codes(found).items() if said} == {
            (said_no.pk, firm.pk): "company_declined",
            (left.pk, firm.pk): "takes_no_part",
            (left.pk, other.pk): "takes_no_part",
            (vetoed.pk, firm.pk): "firm_says_no",
        }
        assert {short["company"] for short in found.shortfalls} >= {left.pk}

    def test_only_companies_that_agreed_to_be_seen_when_asked_so(self, manager: Any) -> None:
        (hidden, *seen), _firms = camp()
        for company in seen:
            type(company).objects.filter(pk=company.pk).update(visible_to_investors=True)
        type(hidden).objects.filter(pk=hidden.pk).update(visible_to_investors=False)
        found = run(manager, only_seen=True)
        assert {company for company, _firm in pairs_of(found)} == {company.pk for company in seen}
        assert {said for (company, _firm), said in codes(found).items() if company == hidden.pk} == {
            "not_seen"
        }


class TestCompanies:
    @pytest.fixture
    def match(self) -> Match:
        return MatchFactory()

    def declare(self, match: Match, kind: str, **values: Any) -> Conflict:
        return services.declare_conflict(
            **{
                "company": match.company,
                "firm_id": match.firm_id,
                "kind": kind,
                "actor": founder_of(match.company),
                "now": NOW,
                **values,
            }
        )

    def test_their_word_counts_where_it_is_theirs_and_is_looked_at_where_not(self, match: Match) -> None:
        states = {
            self.declare(match, "declined", until=TODAY).state,
            self.declare(match, "family").state,
        }
        assert states == {"confirmed"}
        assert self.declare(match, "rival", evidence="바깥기업").state == "proposed"
        again = self.declare(match, "declined", until=TODAY + timedelta(days=9))
        assert (Conflict.objects.filter(kind="declined").count(), again.until) == (
            1,
            TODAY + timedelta(days=9),
        )
        services.end_conflict(conflict=again, actor=founder_of(match.company), now=NOW)
        assert again.until == TODAY - timedelta(days=1)

    def test_what_is_refused(self, match: Match) -> None:
        for code, kind, values in (
            ("day_missing", "declined", {}),
            ("day_past", "declined", {"until": TODAY - timedelta(days=1)}),
            ("evidence_missing", "rival", {"evidence": " "}),
            ("kind_not_declarable", "manual", {}),
            ("firm_unknown", "family", {"firm_id": MandateFactory().firm_id}),
        ):
            refused(code, lambda kind=kind, values=values: self.declare(match, kind, **values))
        for actor in (founder_of(CompanyFactory()), investor_of(match.firm), acting_staff("leases")):
            with pytest.raises(NotAllowed):
                self.declare(match, "family", actor=actor)
        owned = self.declare(match, "rival", evidence="바깥기업")
        services.decide_conflict(conflict=owned, confirm=False, actor=acting_staff("matching"), now=NOW)
        refused("conflict_decided", lambda: self.declare(match, "rival", evidence="바깥기업"))

    def test_at_most_five_musts_and_ranks_only_for_wishes(self, manager: Any, match: Match) -> None:
        company, founder = match.company, founder_of(match.company)
        for _each in range(5):
            services.set_preference(
                company=company, firm_id=MandateFactory().firm_id, side="company", level="must", actor=manager
            )
        wish = {"company": company, "firm_id": match.firm_id, "side": "company", "actor": founder}
        refused("too_many_musts", services.set_preference, **wish, level="must")
        refused("rank_misplaced", services.set_preference, **wish, level="no", rank=1)
        refused("rank_misplaced", services.set_preference, **wish, level="meet", rank=11)
        refused("invalid", services.set_preference, **wish, level="adores")
        services.set_preference(**wish, level="meet", rank=2)
        services.set_preference(**wish, level="no")
        assert Preference.objects.get(firm=match.firm_id).level == "no"
        with pytest.raises(NotAllowed):
            services.set_preference(**{**wish, "side": "firm"}, level="meet")

    def test_the_wall_shows_a_company_its_own_word_alone(self, match: Match) -> None:
        own = self.declare(match, "family")
        found = Conflict.objects.create(
            company=match.company, firm=match.firm, kind="rival", evidence="x", side="machine"
        )
        founder = founder_of(match.company)
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=(match.company_id,)):
            assert list(Conflict.objects.values_list("pk", flat=True)) == [own.pk]
            with pytest.raises(ProgrammingError), transaction.atomic():
                Conflict.objects.create(
                    company=match.company,
                    firm=match.firm,
                    kind="same_group",
                    side="company",
                    state="confirmed",
                    declared_by=founder,
                )
            with pytest.raises(ProgrammingError), transaction.atomic():
                Conflict.objects.filter(pk=own.pk).update(state="rejected")
        with database_role(Role.INVESTOR, user_id=founder.pk, firm_ids=(match.firm_id,)):
            for model in (Conflict, Preference):
                with pytest.raises(ProgrammingError), transaction.atomic():
                    list(model.objects.values_list("pk"))
        assert found.state == "proposed"


class TestDrafts:
    def change(self, draft: MatchRun, kind: str, pair: tuple[int, int], manager: Any) -> MatchRun:
        values = {"kind": kind, "company_id": pair[0], "firm_id": pair[1], "actor": manager}
        shown = services.preview_edit(run=draft, **values)
        saved = services.edit_run(run=draft, **values, before=shown.before, now=NOW)
        assert draft.objective - saved.objective == shown.loss
        assert pairs_of(saved) >= set(shown.entering)
        assert not pairs_of(saved) & set(shown.leaving)
        return saved

    def test_adding_locking_and_taking_out_cost_what_was_shown(self, manager: Any) -> None:
        camp(companies=4, firms=2, capacity=2)
        draft = run(manager)
        missed = min((c, f) for c, f, _why, _needs in draft.explained)
        added = self.change(draft, "add", missed, manager)
        assert missed in pairs_of(added)
        assert added.matches.get(company=missed[0], firm=missed[1]).locked
        assert (added.gap, added.optimum) == (0, draft.objective)
        out = min(pairs_of(added) - {missed})
        taken = self.change(added, "remove", out, manager)
        assert out not in pairs_of(taken)
        assert missed in pairs_of(taken)
        refused(
            "nothing_to_edit",
            services.preview_edit,
            run=taken,
            kind="lock",
            company_id=missed[0],
            firm_id=missed[1],
            actor=manager,
        )
        back = self.change(self.change(taken, "release", out, manager), "release", missed, manager)
        assert back.objective == draft.objective
        assert [edit["kind"] for edit in back.edits] == ["add", "remove", "release", "release"]
        assert services.repeat_run(run=taken, actor=manager).same_result

    def test_limits_and_seats_never_give_way(self, manager: Any) -> None:
        (first, second, _third), (firm, _other) = camp(capacity=1)
        services.record_conflict(
            company=second, firm=firm, kind="family", evidence="형제", actor=manager, now=NOW
        )
        draft = run(manager)
        values = {"run": draft, "actor": manager, "firm_id": firm.pk}
        refused("pair_kept_apart", services.preview_edit, **values, kind="add", company_id=second.pk)
        refused("pair_unknown", services.preview_edit, **values, kind="add", company_id=0)
        holder = draft.matches.get(firm=firm).company_id
        locked = self.change(draft, "lock", (holder, firm.pk), manager)
        free = next(c for c, f, *_rest in locked.explained if f == firm.pk)
        values["run"] = locked
        refused("seats_locked", services.preview_edit, **values, kind="add", company_id=free)
        stale = {"kind": "release", "company_id": holder, "before": draft.result_hash, "now": NOW}
        locked.result_hash = "f" * 64
        locked.save()
        refused("edit_meanwhile", services.edit_run, **values, **stale)
        assert first

    def test_locked_pairs_stay_in_the_next_run_and_are_let_go_by_limits(self, manager: Any) -> None:
        camp(companies=4, firms=2, capacity=2)
        draft = run(manager)
        kept, gone = sorted(pairs_of(draft))[:2]
        draft = self.change(self.change(draft, "lock", kept, manager), "lock", gone, manager)
        Conflict.objects.create(company_id=gone[0], firm_id=gone[1], kind="manual", state="confirmed")
        later = run(manager, keep_locks_of=draft)
        assert later.problem["locked"] == [[*kept]]
        assert later.figures["let_go"] == [[*gone]]
        assert later.matches.get(company=kept[0], firm=kept[1]).locked
        refused("run_outdated", services.publish_run, run=draft, actor=manager, now=NOW)

    def test_what_is_published_is_never_changed(self, manager: Any) -> None:
        camp()
        published = services.publish_run(run=run(manager), actor=manager, now=NOW)
        match = published.matches.first()
        assert match is not None
        attempts = [
            lambda: MatchRun.objects.filter(pk=published.pk).update(objective=0),
            lambda: MatchRun.objects.filter(pk=published.pk).update(problem={}),
            lambda: MatchRun.objects.filter(pk=published.pk)._raw_delete("default"),
            lambda: Match.objects.filter(pk=match.pk).update(score=1),
            lambda: Match.objects.filter(pk=match.pk).delete(),
            lambda: Match.objects.create(
                run=published, company=CompanyFactory(), firm=match.firm, score=1, components=[]
            ),
        ]
        for attempt in attempts:
            with pytest.raises(IntegrityError, match="published run"), transaction.atomic():
                attempt()
        services.dismiss_match(match=match, reason="규모", actor=manager, now=NOW)
        refused(
            "run_not_draft",
            services.preview_edit,
            run=published,
            kind="remove",
            company_id=match.company_id,
            firm_id=match.firm_id,
            actor=manager,
        )

    def test_a_run_that_was_tampered_with_is_told_by_its_repetition(self, manager: Any) -> None:
        camp()
        draft = run(manager)
        assert services.repeat_run(run=draft, actor=manager) == services.Repeated(
            draft.input_hash, draft.result_hash, True, True, True
        )
        draft.problem["firms"][0]["capacity"] = 0
        found = services.repeat_run(run=draft, actor=manager)
        assert (found.same_input, found.same_result) == (False, False)
        with pytest.raises(NotAllowed):
            services.repeat_run(run=draft, actor=acting_staff("leases"))

    def test_two_runs_pair_by_pair(self, manager: Any) -> None:
        (company, *_rest), (firm, *_firms) = camp(companies=2, firms=2)
        first = run(manager)
        services.record_conflict(
            company=company, firm=firm, kind="family", evidence="형제", actor=manager, now=NOW
        )
        second = run(manager)
        names = Names.of(first, second)
        found = compare_runs(second, first, names)
        assert (found.both, found.only_here, found.only_there, found.same_input) == (3, 0, 1, False)
        row = found.rows[0]
        assert (row.company, row.firm, row.both) == (company.name, firm.name, False)
        assert [str(why) for why in row.why] == [str(Conflict.objects.get().get_kind_display())]
        assert len(compare_runs(second, first, names, everything=True).rows) == 4
        assert [row.fate for row in pair_rows(second, names, company=company.pk)] == ["matched", "apart"]


class TestComputing:
    @pytest.fixture(autouse=True)
    def look_always(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(works, "EVERY", 0)

    def test_a_run_is_computed_and_kept_once(self, manager: Any) -> None:
        camp()
        job = jobs.start_job(kind=KIND, actor=manager, now=NOW, params={"only_seen": False})
        jobs.run_job(job_id=job.pk, clock=lambda: NOW)
        job.refresh_from_db()
        kept = MatchRun.objects.get()
        assert (job.state, job.result, kept.started_by) == ("done", {"run": kept.pk}, manager)
        assert jobs.run_job(job_id=job.pk, clock=lambda: NOW) is None

    def test_a_run_stopped_half_way_leaves_nothing(
        self, manager: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (company, *_rest), (firm, *_firms) = camp()
        HoldingFactory(firm=firm, company_name="바깥기업", sectors=list(company.sectors))
        job = jobs.start_job(kind=KIND, actor=manager, now=NOW)
        solve = works.Progress.__call__

        def stop_at_the_third(progress: Any, done: int, total: int, stage: str = "") -> None:
            if done == 3:
                jobs.stop_job(job=Job.objects.get(pk=job.pk), actor=manager, now=NOW)
            solve(progress, done, total, stage)

        monkeypatch.setattr(works.Progress, "__call__", stop_at_the_third)
        jobs.run_job(job_id=job.pk, clock=lambda: NOW)
        job.refresh_from_db()
        assert (job.state, MatchRun.objects.count(), Match.objects.count()) == ("stopped", 0, 0)
        assert Conflict.objects.count() == 0


def test_a_draft_of_old_has_nothing_to_explain_and_can_be_read() -> None:
    old = MatchRunFactory()
    assert pair_rows(old, Names.of(old)) == []
    assert selectors.firms_met_by(acting_staff("matching")) == {}
