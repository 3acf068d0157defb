"""A run of the matching: from rows to a proven, kept, published result."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incubator.common.errors import NotAllowed
from incubator.optimise.assignment import (
    AssignmentProblem,
    Left,
    Pair,
    Right,
    check_assignment,
    solve_assignment,
)
from investors.matching import selectors, services
from investors.matching.errors import MatchDecided, ReasonMissing, RunNotDraft
from investors.matching.models import Match, MatchRun
from investors.matching.words import reasons_of, shown_score
from tenants.companies.models import Company
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, ResidencyFactory, founder_of
from tests.factories.consulting import AdviserFactory, BookingFactory
from tests.factories.firms import FirmFactory, HoldingFactory, MandateFactory, investor_of
from tests.factories.matching import NOW, IntroductionFactory, MatchFactory, MatchRunFactory

pytestmark = pytest.mark.django_db
SECTORS = ["healthcare", "robotics", "energy", "security"]


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


def residents(count: int) -> list[Company]:
    return [
        ResidencyFactory(
            company__sectors=[SECTORS[n % 4]], company__ask_krw=100_000_000 * (n % 7 + 1)
        ).company
        for n in range(count)
    ]


def firms(count: int, capacity: int = 5) -> list[Any]:
    return [
        MandateFactory(
            sectors=SECTORS[n % 3 : n % 3 + 2], capacity=capacity, ticket_max_krw=300_000_000 * (n + 1)
        ).firm
        for n in range(count)
    ]


def pairs_of(run: MatchRun) -> set[tuple[int, int]]:
    return set(run.matches.values_list("company_id", "firm_id"))


def test_a_run_is_optimal_and_every_company_has_its_minimum(manager: Any) -> None:
    companies = residents(8)
    firms(6)
    run = services.run_matching(actor=manager, now=NOW)
    assert (run.state, run.gap, run.shortfalls, run.minimum) == ("draft", 0, [], 3)
    assert run.objective == sum(run.matches.values_list("score", flat=True))
    assert min(run.matches.filter(company=company).count() for company in companies) >= 3
    assert not run.matches.filter(published=True).exists()


def test_the_contributions_of_every_match_add_up_to_its_score(manager: Any) -> None:
    residents(8)
    firms(6)
    run = services.run_matching(actor=manager, now=NOW)
    for match in run.matches.all():
        assert sum(part["contribution"] for part in match.components) == match.score
        shown = [reason.points for reason in reasons_of(match.score, match.components)]
        assert sum(shown) == shown_score(match.score)


def test_the_same_facts_give_the_same_run_whatever_the_order_of_rows(manager: Any) -> None:
    residents(7)
    firms(5, capacity=4)
    first = services.run_matching(actor=manager, now=NOW)
    for table in ("companies_company", "firms_mandate", "firms_firm"):
        with connection.cursor() as cursor:
            # A row that is written anew moves to the end of its table.
            cursor.execute(f"UPDATE {table} SET updated_at = updated_at WHERE id % 2 = 0")
    second = services.run_matching(actor=manager, now=NOW)
    assert (second.input_hash, second.result_hash) == (first.input_hash, first.result_hash)
    assert pairs_of(second) == pairs_of(first)


def test_hard_limits_are_never_matched(manager: Any) -> None:
    held, rivalled, advised, free = (ResidencyFactory().company for _each in range(4))
    firm = MandateFactory(capacity=10).firm
    HoldingFactory(firm=firm, company_name=held.name)
    Company.objects.filter(pk=rivalled.pk).update(sectors=["energy"])
    HoldingFactory(firm=firm, company_name="바깥경쟁사", sectors=["energy"], rival_confirmed=True)
    adviser = AdviserFactory(firm=firm)
    BookingFactory(company=advised, slot__adviser=adviser)
    run = services.run_matching(actor=manager, now=NOW)
    assert pairs_of(run) == {(free.pk, firm.pk)}
    reasons = {company: reason for company, _firm, _score, reason in run.problem["pairs"]}
    assert reasons == {
        held.pk: "already_invested",
        rivalled.pk: "holds_rival",
        advised.pk: "adviser_is_member",
        free.pk: "",
    }
    assert {short["cause"] for short in run.shortfalls} == {"no_eligible_firm"}


def test_an_adviser_who_signs_in_for_a_firm_belongs_to_it(manager: Any) -> None:
    company = ResidencyFactory().company
    firm = MandateFactory().firm
    adviser = AdviserFactory(user=investor_of(firm))
    BookingFactory(company=company, slot__adviser=adviser)
    assert pairs_of(services.run_matching(actor=manager, now=NOW)) == set()


def test_who_takes_part(manager: Any) -> None:
    resident = ResidencyFactory().company
    CompanyFactory()
    ResidencyFactory(state="graduated", period=("2025-01-01", "2026-01-01"))
    active = MandateFactory().firm
    MandateFactory(firm__active=False)
    FirmFactory()
    run = services.run_matching(actor=manager, now=NOW)
    assert [company["id"] for company in run.problem["companies"]] == [resident.pk]
    assert [firm["id"] for firm in run.problem["firms"]] == [active.pk]


def test_who_cannot_have_the_minimum_is_named_with_the_cause(manager: Any) -> None:
    residents(3)
    firms(3, capacity=1)
    run = services.run_matching(actor=manager, now=NOW)
    assert sum(short["missing"] for short in run.shortfalls) == 6
    assert {short["cause"] for short in run.shortfalls} == {"firms_full"}
    assert sorted(run.matches.values_list("company", flat=True)) == sorted(
        Company.objects.values_list("pk", flat=True)
    )


def test_an_empty_camp_gives_an_empty_run(manager: Any) -> None:
    run = services.run_matching(actor=manager, now=NOW)
    assert (run.objective, run.bound, pairs_of(run)) == (0, 0, set())


def test_facts_cost_the_same_queries_for_many_rows(manager: Any) -> None:
    counts = []
    for _round in range(2):
        residents(4)
        firms(4)
        with CaptureQueriesContext(connection) as queries:
            services.run_matching(actor=manager, now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_managers_of_matching_run_publish_and_dismiss() -> None:
    match = MatchFactory()
    run = MatchRunFactory()
    for actor in (
        acting_staff("leases"),
        acting_staff("auditor"),
        founder_of(match.company),
        investor_of(match.firm),
    ):
        with pytest.raises(NotAllowed):
            services.run_matching(actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            services.publish_run(run=run, actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            services.dismiss_match(match=match, reason="사유", actor=actor, now=NOW)


def test_publishing_takes_the_place_of_the_run_before(manager: Any) -> None:
    residents(2)
    firms(3)
    first = services.publish_run(run=services.run_matching(actor=manager, now=NOW), actor=manager, now=NOW)
    assert set(Match.objects.filter(published=True).values_list("run", flat=True)) == {first.pk}
    second = services.run_matching(actor=manager, now=NOW)
    dismissed = services.dismiss_match(
        match=second.matches.first(), reason="만난 적 있음", actor=manager, now=NOW
    )
    services.publish_run(run=second, actor=manager, now=NOW)
    first.refresh_from_db()
    assert first.state == "archived"
    shown = Match.objects.filter(published=True)
    assert set(shown.values_list("run", flat=True)) == {second.pk}
    assert dismissed not in shown
    with pytest.raises(RunNotDraft):
        services.publish_run(run=first, actor=manager, now=NOW)


def test_a_dismissed_match_is_hidden_and_stays_decided(manager: Any) -> None:
    match = MatchFactory()
    with pytest.raises(ReasonMissing):
        services.dismiss_match(match=match, reason="  ", actor=manager, now=NOW)
    services.dismiss_match(match=match, reason="규모가 다름", actor=manager, now=NOW)
    assert list(selectors.matches_for(founder_of(match.company))) == []
    assert list(selectors.matches_for(investor_of(match.firm))) == []
    with pytest.raises(MatchDecided):
        services.dismiss_match(match=match, reason="다시", actor=manager, now=NOW)


def test_constraints() -> None:
    def refused(name: str, write: Any) -> None:
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            write()
        assert error.value.__cause__.diag.constraint_name == name

    match = MatchFactory()
    refused(
        "matching_one_published_run",
        lambda: MatchRun.objects.bulk_create(
            [
                MatchRun(
                    state="published",
                    run_at=NOW,
                    weights_version="x",
                    minimum=3,
                    objective=0,
                    bound=0,
                    solver="x",
                )
            ]
        ),
    )
    refused("matching_objective_within_bound", lambda: MatchRunFactory(objective=2, bound=1))
    refused("matching_run_state_known", lambda: MatchRunFactory(state="lost"))
    refused(
        "matching_pair_once_a_run",
        lambda: MatchFactory(run=match.run, company=match.company, firm=match.firm),
    )
    refused("matching_score_range", lambda: MatchFactory(score=10_001))
    refused("matching_state_known", lambda: MatchFactory(state="lost"))
    refused("matching_dismissed_with_reason", lambda: MatchFactory(state="dismissed"))
    introduction = IntroductionFactory(match=match)
    refused("matching_one_live_introduction", lambda: IntroductionFactory(match=match))
    refused("matching_introduction_state_known", lambda: IntroductionFactory(state="lost"))
    refused("matching_introduction_names_items", lambda: IntroductionFactory(items=[]))
    refused("matching_introduction_names_items", lambda: IntroductionFactory(items=["passport"]))
    refused("matching_introduction_as_match", lambda: IntroductionFactory(match=match, firm=FirmFactory()))
    assert introduction.state == "asked"


def test_the_command_exports_what_an_independent_check_accepts(tmp_path: Any) -> None:
    companies = residents(9)
    takers = firms(6, capacity=6)
    HoldingFactory(firm=takers[0], company_name=companies[0].name)
    out, file = StringIO(), tmp_path / "run.json"
    call_command("match_firms", export=file, stdout=out)
    data = json.loads(file.read_text("utf-8"))
    assert out.getvalue().splitlines()[0] == (
        f"objective {data['objective']}, bound {data['bound']}, gap 0, minimum 3 a company"
    )
    assert set(data) == {"companies", "firms", "minimum", "pairs", "result", "objective", "bound"}
    assert data["companies"] == sorted(company.pk for company in companies)
    most = max(len(data["firms"]), data["minimum"])
    problem = AssignmentProblem(
        lefts=tuple(Left(company, data["minimum"], most) for company in data["companies"]),
        rights=tuple(Right(firm["id"], firm["capacity"]) for firm in data["firms"]),
        pairs=tuple(
            Pair(pair["company"], pair["firm"], pair["score"], pair["allowed"], pair["reason"])
            for pair in data["pairs"]
        ),
    )
    solved = solve_assignment(problem)
    assert check_assignment(problem, solved) == []
    assert {(pair["company"], pair["firm"]) for pair in data["result"]} == set(solved.pairs)
    assert (data["objective"], data["bound"]) == (solved.objective, solved.bound)
    assert {pair["reason"] for pair in data["pairs"] if not pair["allowed"]} == {"already_invested"}


def test_the_command_says_when_the_file_cannot_be_written(tmp_path: Any) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("match_firms", export=tmp_path / "no" / "such" / "folder.json", stdout=StringIO())
    assert refused.value.returncode == 2
