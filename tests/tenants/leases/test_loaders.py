"""Managers' sheets: what is taken, what is refused, and that a second load changes nothing."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from incubator.common.periods import days
from incubator.common.sheets.reading import read_sheet
from tenants.leases.enums import LeaseState, SpaceKind
from tenants.leases.loaders import LeaseLoader, SpaceLoader
from tenants.leases.models import Building, Floor, Lease, LeaseTransition, Rate, Space
from tenants.leases.services import terminate_lease
from tests.factories.companies import CompanyFactory
from tests.factories.leases import BuildingFactory, FloorFactory, LeaseFactory, SpaceFactory, moment

pytestmark = pytest.mark.django_db

NOW = moment(2026, 11, 22)
SPACES = "건물,층,호실,유형,면적(㎡),정원,㎡당 월임대료(원),㎡당 월관리비(원)\n"
NUMBER = "사업자등록번호"
LEASES = "기업명,사업자등록번호,건물,호실,시작일,종료일,근거,상태\n"


def load(folder: Path, loader, text: str, *, encoding: str = "cp949", now=NOW, dry_run=False):
    file = folder / "sheet.csv"
    file.write_bytes(text.encode(encoding))
    found = loader()
    return found.load(read_sheet(file, file.name, found.columns), actor=None, now=now, dry_run=dry_run)


def problems(report):
    return [(issue.line, issue.column, issue.code) for issue in report.plan.issues]


@pytest.fixture
def company():
    return CompanyFactory(name="동명메디칼", business_number="5248106566")


@pytest.fixture
def space():
    building = BuildingFactory(name="제1 AI창업캠프")
    return SpaceFactory(floor=FloorFactory(building=building), code="408")


def test_spaces_with_their_floors_and_rates(tmp_path):
    text = (
        SPACES
        + '제1 AI창업캠프,4,408,독립형,33.06,6,"8,200","3,400원"\n제1 AI창업캠프,-1,D08,지정석,3.3,1,7500,3100\n'
    )
    assert (
        str(load(tmp_path, SpaceLoader, text).counts) == "rows 2, new 2, changed 0, unchanged 0, rejected 0"
    )
    room, desk = Space.objects.order_by("code")
    assert (room.floor.level, room.kind, room.area_m2, room.seats) == (4, SpaceKind.ROOM, Decimal("33.06"), 6)
    assert (desk.floor.level, desk.kind) == (-1, SpaceKind.DESK)
    rate = Rate.objects.get(space=room)
    assert (rate.period.lower, rate.period.upper, rate.rent_krw_per_m2, rate.fee_krw_per_m2) == (
        None,
        None,
        8_200,
        3_400,
    )
    assert (
        str(load(tmp_path, SpaceLoader, text).counts) == "rows 2, new 0, changed 0, unchanged 2, rejected 0"
    )


def test_a_changed_rate_holds_from_the_day_of_the_load(tmp_path):
    line = "제1 AI창업캠프,4,408,독립형,33,6,{},3400\n"
    load(tmp_path, SpaceLoader, SPACES + line.format("8200"))
    report = load(tmp_path, SpaceLoader, SPACES + line.format("9000"))
    assert report.counts.changed == 1
    rates = sorted(
        (str(rate.period.lower), str(rate.period.upper), rate.rent_krw_per_m2) for rate in Rate.objects.all()
    )
    assert rates == [("2026-11-22", "None", 9_000), ("None", "2026-11-22", 8_200)]
    assert load(tmp_path, SpaceLoader, SPACES + line.format("9000")).counts.unchanged == 1


def test_a_changed_space_keeps_its_leases(tmp_path, space):
    LeaseFactory(space=space)
    report = load(tmp_path, SpaceLoader, SPACES + "제1 AI창업캠프,5,408,지정석,40.5,9,8200,3400\n")
    assert report.counts.changed == 1
    space.refresh_from_db()
    assert (space.floor.level, space.kind, space.area_m2, space.seats) == (
        5,
        SpaceKind.DESK,
        Decimal("40.50"),
        9,
    )


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("제1 AI창업캠프,4,408,독립형,-33,6,8200,3400", "면적(㎡)", "too_small"),
        ("제1 AI창업캠프,4,408,독립형,33.061,6,8200,3400", "면적(㎡)", "too_many_decimals"),
        ("제1 AI창업캠프,0,408,독립형,33,6,8200,3400", "층", "no_such_floor"),
        ("제1 AI창업캠프,4,408,강당,33,6,8200,3400", "유형", "unknown_choice"),
        ("제1 AI창업캠프,4,408,독립형,33,0,8200,3400", "정원", "too_small"),
        ("제1 AI창업캠프,4,408,독립형,33,6,-1,3400", "㎡당 월임대료(원)", "too_small"),
        ("제1 AI창업캠프,4,408,독립형,33,6,8200,9999999999", "㎡당 월관리비(원)", "too_large"),
        ("제1 AI창업캠프,4,,독립형,33,6,8200,3400", "호실", "empty_cell"),
    ],
)
def test_one_wrong_space_keeps_all_out(tmp_path, line, column, code):
    report = load(
        tmp_path, SpaceLoader, SPACES + "제1 AI창업캠프,4,407,독립형,33,6,8200,3400\n" + line + "\n"
    )
    assert problems(report) == [(3, column, code)]
    assert (Space.objects.count(), Floor.objects.count(), Building.objects.count()) == (0, 0, 0)


def test_a_space_named_twice_is_refused_on_both_lines(tmp_path):
    line = "제1 AI창업캠프,4,408,독립형,33,6,8200,3400\n"
    assert problems(load(tmp_path, SpaceLoader, SPACES + line * 2)) == [
        (2, "건물", "named_twice"),
        (3, "건물", "named_twice"),
    ]


def test_leases_with_their_last_day_included(tmp_path, company, space):
    text = LEASES + (
        "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026. 6. 9.,2027/06/08,창업지원 무상임대,입주중\n"
        "동명메디칼,5248106566,제1 AI창업캠프,408,2025.01.01,2026-06-08,창업지원 무상임대,종료\n"
        "동명메디칼,5248106566,제1 AI창업캠프,408,20270609,20280608,창업지원 무상임대,입주중\n"
    )
    report = load(tmp_path, LeaseLoader, text)
    assert (report.counts.new, problems(report)) == (3, [])
    found = [(lease.period, lease.state) for lease in Lease.objects.order_by("period")]
    assert found == [
        (days(date(2025, 1, 1), date(2026, 6, 8)), LeaseState.ENDED),
        (days(date(2026, 6, 9), date(2027, 6, 8)), LeaseState.ACTIVE),
        (days(date(2027, 6, 9), date(2028, 6, 8)), LeaseState.SIGNED),
    ]
    assert (
        str(load(tmp_path, LeaseLoader, text).counts) == "rows 3, new 0, changed 0, unchanged 3, rejected 0"
    )
    # A year later, whether the daily run has been there or not.
    later = moment(2028, 1, 1)
    assert load(tmp_path, LeaseLoader, text, now=later).counts.unchanged == 3
    Lease.objects.filter(state=LeaseState.ACTIVE).update(state=LeaseState.ENDED)
    assert load(tmp_path, LeaseLoader, text, now=later).counts.unchanged == 3


def test_a_changed_lease_is_put_right(tmp_path, company, space):
    line = "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,{},{},{}\n"
    load(tmp_path, LeaseLoader, LEASES + line.format("2027-06-08", "창업지원 무상임대", "입주중"))
    report = load(tmp_path, LeaseLoader, LEASES + line.format("2026-10-31", "사용허가", "종료"))
    assert [change.field for change in report.plan.rows[0].changes] == ["last_day", "legal_basis", "state"]
    lease = Lease.objects.get()
    assert (lease.period, lease.state) == (days(date(2026, 6, 9), date(2026, 10, 31)), LeaseState.ENDED)
    assert lease.legal_basis == "사용허가"
    assert [step.to_state for step in LeaseTransition.objects.all()] == ["active", "ended"]


def test_a_draft_becomes_the_lease_that_the_books_know(tmp_path, company, space):
    draft = LeaseFactory(
        company=company, space=space, state=LeaseState.DRAFT, period=days(date(2026, 6, 9), date(2027, 6, 8))
    )
    line = "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2027-06-08,창업지원 무상임대,입주중\n"
    assert load(tmp_path, LeaseLoader, LEASES + line).counts.changed == 1
    draft.refresh_from_db()
    assert draft.state == LeaseState.ACTIVE


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (
            "동명메디칼,124-81-00998,제1 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,입주중",
            "사업자등록번호",
            "wrong_number_of_company",
        ),
        (
            "없는회사,124-81-00998,제1 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,입주중",
            "사업자등록번호",
            "unknown_company",
        ),
        (
            "없는회사,524-81-06566,제1 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,입주중",
            "기업명",
            "wrong_name_of_company",
        ),
        (
            "동명메디칼,524-81-06567,제1 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,입주중",
            "사업자등록번호",
            "wrong_business_number",
        ),
        (
            "동명메디칼,524-81-06566,제9 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,입주중",
            "건물",
            "unknown_building",
        ),
        (
            "동명메디칼,524-81-06566,제1 AI창업캠프,499,2026-06-09,2027-06-08,무상임대,입주중",
            "호실",
            "unknown_space",
        ),
        (
            "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2027-02-29,무상임대,입주중",
            "종료일",
            "no_such_day",
        ),
        (
            "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2026-06-08,무상임대,입주중",
            "종료일",
            "end_before_start",
        ),
        (
            "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2030-06-08,무상임대,입주중",
            "종료일",
            "term_too_long",
        ),
        ("동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2027-06-08,,입주중", "근거", "empty_cell"),
        (
            "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,예정",
            "상태",
            "unknown_choice",
        ),
        (
            "동명메디칼,524-81-06566,제1 AI창업캠프,408,2025-06-09,2026-06-09,무상임대,입주중",
            "호실",
            "space_taken",
        ),
    ],
)
def test_one_wrong_lease_keeps_all_out(tmp_path, company, space, line, column, code):
    SpaceFactory(floor=space.floor, code="407")
    taken = LeaseFactory(space=space, period=days(date(2025, 6, 9), date(2026, 6, 8)), state=LeaseState.ENDED)
    good = "동명메디칼,524-81-06566,제1 AI창업캠프,407,2026-06-09,2027-06-08,무상임대,입주중\n"
    report = load(tmp_path, LeaseLoader, LEASES + good + line + "\n")
    assert problems(report) == [(3, column, code)]
    assert list(Lease.objects.all()) == [taken]


def test_two_lines_that_collide_name_the_later_one(tmp_path, company, space):
    line = "동명메디칼,524-81-06566,제1 AI창업캠프,408,{},{},무상임대,입주중\n"
    text = LEASES + line.format("2026-06-09", "2027-06-08") + line.format("2027-06-08", "2028-06-07")
    report = load(tmp_path, LeaseLoader, text)
    assert problems(report) == [(3, "호실", "space_taken")]
    assert "2026. 6. 9. (화)" in str(report.plan.issues[0])


def test_what_was_closed_here_is_not_opened_by_a_file(tmp_path, company, space):
    line = "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,입주중\n"
    load(tmp_path, LeaseLoader, LEASES + line)
    terminate_lease(lease=Lease.objects.get(), last_day=date(2026, 11, 1), reason="폐업", actor=None, now=NOW)
    assert problems(load(tmp_path, LeaseLoader, LEASES + line)) == [(2, "상태", "lease_closed")]


def test_a_dry_run_writes_nothing(tmp_path, company, space):
    line = "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-06-09,2027-06-08,무상임대,입주중\n"
    assert load(tmp_path, LeaseLoader, LEASES + line, dry_run=True).counts.new == 1
    assert Lease.objects.count() == 0


def test_the_plan_asks_the_same_however_long_the_file(
    tmp_path, company, space, django_assert_max_num_queries
):
    line = "동명메디칼,524-81-06566,제1 AI창업캠프,408,{0}-01-01,{0}-12-31,무상임대,종료\n"
    file = tmp_path / "sheet.csv"
    counts = []
    for years in (1, 3):
        file.write_text(LEASES + "".join(line.format(2010 + year) for year in range(years)), encoding="utf-8")
        loader = LeaseLoader()
        sheet = read_sheet(file, file.name, loader.columns)
        with django_assert_max_num_queries(50) as captured:
            loader.plan(sheet, actor=None, today=timezone.localdate(NOW))
        counts.append(len(captured))
    assert counts == [3, 3]


def test_the_commands(tmp_path, company):
    spaces, leases = tmp_path / "spaces.csv", tmp_path / "leases.csv"
    spaces.write_text(SPACES + "제1 AI창업캠프,4,408,독립형,33,6,8200,3400\n", encoding="utf-8-sig")
    leases.write_text(
        LEASES + "동명메디칼,524-81-06566,제1 AI창업캠프,408,2026-02-01,2027-01-31,무상임대,종료\n",
        encoding="utf-8-sig",
    )
    out = StringIO()
    call_command("load_spaces", spaces, stdout=out)
    call_command("load_leases", leases, stdout=out)
    assert out.getvalue() == ("rows 1, new 1, changed 0, unchanged 0, rejected 0\n" * 2)
    leases.write_text(
        LEASES + "동명메디칼,524-81-06566,제1 AI창업캠프,499,2026-02-01,2027-01-31,무상임대,종료\n",
        encoding="utf-8",
    )
    with pytest.raises(CommandError) as caught:
        call_command("load_leases", leases, stdout=StringIO(), stderr=StringIO())
    assert caught.value.returncode == 1
