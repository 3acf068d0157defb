"""The founder's matches page: asking, agreeing, declining, withdrawing."""

from typing import Any

import pytest
from django.test import Client

from investors.matching.models import DisclosureGrant, Introduction
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.matching import DisclosureGrantFactory, IntroductionFactory, MatchFactory
from tests.queries import cost_of as statements

pytestmark = pytest.mark.django_db
HOME = "/portal/matches/"


def founder_client(company: Any, **values: Any) -> Client:
    client = sign_in(Client(), founder_of(company, **values))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def introduction() -> Introduction:
    return IntroductionFactory(match__firm__name="나래벤처스")


def answer(client: Client, introduction: Introduction, consent: str, **fields: Any) -> Any:
    side = "answer" if consent == "yes" else "decline"
    data = {f"{side}-{introduction.pk}-{name}": value for name, value in fields.items()}
    return client.post(f"{HOME}introductions/{introduction.pk}/answer/", {"consent": consent, **data})


def test_what_waits_comes_first_with_all_that_a_consent_names(introduction: Introduction) -> None:
    page = founder_client(introduction.company).get(HOME).content.decode()
    assert "1 introduction waits for your consent" in page
    wanted = [
        "나래벤처스",
        "귀사의 의료 영상",
        "Recipient",
        "Purpose",
        "Items",
        "Retention",
        "Your right to refuse",
        "0.850",
    ]
    assert [words for words in wanted if words not in page] == []


def test_agreeing_to_some_items(introduction: Introduction) -> None:
    client = founder_client(introduction.company)
    response = answer(client, introduction, "yes", items=["contact"])
    assert (response.status_code, response["Location"]) == (302, HOME)
    grant = DisclosureGrant.objects.get()
    assert (grant.items, grant.firm) == (["contact"], introduction.firm)
    page = client.get(HOME).content.decode()
    assert "Withdraw the consent" in page
    assert "Company agreed" in page


def test_agreeing_to_nothing_is_shown_at_the_field(introduction: Introduction) -> None:
    response = answer(founder_client(introduction.company), introduction, "yes")
    assert response.status_code == 200
    assert "Choose at least one item to show." in response.content.decode()
    assert DisclosureGrant.objects.count() == 0


def test_declining_keeps_what_was_typed_when_it_is_too_long(introduction: Introduction) -> None:
    client = founder_client(introduction.company)
    response = answer(client, introduction, "no", reason="가" * 401)
    assert response.status_code == 200
    assert "가" * 401 in response.content.decode()
    assert answer(client, introduction, "no", reason="시기가 이릅니다.").status_code == 302
    introduction.refresh_from_db()
    assert (introduction.state, introduction.note) == ("declined", "시기가 이릅니다.")


def test_a_hidden_company_is_told_so_and_cannot_agree(introduction: Introduction) -> None:
    type(introduction.company).objects.update(visible_to_investors=False)
    client = founder_client(introduction.company)
    page = client.get(HOME).content.decode()
    assert "Your company is hidden from investors" in page
    assert "Agree to the introduction" not in page
    assert answer(client, introduction, "yes", items=["contact"]).status_code == 200
    assert DisclosureGrant.objects.count() == 0


def test_withdrawing(introduction: Introduction) -> None:
    grant = DisclosureGrantFactory(introduction__match__company=introduction.company)
    client = founder_client(introduction.company)
    assert client.post(f"{HOME}consents/{grant.pk}/withdraw/").status_code == 302
    grant.refresh_from_db()
    assert grant.withdrawn_at is not None
    assert client.post(f"{HOME}consents/{grant.pk}/withdraw/").status_code == 302


def test_an_answered_introduction_cannot_be_answered_again(introduction: Introduction) -> None:
    client = founder_client(introduction.company)
    answer(client, introduction, "no")
    page = client.post(
        f"{HOME}introductions/{introduction.pk}/answer/",
        {"consent": "yes", f"answer-{introduction.pk}-items": ["contact"]},
        follow=True,
    ).content.decode()
    assert "answered or called off already" in page
    assert DisclosureGrant.objects.count() == 0


def test_others_introductions_and_consents_do_not_exist(introduction: Introduction) -> None:
    grant = DisclosureGrantFactory()
    stranger = founder_client(CompanyFactory())
    assert answer(stranger, introduction, "yes", items=["contact"]).status_code == 404
    assert answer(stranger, introduction, "no").status_code == 404
    assert stranger.post(f"{HOME}consents/{grant.pk}/withdraw/").status_code == 404
    assert stranger.post(f"{HOME}introductions/999999/answer/").status_code == 404
    page = stranger.get(HOME).content.decode()
    assert "나래벤처스" not in page
    assert grant.firm.name not in page


def test_a_get_never_answers(introduction: Introduction) -> None:
    client = founder_client(introduction.company)
    assert client.get(f"{HOME}introductions/{introduction.pk}/answer/").status_code == 405


def test_published_matches_are_shown_with_reasons_and_drafts_are_not() -> None:
    company = CompanyFactory(visible_to_investors=True)
    shown = MatchFactory(company=company, firm__name="보이는벤처스")
    MatchFactory(company=company, published=False, firm__name="초안벤처스")
    MatchFactory(firm__name="남의벤처스")
    page = founder_client(company).get(HOME).content.decode()
    assert shown.firm.name in page
    assert "0.850" in page
    assert "Company age" in page
    assert [name for name in ("초안벤처스", "남의벤처스") if name in page] == []


def test_the_reasons_of_an_introduction_outlive_their_run() -> None:
    introduction = IntroductionFactory(match__published=False)
    assert "0.850" in founder_client(introduction.company).get(HOME).content.decode()


def test_an_empty_page_says_what_will_be_here() -> None:
    page = founder_client(CompanyFactory()).get(HOME).content.decode()
    assert "No match is published yet" in page


def test_the_page_costs_the_same_with_more_rows() -> None:
    company = CompanyFactory(visible_to_investors=True)
    client = founder_client(company)
    counts = []
    for _round in range(2):
        for _each in range(3):
            IntroductionFactory(match__company=company)
            DisclosureGrantFactory(introduction__match__company=company)
        client.get(HOME)
        counts.append(statements(lambda: client.get(HOME)))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
