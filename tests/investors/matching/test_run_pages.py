"""The managers' pages of a run and the founders' page of wishes, as people use them."""

from typing import Any

import pytest
from django.test import Client

from investors.matching import services
from investors.matching.models import Conflict, MatchRun, Participation, Preference
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import ResidencyFactory, founder_of
from tests.factories.firms import MandateFactory
from tests.factories.matching import NOW, MatchFactory
from tests.queries import statements

pytestmark = pytest.mark.django_db
RUNS = "/admin/matching/matchrun/"
WISHES = "/portal/matches/wishes/"


def english(user: Any) -> Client:
    client = sign_in(Client(), user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def draft() -> MatchRun:
    companies = [ResidencyFactory(company__name=f"기업 {at}").company for at in range(3)]
    firm = MandateFactory(firm__name="나래벤처스", capacity=1).firm
    MandateFactory(firm__name="다온투자", capacity=3)
    actor = acting_staff("matching")
    services.record_conflict(
        company=companies[0], firm=firm, kind="family", evidence="형제", actor=actor, now=NOW
    )
    services.run_matching(actor=actor, now=NOW)
    return services.run_matching(actor=actor, now=NOW)


@pytest.fixture
def manager() -> Client:
    return english(staff_member("matching"))


def test_a_run_shows_its_fairness_and_its_proof(draft: MatchRun, manager: Client) -> None:
    address = f"{RUNS}{draft.pk}/change/"
    page = text_of(manager.get(address))
    wanted = [
        "Optimal: no other choice of pairs scores more.",
        "Gini coefficient",
        "4 of 4 seats of the firms are taken",
        "Blocking pairs",
        "Family in the firm: 1",
        "Load of each firm",
        draft.code_version,
    ]
    assert [words for words in wanted if words not in page] == []
    assert len(statements(manager, address)) <= 12


def test_why_not_this_pair(draft: MatchRun, manager: Client) -> None:
    address = f"{RUNS}{draft.pk}/pairs/"
    assert len(statements(manager, address)) <= 12
    company, firm, why, _needs = draft.explained[0]
    assert why == "capacity"
    page = text_of(manager.get(address, {"company": company, "firm": firm}))
    assert "The firm is full, with better pairs" in page
    assert "nothing: an equal pair won the draw" in page
    assert "Total" in page
    assert "Family in the firm" in text_of(manager.get(address, {"fate": "apart"}))
    assert "4 pairs" in text_of(manager.get(address, {"fate": "matched"}))
    assert "6 pairs" in text_of(manager.get(address, {"company": "x", "page": "-3"}))
    reader = english(staff_member("leases"))
    assert "Take out" not in text_of(reader.get(address))


def test_changing_a_pair_shows_its_price_before_it_is_saved(draft: MatchRun, manager: Client) -> None:
    address = f"{RUNS}{draft.pk}/change-pair/"
    company, firm, *_rest = draft.explained[0]
    change = {"kind": "add", "company": company, "firm": firm}
    page = text_of(manager.get(address, change))
    assert "It costs 0.0000 points" in page
    assert page.count("<li>+ ") == page.count("<li>− ") == 1
    assert len(statements(manager, f"{address}?kind=add&company={company}&firm={firm}")) <= 12
    draft.refresh_from_db()
    assert draft.edits == []
    assert "changed at the same moment" in text_of(manager.post(address, {**change, "before": "x"}))
    assert manager.post(address, {**change, "before": draft.result_hash}).status_code == 302
    assert "Changed by hand" in text_of(manager.get(f"{RUNS}{draft.pk}/change/"))
    apart = Conflict.objects.get()
    refused = manager.get(address, {"kind": "add", "company": apart.company_id, "firm": apart.firm_id})
    assert "never matched: Family in the firm" in text_of(refused)
    assert english(staff_member("leases")).get(address).status_code == 403


def test_repeating_and_comparing(draft: MatchRun, manager: Client) -> None:
    page = text_of(manager.post(f"{RUNS}{draft.pk}/repeat/"))
    assert "The same input gives the same result." in page
    assert "The code is what it was." in page
    address = f"{RUNS}{draft.pk}/compare/"
    page = text_of(manager.get(address))
    assert "4 pairs in both, 0 in this run alone, 0 in the other alone" in page
    assert "Both have the same input." in page
    assert "matched, 1.0000" in text_of(manager.get(address, {"everything": "yes"}))
    assert len(statements(manager, address)) <= 12


def test_conflicts_are_entered_confirmed_and_ended(manager: Client) -> None:
    match = MatchFactory()
    address = "/admin/matching/conflict/"
    form = {"company": match.company_id, "firm": match.firm_id, "kind": "past_employer", "until": ""}
    assert "Say what this rests on." in text_of(manager.post(address + "add/", {**form, "evidence": ""}))
    assert manager.post(address + "add/", {**form, "evidence": "전 직장"}).status_code == 302
    conflict = Conflict.objects.get()
    assert (conflict.state, conflict.side) == ("confirmed", "office")
    for step, state in (("reject", "rejected"), ("confirm", "confirmed")):
        assert manager.post(f"{address}{conflict.pk}/{step}/").status_code == 302
        conflict.refresh_from_db()
        assert conflict.state == state
    assert manager.post(f"{address}{conflict.pk}/end/").status_code == 302
    assert len(statements(manager, address)) <= 12


def test_the_office_enters_a_wish_of_a_firm(manager: Client) -> None:
    match = MatchFactory()
    form = {"company": match.company_id, "firm": match.firm_id, "side": "firm", "level": "must", "rank": "1"}
    assert manager.post("/admin/matching/preference/add/", {**form, "reason": ""}).status_code == 302
    wish = Preference.objects.get()
    assert (wish.side, wish.level, wish.rank) == ("firm", "must", 1)
    changed = manager.post(
        f"/admin/matching/preference/{wish.pk}/change/", {"level": "no", "rank": "3", "reason": ""}
    )
    assert "Only a wish to meet has a rank" in text_of(changed) or "violated" in text_of(changed)


def test_a_founder_wishes_declines_and_leaves() -> None:
    match = MatchFactory(firm__name="나래벤처스")
    client = english(founder_of(match.company))
    assert "You have not wished for anybody yet." in text_of(client.get(WISHES))
    assert len(statements(client, WISHES)) <= 12
    wish = {"wish-firm": match.firm_id, "wish-level": "must", "wish-rank": "1", "wish-reason": "판로"}
    assert client.post(WISHES + "set/", wish)["Location"] == WISHES
    assert "rank 1" in text_of(client.get(WISHES))
    decline = {"conflict-firm": match.firm_id, "conflict-kind": "declined", "conflict-evidence": "다음 분기"}
    assert "Say until which day." in text_of(client.post(WISHES + "apart/", decline))
    assert client.post(WISHES + "apart/", {**decline, "conflict-until": "2099-12-31"}).status_code == 302
    assert "In force" in text_of(client.get(WISHES))
    conflict = Conflict.objects.get()
    assert client.post(f"{WISHES}apart/{conflict.pk}/end/").status_code == 302
    assert "You have named no firm." in text_of(client.get(WISHES))
    assert client.post(WISHES + "part/", {"takes_part": "no"}).status_code == 302
    assert Participation.objects.get().takes_part is False
    assert "left out of the matching" in text_of(client.get(WISHES))
    other = english(founder_of(MatchFactory(firm__name="다온투자").company))
    assert "나래벤처스" not in text_of(other.get(WISHES))
    assert other.post(f"{WISHES}apart/{conflict.pk}/end/").status_code == 404
    stranger = {**wish, "wish-firm": match.firm_id}
    assert "Select a valid choice" in text_of(other.post(WISHES + "set/", stranger))


def test_the_page_of_wishes_costs_the_same_with_more_rows() -> None:
    match = MatchFactory()
    client = english(founder_of(match.company))
    counts = []
    for _round in range(2):
        for _each in range(2):
            firm = MatchFactory(company=match.company).firm
            pair = {"company": match.company, "firm": firm, "side": "company"}
            Conflict.objects.create(**pair, kind="family", state="confirmed")
            Preference.objects.create(**pair, level="meet")
        counts.append(len(statements(client, WISHES)))
    assert counts[0] == counts[1] <= 12
