"""Introductions and consents: who may do what, and what the database refuses."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, transaction

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from investors.matching import selectors, services
from investors.matching.consent import TEXT_VERSION
from investors.matching.errors import (
    CompanyHidden,
    DisclosureClosed,
    IntroductionAnswered,
    IntroductionExists,
    ItemsMissing,
    MatchDecided,
    OutcomeOutOfOrder,
    ReasonMissing,
    UnknownItems,
    UntilPast,
)
from investors.matching.models import DisclosureGrant, Introduction, Match
from tests.factories.accounts import UserFactory, acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.firms import FirmFactory, investor_of
from tests.factories.matching import NOW, DisclosureGrantFactory, IntroductionFactory, MatchFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2026, 11, 22)


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


def introduce(match: Match, actor: Any, **values: Any) -> Introduction:
    given = {"items": ["contact"], "message": "만나 보십시오.", "now": NOW, **values}
    return services.introduce(match=match, actor=actor, **given)


class TestIntroducing:
    def test_the_company_is_asked_and_the_firm_hears_nothing(self, manager: Any) -> None:
        match = MatchFactory()
        introduction = introduce(match, manager, items=["revenue", "contact", "revenue"])
        assert (introduction.state, introduction.items) == ("asked", ["contact", "revenue"])
        assert introduction.until == TODAY + timedelta(days=180)
        match.refresh_from_db()
        assert (match.state, match.decided_by) == ("introduced", manager)
        assert list(selectors.introductions_for(founder_of(match.company))) == [introduction]
        assert list(selectors.introductions_for(investor_of(match.firm))) == []

    def test_only_managers_of_matching_introduce(self) -> None:
        match = MatchFactory()
        for actor in (
            acting_staff("leases"),
            acting_staff("auditor"),
            founder_of(match.company),
            investor_of(match.firm),
            UserFactory(),
        ):
            with pytest.raises(NotAllowed):
                introduce(match, actor)
        assert Introduction.objects.count() == 0

    def test_refusals(self, manager: Any) -> None:
        match = MatchFactory()
        with pytest.raises(ItemsMissing):
            introduce(match, manager, items=[])
        with pytest.raises(UnknownItems):
            introduce(match, manager, items=["passport"])
        with pytest.raises(UntilPast):
            introduce(match, manager, until=TODAY - DAY)
        introduce(match, manager, until=TODAY)
        with pytest.raises(IntroductionExists):
            introduce(match, manager)
        dismissed = MatchFactory(state="dismissed", published=False, decision_reason="사유")
        with pytest.raises(MatchDecided):
            introduce(dismissed, manager)

    def test_owners_are_told_by_mail_in_their_language(
        self, manager: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        match = MatchFactory(company__name="가온비전", firm__name="나래벤처스")
        founder_of(match.company, email="ko@camp.example", language="ko")
        founder_of(match.company, email="en@camp.example", language="en")
        founder_of(match.company, level="member", email="member@camp.example")
        founder_of(CompanyFactory(), email="stranger@camp.example")
        with django_capture_on_commit_callbacks(execute=True):
            introduce(match, manager)
        url = "https://camp.example/portal/matches/"
        sent = {message.to[0]: message for message in mail.outbox}
        assert set(sent) == {"ko@camp.example", "en@camp.example"}
        english = sent["en@camp.example"]
        assert "나래벤처스 would like to meet you" in english.subject
        assert url in english.body
        assert "만나 보십시오." in english.body


class TestAnswering:
    def test_agreeing_opens_the_items_and_keeps_the_words(self) -> None:
        introduction = IntroductionFactory(firm__name="나래벤처스", match__company__name="가온비전")
        founder = founder_of(introduction.company)
        answered = services.answer_introduction(
            introduction=introduction, consent=True, items=["contact"], actor=founder, now=NOW
        )
        assert (answered.state, answered.answered_at, answered.changed_at) == ("consented", NOW, NOW)
        grant = DisclosureGrant.objects.get()
        assert (grant.company, grant.firm, grant.items) == (
            introduction.company,
            introduction.firm,
            ["contact"],
        )
        assert (grant.granted_by, grant.since, grant.until) == (founder, TODAY, introduction.until)
        assert grant.text_version == TEXT_VERSION
        assert introduction.firm.name in grant.text
        assert len(grant.text.splitlines()) == 5

    def test_a_member_may_answer_too(self) -> None:
        introduction = IntroductionFactory()
        member = founder_of(introduction.company, level="member")
        services.answer_introduction(introduction=introduction, consent=True, actor=member, now=NOW)
        assert DisclosureGrant.objects.get().items == introduction.items

    def test_declining_opens_nothing_and_stays_unheard(self) -> None:
        introduction = IntroductionFactory()
        founder = founder_of(introduction.company)
        services.answer_introduction(
            introduction=introduction, consent=False, reason="시기가 이릅니다.", actor=founder, now=NOW
        )
        introduction.refresh_from_db()
        assert (introduction.state, introduction.note) == ("declined", "시기가 이릅니다.")
        assert DisclosureGrant.objects.count() == 0
        assert list(selectors.introductions_for(investor_of(introduction.firm))) == []

    def test_only_people_of_the_company_answer(self, manager: Any) -> None:
        introduction = IntroductionFactory()
        for actor in (manager, founder_of(CompanyFactory()), investor_of(introduction.firm), None):
            with pytest.raises(NotAllowed):
                services.answer_introduction(introduction=introduction, consent=True, actor=actor, now=NOW)
        assert DisclosureGrant.objects.count() == 0

    def test_refusals(self) -> None:
        introduction = IntroductionFactory(items=["contact"])
        founder = founder_of(introduction.company)

        def answer(**values: Any) -> None:
            services.answer_introduction(
                introduction=introduction, **{"consent": True, "actor": founder, "now": NOW, **values}
            )

        with pytest.raises(ItemsMissing):
            answer(items=[])
        with pytest.raises(UnknownItems):
            answer(items=["contact", "revenue"])
        Introduction.objects.update(until=TODAY - DAY)
        with pytest.raises(UntilPast):
            answer()
        Introduction.objects.update(until=TODAY)
        type(introduction.company).objects.update(visible_to_investors=False)
        with pytest.raises(CompanyHidden):
            answer()
        type(introduction.company).objects.update(visible_to_investors=True)
        answer()
        with pytest.raises(IntroductionAnswered):
            answer()

    def test_a_new_consent_takes_the_place_of_one_still_open(self) -> None:
        old = DisclosureGrantFactory(introduction__state="passed")
        introduction = IntroductionFactory(match=old.introduction.match)
        services.answer_introduction(
            introduction=introduction, consent=True, actor=founder_of(old.company), now=NOW
        )
        old.refresh_from_db()
        assert old.withdrawn_at == NOW
        assert DisclosureGrant.objects.filter(withdrawn_at=None).count() == 1


class TestWithdrawing:
    def test_it_closes_at_once_and_ends_the_introduction(self) -> None:
        grant = DisclosureGrantFactory(introduction__state="met")
        services.withdraw_disclosure(disclosure=grant, actor=founder_of(grant.company), now=NOW)
        grant.introduction.refresh_from_db()
        assert (grant.withdrawn_at, grant.introduction.state) == (NOW, "withdrawn")
        with pytest.raises(DisclosureClosed):
            services.withdraw_disclosure(disclosure=grant, actor=founder_of(grant.company), now=NOW)

    def test_an_introduction_that_has_ended_stays_as_it_was(self) -> None:
        grant = DisclosureGrantFactory(introduction__state="invested")
        services.withdraw_disclosure(disclosure=grant, actor=acting_staff("matching"), now=NOW)
        grant.introduction.refresh_from_db()
        assert grant.introduction.state == "invested"

    def test_others_may_not(self) -> None:
        grant = DisclosureGrantFactory()
        for actor in (founder_of(CompanyFactory()), investor_of(grant.firm), acting_staff("leases")):
            with pytest.raises(NotAllowed):
                services.withdraw_disclosure(disclosure=grant, actor=actor, now=NOW)


class TestOutcomes:
    def test_nothing_follows_before_the_company_agreed(self, manager: Any) -> None:
        introduction = IntroductionFactory(state="asked")
        with pytest.raises(OutcomeOutOfOrder):
            services.record_outcome(introduction=introduction, state="sent", actor=manager, now=NOW)

    def test_calling_off_closes_what_was_opened(self, manager: Any) -> None:
        grant = DisclosureGrantFactory()
        with pytest.raises(ReasonMissing):
            services.call_off_introduction(
                introduction=grant.introduction, reason=" ", actor=manager, now=NOW
            )
        services.call_off_introduction(
            introduction=grant.introduction, reason="투자사가 나갔습니다.", actor=manager, now=NOW
        )
        grant.refresh_from_db()
        grant.introduction.refresh_from_db()
        assert (grant.withdrawn_at, grant.introduction.state) == (NOW, "withdrawn")
        with pytest.raises(IntroductionAnswered):
            services.call_off_introduction(
                introduction=grant.introduction, reason="다시", actor=manager, now=NOW
            )

    def test_only_managers_of_matching_record(self) -> None:
        introduction = IntroductionFactory(state="consented")
        for actor in (
            acting_staff("credits"),
            founder_of(introduction.company),
            investor_of(introduction.firm),
        ):
            with pytest.raises(NotAllowed):
                services.record_outcome(introduction=introduction, state="sent", actor=actor, now=NOW)
            with pytest.raises(NotAllowed):
                services.call_off_introduction(introduction=introduction, reason="사유", actor=actor, now=NOW)


class TestTheDatabase:
    def refused(self, name: str, write: Any) -> None:
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            write()
        assert error.value.__cause__.diag.constraint_name == name

    def test_constraints_of_consents(self) -> None:
        grant = DisclosureGrantFactory()
        self.refused(
            "matching_one_live_disclosure", lambda: DisclosureGrantFactory(introduction=grant.introduction)
        )
        self.refused("matching_disclosure_in_order", lambda: DisclosureGrantFactory(since=date(2100, 1, 1)))
        self.refused("matching_disclosure_names_items", lambda: DisclosureGrantFactory(items=[]))
        self.refused("matching_disclosure_names_items", lambda: DisclosureGrantFactory(items=["passport"]))
        self.refused(
            "matching_disclosure_as_introduction", lambda: DisclosureGrantFactory(firm=FirmFactory())
        )

    def test_a_consent_is_never_deleted(self) -> None:
        grant = DisclosureGrantFactory()
        with pytest.raises(DatabaseError), transaction.atomic():
            grant.delete()

    def as_founder(self, introduction: Introduction, user: Any) -> Any:
        return database_role(Role.FOUNDER, user_id=user.pk, company_ids=[introduction.company_id])

    def denied(self, introduction: Introduction, sql: str) -> None:
        user = founder_of(introduction.company)
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            self.as_founder(introduction, user),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)

    def test_a_founder_can_answer_and_withdraw_and_nothing_else(self) -> None:
        asked = IntroductionFactory()
        for sql in (
            "UPDATE matching_introduction SET state = 'invested'",
            "UPDATE matching_introduction SET items = '{business_number}'",
            "UPDATE matching_introduction SET firm_id = firm_id",
            "DELETE FROM matching_introduction",
            "UPDATE matching_match SET score = 1",
            "SELECT email FROM firms_firm",
            "SELECT * FROM camp_disclosed(1)",
        ):
            self.denied(asked, sql)
        grant = DisclosureGrantFactory(withdrawn_at=NOW)
        user = founder_of(grant.company)
        with self.as_founder(grant.introduction, user), connection.cursor() as cursor:
            cursor.execute("UPDATE matching_disclosuregrant SET withdrawn_at = NULL")
            assert cursor.rowcount == 0

    def test_a_founder_cannot_consent_for_an_introduction_that_was_not_asked(self) -> None:
        declined = IntroductionFactory(state="declined")
        user = founder_of(declined.company)
        with pytest.raises(DatabaseError), transaction.atomic(), self.as_founder(declined, user):
            DisclosureGrantFactory.create(introduction=declined, granted_by=user)

    def test_the_services_work_under_the_founders_own_role(self) -> None:
        introduction = IntroductionFactory()
        founder = founder_of(introduction.company)
        with self.as_founder(introduction, founder):
            services.answer_introduction(introduction=introduction, consent=True, actor=founder, now=NOW)
            grant = DisclosureGrant.objects.for_company().get()
            services.withdraw_disclosure(disclosure=grant, actor=founder, now=NOW)
        introduction.refresh_from_db()
        assert introduction.state == "withdrawn"
