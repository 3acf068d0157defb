"""An introduction after the company agreed: each step kept, both sides told once, money with its paper."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.signing import Signer
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.mailing.models import Mail
from investors.firms.models import Holding
from investors.matching import board, links, selectors, services
from investors.matching.enums import FOLLOWS, IntroductionState
from investors.matching.errors import (
    DayAhead,
    InvestmentGone,
    InvestmentMissing,
    InvestmentTwice,
    OutcomeOutOfOrder,
    PassReasonMissing,
    ReasonMissing,
)
from investors.matching.models import Introduction, IntroductionStep, Investment
from tests.factories.accounts import acting_staff, sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.files import document
from tests.factories.firms import FirmFactory, investor_of
from tests.factories.matching import NOW, DisclosureGrantFactory, IntroductionFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2026, 11, 22)


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


@pytest.fixture
def agreed() -> Introduction:
    found: Introduction = DisclosureGrantFactory(
        introduction__match__firm__email="Contact@firm.example", introduction__match__company__name="가온비전"
    ).introduction
    return found


def invest(introduction: Introduction, actor: Any, **values: Any) -> Investment:
    given = {"invested_on": TODAY, "funding_round": "seed", "amount_krw": 300_000_000, "now": NOW, **values}
    return services.record_investment(introduction=introduction, actor=actor, **given)


def record(introduction: Introduction, state: str, actor: Any, **values: Any) -> Introduction:
    return services.record_outcome(introduction=introduction, state=state, actor=actor, now=NOW, **values)


def states(introduction: Introduction) -> list[str]:
    return list(introduction.steps.values_list("state", flat=True))


class TestSteps:
    def test_every_way_from_the_question_to_the_money_is_kept(self, manager: Any) -> None:
        introduction = IntroductionFactory()
        founder = founder_of(introduction.company)
        services.answer_introduction(introduction=introduction, consent=True, actor=founder, now=NOW)
        services.tell_firm(introduction=introduction, actor=manager, now=NOW)
        record(introduction, "met", manager, on=TODAY - DAY)
        record(introduction, "continuing", manager)
        record(introduction, "term_sheet", manager)
        invest(introduction, manager)
        assert states(introduction) == ["consented", "sent", "met", "continuing", "term_sheet", "invested"]
        met = introduction.steps.get(state="met")
        assert (met.happened_on, met.recorded_by) == (TODAY - DAY, manager)
        assert introduction.steps.get(state="consented").recorded_by == founder

    @pytest.mark.parametrize("state", IntroductionState.values)
    def test_only_forward(self, manager: Any, state: str) -> None:
        for target in IntroductionState:
            introduction = IntroductionFactory(state=state)
            allowed = target in FOLLOWS.get(state, ()) and target != "invested"
            values = {"pass_reason": "team"} if target == "passed" else {}
            if allowed:
                assert record(introduction, target, manager, **values).state == target
            else:
                with pytest.raises((OutcomeOutOfOrder, InvestmentMissing)):
                    record(introduction, target, manager, **values)

    def test_a_pass_says_why_and_nothing_else_does(self, manager: Any, agreed: Introduction) -> None:
        for state, reason in (("passed", ""), ("passed", "nonsense"), ("met", "team")):
            with pytest.raises(PassReasonMissing):
                record(agreed, state, manager, pass_reason=reason)
        assert record(agreed, "passed", manager, pass_reason="terms").pass_reason == "terms"

    def test_no_day_that_has_not_come(self, manager: Any, agreed: Introduction) -> None:
        with pytest.raises(DayAhead):
            record(agreed, "met", manager, on=TODAY + DAY)
        with pytest.raises(DayAhead):
            invest(agreed, manager, invested_on=TODAY + DAY)

    def test_a_step_is_never_changed(self, manager: Any, agreed: Introduction) -> None:
        record(agreed, "met", manager)
        for change in (
            lambda: IntroductionStep.objects.update(state="sent"),
            lambda: IntroductionStep.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()

    def test_of_its_introductions_parties_and_no_others(self, agreed: Introduction) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            IntroductionStep.objects.create(
                introduction=agreed,
                company=agreed.company,
                firm=FirmFactory(),
                state="met",
                happened_on=TODAY,
                recorded_at=NOW,
            )

    def test_a_founder_writes_own_answers_only(self, agreed: Introduction) -> None:
        founder = founder_of(agreed.company)
        role = {"user_id": founder.pk, "company_ids": [agreed.company_id]}
        values = {
            "introduction": agreed,
            "company": agreed.company,
            "firm": agreed.firm,
            "happened_on": TODAY,
            "recorded_at": NOW,
        }
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            database_role(Role.FOUNDER, **role),
        ):
            IntroductionStep.objects.create(**values, state="invested", recorded_by=founder)
        with database_role(Role.FOUNDER, **role):
            IntroductionStep.objects.create(**values, state="withdrawn", recorded_by=founder)


class TestTelling:
    def told(self, introduction: Introduction, actor: Any, callbacks: Any) -> dict[str, Any]:
        with callbacks(execute=True):
            services.tell_firm(
                introduction=introduction, message="만나 보십시오.", actor=actor, now=timezone.now()
            )
        return {letter.to[0]: letter for letter in mail.outbox}

    def test_people_and_contact_get_the_link_once_each(
        self, manager: Any, agreed: Introduction, django_capture_on_commit_callbacks: Any
    ) -> None:
        member = investor_of(agreed.firm, email="member@firm.example", language="en")
        investor_of(agreed.firm, email="contact@firm.example")
        investor_of(FirmFactory(), email="stranger@other.example")
        sent = self.told(agreed, manager, django_capture_on_commit_callbacks)
        assert {address.lower() for address in sent} == {"member@firm.example", "contact@firm.example"}
        assert len(mail.outbox) == 2
        english = str(sent["member@firm.example"].body)
        assert "agreed to be introduced" in english
        assert "만나 보십시오." in english
        link = re.search(r"https://camp\.example(/invest/link/\S+)", english)
        assert link
        client = sign_in(Client(), member)
        response = client.get(link[1])
        assert response["Location"] == reverse("invest:company", args=[agreed.company.slug])
        with pytest.raises(OutcomeOutOfOrder):
            services.tell_firm(introduction=agreed, actor=manager, now=NOW)

    def test_not_before_the_company_agreed(self, manager: Any) -> None:
        with pytest.raises(OutcomeOutOfOrder):
            services.tell_firm(introduction=IntroductionFactory(), actor=manager, now=NOW)
        assert Mail.objects.count() == 0


class TestLinks:
    def address(self, introduction: Introduction, now: datetime | None = None) -> str:
        return reverse("invest:link", args=[links.make_link(introduction.pk, now=now or timezone.now())])

    def test_forwarded_it_is_worth_nothing(self, agreed: Introduction) -> None:
        other = sign_in(Client(), investor_of(FirmFactory()))
        founder = sign_in(Client(), founder_of(agreed.company))
        assert other.get(self.address(agreed)).status_code == 404
        assert founder.get(self.address(agreed)).status_code == 404
        signed_out = Client().get(self.address(agreed))
        assert signed_out.status_code == 302
        assert signed_out["Location"].startswith("/accounts/login/")

    def test_expired_it_says_so_and_opens_nothing(self, agreed: Introduction) -> None:
        client = sign_in(Client(), investor_of(agreed.firm))
        assert client.get(self.address(agreed, timezone.now() - links.GOOD_FOR + DAY)).status_code == 302
        response = client.get(self.address(agreed, timezone.now() - links.GOOD_FOR))
        assert response.status_code == 410
        assert agreed.company.name not in response.content.decode()

    def test_withdrawn_it_leads_nowhere(self, agreed: Introduction) -> None:
        client = sign_in(Client(), investor_of(agreed.firm))
        assert client.get(self.address(agreed)).status_code == 302
        services.withdraw_disclosure(
            disclosure=agreed.disclosures.get(), actor=founder_of(agreed.company), now=NOW
        )
        assert client.get(self.address(agreed)).status_code == 404

    @pytest.mark.parametrize("token", ["x", "1", "MQ:1xVLlR:umfhCsmvJ9Dnu8QDc1hFKF3Y29yKQOs", "가" * 300])
    def test_one_that_never_was_ours_does_not_exist(self, agreed: Introduction, token: str) -> None:
        client = sign_in(Client(), investor_of(agreed.firm))
        assert client.get(reverse("invest:link", args=[token])).status_code == 404

    def test_of_another_kind_of_number(self) -> None:
        with pytest.raises(links.LinkUnknown):
            links.read_link(Signer(salt="investors.matching.links").sign_object(["a", "b"]), now=NOW)


class TestMeetings:
    def test_both_are_told_and_again_when_it_moves_and_reminded_once(
        self, manager: Any, agreed: Introduction
    ) -> None:
        founder_of(agreed.company)
        services.tell_firm(introduction=agreed, actor=manager, now=NOW)
        before = Mail.objects.count()
        for days in (3, 3, 4):
            services.arrange_meeting(
                introduction=agreed,
                meets_at=NOW + days * DAY,
                meets_where="대회의실",
                actor=manager,
                now=NOW,
            )
        assert Mail.objects.count() - before == 4  # two people, two different times
        for _again in range(3):
            services.follow_introductions(now=NOW + 3 * DAY + timedelta(hours=1))
        assert Mail.objects.count() - before == 6

    def test_not_before_the_firm_knows(self, manager: Any, agreed: Introduction) -> None:
        with pytest.raises(OutcomeOutOfOrder):
            services.arrange_meeting(
                introduction=agreed, meets_at=NOW + DAY, meets_where="x", actor=manager, now=NOW
            )


class TestReminders:
    @pytest.mark.parametrize(
        ("runs", "stages"),
        [((1, 2), 0), ((3, 3, 4), 1), ((3, 7, 14, 15), 3), ((20,), 1), ((8, 20), 2)],
    )
    def test_owners_are_reminded_once_a_stage_however_late(self, runs: tuple[int, ...], stages: int) -> None:
        introduction = IntroductionFactory()
        founder_of(introduction.company)
        for days in runs:
            services.follow_introductions(now=NOW + days * DAY)
        assert Mail.objects.filter(topic="introduction").count() == stages

    def test_what_can_no_longer_be_answered_ends(self) -> None:
        introduction = IntroductionFactory(until=TODAY)
        services.follow_introductions(now=NOW)
        introduction.refresh_from_db()
        assert introduction.state == "asked"
        services.follow_introductions(now=NOW + DAY)
        introduction.refresh_from_db()
        assert (introduction.state, states(introduction)) == ("lapsed", ["lapsed"])


class TestInvestments:
    def test_it_ends_the_introduction_and_the_firm_holds_the_company(
        self, manager: Any, agreed: Introduction
    ) -> None:
        first = invest(agreed, manager, evidence=document("계약서.pdf"))
        invest(agreed, manager, funding_round="pre_a", amount_krw=1)
        agreed.refresh_from_db()
        assert (agreed.state, first.evidence_name) == ("invested", "계약서.pdf")
        assert Holding.objects.get(firm=agreed.firm).company_name == agreed.company.name

    def test_refusals(self, manager: Any, agreed: Introduction) -> None:
        invest(agreed, manager)
        with pytest.raises(InvestmentTwice):
            invest(agreed, manager)
        for amount in (0, -1):
            with pytest.raises(IntegrityError), transaction.atomic():
                invest(agreed, manager, funding_round="later", amount_krw=amount)
        with pytest.raises(InvestmentMissing):
            record(IntroductionFactory(state="met"), "invested", manager)

    def test_taken_back_it_stays_and_counts_no_more(self, manager: Any, agreed: Introduction) -> None:
        investment = invest(agreed, manager)
        with pytest.raises(ReasonMissing):
            services.take_back_investment(investment=investment, reason=" ", actor=manager, now=NOW)
        services.take_back_investment(investment=investment, reason="금액 착오", actor=manager, now=NOW)
        with pytest.raises(InvestmentGone):
            services.take_back_investment(investment=investment, reason="again", actor=manager, now=NOW)
        assert list(selectors.investments_for(founder_of(agreed.company))) == []
        invest(agreed, manager, amount_krw=200_000_000)
        assert selectors.investments_for(founder_of(agreed.company)).get().amount_krw == 200_000_000

    def test_only_managers_of_matching(self, agreed: Introduction) -> None:
        manager = acting_staff("matching")
        investment = invest(IntroductionFactory(state="met"), manager)
        for actor in (acting_staff("leases"), founder_of(agreed.company), investor_of(agreed.firm)):
            for forbidden in (
                lambda actor=actor: invest(agreed, actor),
                lambda actor=actor: services.take_back_investment(
                    investment=investment, reason="x", actor=actor, now=NOW
                ),
                lambda actor=actor: services.tell_firm(introduction=agreed, actor=actor, now=NOW),
                lambda actor=actor: services.arrange_meeting(
                    introduction=agreed, meets_at=NOW, meets_where="x", actor=actor, now=NOW
                ),
            ):
                with pytest.raises(NotAllowed):
                    forbidden()

    def test_a_firm_reads_its_own_without_what_the_office_wrote(
        self, manager: Any, agreed: Introduction
    ) -> None:
        invest(agreed, manager, note="비밀")
        other = invest(IntroductionFactory(state="met"), manager)
        reader = investor_of(agreed.firm)
        role = {"user_id": reader.pk, "firm_ids": [agreed.firm_id], "read_only": True}
        with transaction.atomic(), database_role(Role.INVESTOR, **role):
            found = list(selectors.investments_for(reader))
        assert [each.amount_krw for each in found] == [300_000_000]
        assert other not in found
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            database_role(Role.INVESTOR, **role),
        ):
            list(Investment.objects.values("note"))


class TestPages:
    def test_the_board_has_all_under_way_by_state_the_longest_waiting_first(self, manager: Any) -> None:
        old = IntroductionFactory(state="met", changed_at=NOW - 20 * DAY, made_at=NOW - 30 * DAY)
        new = IntroductionFactory(state="met", changed_at=NOW - DAY)
        IntroductionFactory(state="passed")
        columns = {column.state: column.cards for column in board.board_of(manager, TODAY)}
        assert [(card.introduction, card.days, card.total, card.overdue) for card in columns["met"]] == [
            (old, 20, 30, True),
            (new, 1, 0, False),
        ]
        assert sum(len(cards) for cards in columns.values()) == 2
        narrowed = board.board_of(manager, TODAY, company=old.company.name)
        assert sum(len(column.cards) for column in narrowed) == 1

    def test_a_founder_sees_where_each_stands_and_what_it_waits_for(
        self, manager: Any, agreed: Introduction
    ) -> None:
        client = sign_in(Client(), founder_of(agreed.company))
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        services.tell_firm(introduction=agreed, actor=manager, now=NOW)
        services.arrange_meeting(
            introduction=agreed, meets_at=NOW + DAY, meets_where="대회의실", actor=manager, now=NOW
        )
        page = client.get("/portal/matches/").content.decode()
        for text in ("Introduced to the firm", "the firm", "대회의실"):
            assert text in page
        invest(agreed, manager, note="사무국 메모")
        page = client.get("/portal/matches/").content.decode()
        assert "Seed round" in page
        stranger = sign_in(Client(), founder_of(CompanyFactory()))
        assert "대회의실" not in stranger.get("/portal/matches/").content.decode()
