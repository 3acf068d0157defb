"""The statement of support on paper: the same figures as its page, in two languages, and what it refuses."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from incubator.accounts.enums import StaffGroup
from incubator.common.display import day, hours, pfh, won_exact
from incubator.common.errors import NotAllowed
from tenants.papers.models import Paper
from tenants.portal.errors import DaysAhead, DaysReversed, NothingToState, RateMissing
from tenants.portal.statement import statement_of
from tenants.portal.support_paper import issue_support
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import LeaseFactory, SpaceFactory
from tests.factories.support import Supported, supported
from tests.queries import cost
from tests.tenants.papers.looking import texts, undrawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def home(now: datetime) -> Supported:
    return supported("A", now)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("days", [None, 15])
def test_the_paper_says_what_the_page_says(
    home: Supported, now: datetime, language: str, days: int | None
) -> None:
    today = timezone.localdate(now)
    first = today - timedelta(days=days) if days else None
    paper = issue_support(
        company=home.company, first=first, last=today, language=language, actor=home.founder, now=now
    )
    statement = statement_of(home.founder, home.company.pk, first=first, last=today)
    assert statement is not None
    pdf = paper.file.read()
    assert undrawn(pdf) == []
    text = " ".join("".join(texts(pdf)).split())
    with translation.override(language):
        figures = [
            won_exact(statement.rent_krw),
            won_exact(statement.fee_krw),
            won_exact(statement.total_krw),
            f"{pfh(statement.granted_gflop)} PF·h",
            f"{pfh(statement.used_gflop)} PF·h",
            hours(statement.minutes),
            f"{day(statement.first)} – {day(statement.last)}",
            *(each.firm.name for each in statement.introductions),
            *(line.lease.space.place for line in statement.lines),
        ]
    assert [figure for figure in figures if figure not in text] == []
    assert [value for _label, value in paper.content["face"] if value not in text] == []
    assert paper.title == {"ko": "지원 이력 확인서", "en": "Statement of support"}[language]


def test_managers_get_the_same_paper(home: Supported, now: datetime) -> None:
    today = timezone.localdate(now)
    papers = [
        issue_support(company=home.company, first=None, last=today, language="ko", actor=actor, now=now)
        for actor in (home.founder, acting_staff(StaffGroup.LEASES), None)
    ]
    assert papers[0].content["face"] == papers[1].content["face"] == papers[2].content["face"]
    assert papers[0].content["parts"] == papers[1].content["parts"] == papers[2].content["parts"]


def test_what_is_refused(home: Supported, now: datetime) -> None:
    today = timezone.localdate(now)

    def asked(error: type[Exception], **changes: object) -> None:
        values = {
            "company": home.company,
            "first": None,
            "last": today,
            "language": "ko",
            "actor": home.founder,
            "now": now,
            **changes,
        }
        with pytest.raises(error):
            issue_support(**values)  # type: ignore[arg-type]

    asked(DaysAhead, last=today + timedelta(days=1))
    asked(DaysReversed, first=today, last=today - timedelta(days=1))
    asked(NotAllowed, actor=founder_of(CompanyFactory()))
    asked(NotAllowed, actor=acting_staff(StaffGroup.AUDITOR))
    empty = CompanyFactory()
    asked(NothingToState, company=empty, actor=founder_of(empty))
    LeaseFactory(company=home.company, space=SpaceFactory(), period=home.lease.period)
    asked(RateMissing)
    assert not Paper.objects.exists()


def test_the_founder_issues_it_from_the_page(home: Supported, now: datetime, client: Client) -> None:
    sign_in(client, home.founder)
    today = timezone.localdate(now)
    page = client.get("/portal/statement/", {"from": str(today), "to": str(today)}).content.decode()
    assert f"/portal/statement/paper/?from={today}&amp;to={today}" in page
    path = "/portal/statement/paper/"
    asked = client.get(path, {"from": str(today - timedelta(days=3))}).content.decode()
    assert str(today - timedelta(days=3)) in asked
    assert cost(client, path) <= 12
    refused = client.post(path, {"from": str(today), "to": "2020-01-01", "language": "ko"})
    assert (refused.status_code, Paper.objects.count()) == (200, 0)
    done = client.post(path, {"from": "", "to": "", "language": "en"}, follow=True)
    paper = Paper.objects.get()
    assert (paper.company, paper.language) == (home.company, "en")
    assert paper.code_shown in done.content.decode()


def test_a_manager_issues_it_in_the_admin(home: Supported, now: datetime, client: Client) -> None:
    sign_in(client, staff_member(StaffGroup.LEASES))
    path = "/admin/papers/paper/issue-support/"
    today = timezone.localdate(now)
    ahead = client.post(
        path, {"company": home.company.pk, "language": "ko", "last": str(today + timedelta(days=2))}
    )
    assert ahead.status_code == 200
    assert (
        client.post(path, {"company": home.company.pk, "language": "ko", "last": str(today)}).status_code
        == 302
    )
    assert Paper.objects.get().kind == "support"
