"""Versions of the weights: one in force, none ever changed, and what others would change seen first."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from incubator.common.errors import NotAllowed
from investors.firms.models import IgnoredWord, TagWord
from investors.matching import services
from investors.matching.errors import (
    ReasonMissing,
    WeightsChangedMeanwhile,
    WeightsCountNothing,
    WeightsUnchanged,
)
from investors.matching.models import Match, MatchRun, WeightSet
from investors.matching.scoring import STANDARD_WEIGHTS
from investors.matching.unknown_words import unknown_words
from investors.matching.weight_sets import active_weights
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import ResidencyFactory
from tests.factories.firms import HoldingFactory, MandateFactory
from tests.factories.matching import NOW, IntroductionFactory
from tests.queries import cost_of as statements

pytestmark = pytest.mark.django_db
WHAT_IF = "/admin/matching/weightset/what-if/"
WORDS = "/admin/firms/tag/words/"
ONLY_REGION = {"region": 1}


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


@pytest.fixture
def client() -> Client:
    client = sign_in(Client(), staff_member("matching"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def use(actor: Any, numbers: Any = None, *, note: str = "시험", instead_of: str = "2026-2") -> WeightSet:
    return services.use_weights(
        numbers=numbers or ONLY_REGION, note=note, instead_of=instead_of, actor=actor, now=NOW
    )


def test_a_camp_begins_with_the_weights_that_the_code_knows() -> None:
    assert active_weights() == STANDARD_WEIGHTS
    assert dict(WeightSet.objects.values_list("version", "active")) == {"2026-1": False, "2026-2": True}


def test_a_new_version_takes_the_place_of_the_one_in_force(manager: Any) -> None:
    made = use(manager)
    assert (made.version, made.weights, active_weights().numbers) == ("2026-3", ONLY_REGION, ONLY_REGION)
    ResidencyFactory()
    MandateFactory()
    run = services.run_matching(actor=manager, now=NOW)
    assert (run.weights_version, run.problem["weights"]) == ("2026-3", {"version": "2026-3", "region": 1})
    assert [part["key"] for part in run.matches.get().components] == ["region"]


def test_what_cannot_be_used(manager: Any) -> None:
    for numbers, more, error in (
        (ONLY_REGION, {"note": " "}, ReasonMissing),
        ({"region": 0, "sector": None}, {}, WeightsCountNothing),
        (STANDARD_WEIGHTS.numbers, {}, WeightsUnchanged),
        (ONLY_REGION, {"instead_of": "2026-1"}, WeightsChangedMeanwhile),
    ):
        with pytest.raises(error):
            use(manager, numbers, **more)
    with pytest.raises(NotAllowed):
        use(acting_staff("leases"))
    assert WeightSet.objects.count() == 2


def test_of_two_managers_the_second_is_told_to_look_again(manager: Any) -> None:
    use(manager, {"region": 2})
    with pytest.raises(WeightsChangedMeanwhile):
        use(acting_staff("matching"), {"sector": 5})
    assert active_weights().numbers == {"region": 2}


def test_the_database_keeps_versions_and_lets_one_be_in_force(manager: Any) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        WeightSet.objects.create(version="x", weights=ONLY_REGION, made_at=NOW, active=True)
    assert refused.value.__cause__.diag.constraint_name == "matching_one_active_weights"
    for change in ({"weights": ONLY_REGION}, {"note": "anders"}, {"active": False, "version": "2030-1"}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            WeightSet.objects.filter(active=True).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        WeightSet.objects.filter(active=False).update(active=True)
    with pytest.raises(ProgrammingError), transaction.atomic():
        WeightSet.objects.filter(active=False).delete()


def test_trying_others_keeps_nothing_and_using_them_needs_a_reason(client: Client, manager: Any) -> None:
    MandateFactory(capacity=1, stages=["series_b"], regions=["gwangju_jeonnam"], keywords=["로봇"])
    companies = [ResidencyFactory(company__stage=stage).company for stage in ("seed", "series_b")]
    run = services.run_matching(actor=manager, now=NOW)
    services.publish_run(run=run, actor=manager, now=NOW)
    assert run.matches.get().company == companies[1]
    companies[1].region = "other"
    companies[1].save()
    before = (MatchRun.objects.count(), Match.objects.count(), WeightSet.objects.count())
    # By region alone, the company that moved away gives its place to the other one.
    page = client.get(WHAT_IF, {"region": 1}).content.decode()
    assert "1 pairs would enter, 1 leave and 0 stay." in page
    assert companies[0].name in page
    assert (MatchRun.objects.count(), Match.objects.count(), WeightSet.objects.count()) == before
    assert client.post(WHAT_IF, {"region": 1, "instead_of": "2026-2", "note": ""}).status_code == 200
    old = client.post(WHAT_IF, {"region": 1, "instead_of": "2026-1", "note": "지역"}).content.decode()
    assert "Compare yours with them first" in old
    assert client.post(WHAT_IF, {"region": 1, "instead_of": "2026-2", "note": "지역"}).status_code == 302
    assert active_weights().numbers == ONLY_REGION


@pytest.mark.parametrize("asked", [{"region": "-1"}, {"region": "x"}, {"region": "1001"}, {"sector": "0"}])
def test_weights_that_make_no_sense_are_said_so(client: Client, asked: dict[str, str]) -> None:
    response = client.get(WHAT_IF, asked)
    assert response.status_code == 200
    assert "would enter" not in response.content.decode()


def test_pages_cost_the_same_with_more_rows(client: Client) -> None:
    def costs() -> dict[str, int]:
        firm = f"/admin/firms/firm/{HoldingFactory(firm=accelerator).firm_id}/"
        lists = (WORDS, "/admin/firms/tag/", "/admin/matching/weightset/")
        addresses = (f"{WHAT_IF}?region=1&sector=2", *lists, f"{firm}change/", f"{firm}knowledge/")
        for address in addresses:
            client.get(address)
        return {address: statements(lambda address=address: client.get(address)) for address in addresses}

    accelerator = MandateFactory(firm__kind="ac", keywords=["로봇"]).firm
    ResidencyFactory(company__summary="로봇을 만듭니다.")
    IntroductionFactory(match__firm=accelerator, state="sent")
    first = costs()
    for number in range(3):
        MandateFactory(firm__kind="ac", keywords=[f"기술{number}"], thesis="로봇")
        ResidencyFactory(company__summary=f"로봇 {number}을 만듭니다.")
        IntroductionFactory(match__firm=accelerator, state="sent")
    again = costs()
    assert again == first
    assert {address: cost for address, cost in first.items() if cost > 12 and WHAT_IF not in address} == {}
    assert max(first.values()) <= 24  # the facts, limits and wishes of a whole run are read for it


def test_a_word_is_given_to_a_tag_or_put_aside_with_one_click(client: Client) -> None:
    add = {"code": "gripper", "ko": "그리퍼", "en": "Gripper", "parent": "", "synonyms": "집게; gripping"}
    assert client.post("/admin/firms/tag/add/", add).status_code == 302
    MandateFactory(keywords=["<b>파지</b>", "그리퍼"], thesis="제품")
    assert [each.word for each in unknown_words()] == ["<b>파지</b>", "제품"]
    page = client.get(WORDS).content.decode()
    assert "<b>파지" not in page
    tag = TagWord.objects.get(key="집게").tag
    assert client.post(WORDS, {"word": "<b>파지</b>", "tag": tag.pk}).status_code == 302
    assert client.post(WORDS, {"word": "제품", "aside": "1"}).status_code == 302
    assert unknown_words() == []
    assert IgnoredWord.objects.get().key == "제품"
    taken = client.post(WORDS, {"word": "집게", "tag": tag.pk}, follow=True).content.decode()
    assert "stands for the tag" in taken
    assert client.post(WORDS, {"word": "x"}, follow=True).status_code == 200
    assert sign_in(Client(), staff_member("leases")).post(WORDS, {"word": "x"}).status_code == 403
