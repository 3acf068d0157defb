"""The programme managers' list of companies: all of it or nothing, and twice the same as once."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incubator.accounts.models import Invitation
from incubator.common.sheets import read_sheet
from tenants.companies.loaders import CompanyLoader
from tenants.companies.models import Company, Residency
from tests.factories.companies import CompanyFactory, ResidencyFactory, business_number

pytestmark = pytest.mark.django_db

HEADING = (
    "기업명,영문명,사업자등록번호,법인등록번호,대표자,이메일,설립일,분야,단계,소개,임직원수,연매출(원),투자희망액(원),"
    "입주일,투자사 공개,클러스터 계정"
)


def row(n=1, **values):
    cells = {
        "name": f"무등클라우드 {n}",
        "name_en": f"Mudeung Cloud {n}",
        "number": business_number(n),
        "corporate": "",
        "representative": "권서연",
        "email": f"founder{n}@camp.example",
        "founded": "2020/07/28",
        "sectors": '"음성·언어, 보안"',
        "stage": "프리A",
        "summary": "사고를 예방합니다.",
        "employees": "21",
        "revenue": '"812,000,000"',
        "ask": '"200,000,000"',
        "first_day": "2025. 12. 5.",
        "visible": "예",
        "account": f"gj{n:03}",
        **values,
    }
    return ",".join(cells.values())


def load(*rows, heading=HEADING, **options):
    text = "\n".join([heading, *rows])
    sheet = read_sheet(io.BytesIO(text.encode("cp949")), "companies.csv", CompanyLoader.columns)
    return CompanyLoader().load(sheet, actor=None, now=timezone.now(), **options)


def test_a_row_becomes_a_company_its_stay_and_an_invitation_that_waits(mailoutbox):
    assert str(load(row()).counts) == "rows 1, new 1, changed 0, unchanged 0, rejected 0"

    company = Company.objects.get()
    assert (
        company.slug,
        company.sectors,
        company.stage,
        company.revenue_krw,
        company.visible_to_investors,
    ) == (
        "mudeung-cloud-1",
        ["speech_language", "security"],
        "pre_a",
        812_000_000,
        True,
    )
    stay = Residency.objects.get()
    assert (stay.state, stay.period.lower, stay.period.upper) == ("resident", date(2025, 12, 5), None)
    assert list(Invitation.objects.values_list("email", "scope_id", "sent_at")) == [
        ("founder1@camp.example", company.pk, None)
    ]
    assert mailoutbox == []


def test_twice_is_once():
    load(row(1), row(2))
    assert str(load(row(1), row(2)).counts) == "rows 2, new 0, changed 0, unchanged 2, rejected 0"
    assert Invitation.objects.count() == 2


def test_changes_reach_company_and_stay_and_the_address_stays():
    load(row())
    report = load(row(name="새 이름", name_en="New Name", first_day="2026-01-01", sectors="보안", account=""))
    assert str(report.counts) == "rows 1, new 0, changed 1, unchanged 0, rejected 0"
    company = Company.objects.get()
    assert (company.name, company.slug, company.sectors, company.cluster_account) == (
        "새 이름",
        "mudeung-cloud-1",
        ["security"],
        None,
    )
    assert Residency.objects.get().period.lower == date(2026, 1, 1)


def test_a_graduate_loaded_again_stays_one():
    company = CompanyFactory(business_number=business_number(1))
    ResidencyFactory(company=company, state="graduated", period=(date(2025, 12, 5), date(2026, 6, 1)))
    report = load(row())
    assert report.ok
    assert Residency.objects.get().state == "graduated"


@pytest.mark.parametrize(
    ("values", "column", "code"),
    [
        ({"number": "123-45-67890"}, "사업자등록번호", "wrong_business_number"),
        ({"number": "12345"}, "사업자등록번호", "not_a_business_number"),
        ({"corporate": "110111"}, "법인등록번호", "not_a_corporate_number"),
        ({"founded": "2027. 2. 29."}, "설립일", "no_such_day"),
        ({"founded": "2090-01-01"}, "설립일", "future_day"),
        ({"sectors": "도박"}, "분야", "unknown_choice"),
        ({"stage": "유니콘"}, "단계", "unknown_choice"),
        ({"employees": "-3"}, "임직원수", None),
        ({"revenue": "많음"}, "연매출(원)", None),
        ({"email": "nobody"}, "이메일", None),
        ({"name": ""}, "기업명", None),
        ({"first_day": ""}, "입주일", None),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(values, column, code):
    report = load(row(1), row(2, **values))
    assert [(issue.line, issue.column) for issue in report.plan.issues] == [(3, column)]
    assert code in (None, report.plan.issues[0].code)
    assert (report.written, Company.objects.count()) == (False, 0)


def test_an_account_that_is_taken_is_named():
    CompanyFactory(cluster_account="gj002")
    report = load(row(1), row(2))
    assert [(issue.line, issue.column, issue.code) for issue in report.plan.issues] == [
        (3, "클러스터 계정", "cluster_account_taken")
    ]


def test_two_rows_of_one_account_are_refused_by_the_register():
    report = load(row(1), row(2, account="gj001"))
    assert [(issue.line, issue.code) for issue in report.plan.issues] == [(3, "cluster_account_taken")]
    assert Company.objects.count() == 0


def test_the_plan_costs_the_same_for_three_rows_as_for_one():
    load(*(row(n) for n in range(1, 4)))
    costs = []
    for count in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            load(*(row(n) for n in range(1, count + 1)))
        costs.append(len([each for each in queries if each["sql"].startswith("SELECT")]))
    assert costs[0] == costs[1]


def test_the_command_tells_what_it_did(tmp_path):
    file = tmp_path / "companies.csv"
    file.write_bytes(f"{HEADING}\n{row()}".encode("cp949"))
    out = io.StringIO()
    call_command("load_companies", str(file), "--dry-run", stdout=out)
    assert (out.getvalue(), Company.objects.count()) == (
        "rows 1, new 1, changed 0, unchanged 0, rejected 0\n",
        0,
    )
    call_command("load_companies", str(file), stdout=io.StringIO())
    assert Company.objects.count() == 1

    file.write_bytes("\n".join([HEADING, row(number="1234567890")]).encode())
    err = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("load_companies", str(file), stdout=io.StringIO(), stderr=err)
    assert refusal.value.returncode == 1
    assert "1234567890" in err.getvalue()
    with pytest.raises(CommandError) as missing:
        call_command("load_companies", str(tmp_path / "nothing.csv"))
    assert missing.value.returncode == 2
