"""Advisers from the managers' spreadsheet."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenants.consulting.enums import AdviceField, Affiliation, Language
from tenants.consulting.models import Adviser

pytestmark = pytest.mark.django_db

HEADER = "이름,이메일,소속,분야,언어,주당 가능시간\n"
ROWS = (
    '전문위원01,Adviser01@advice.example,법무법인,"특허, 해외진출","한국어, 영어",8\n'
    '전문위원02,adviser02@advice.example,VC,"투자유치, AI기술",한국어,8\n'
)


@pytest.fixture
def load(tmp_path):
    """Load a text as a file and give what the command says: its standard output, and its errors where it fails."""

    def run(text: str, *arguments: str, encoding: str = "utf-8") -> tuple[str, str]:
        file = tmp_path / "advisers.csv"
        file.write_bytes(text.encode(encoding))
        out, err = StringIO(), StringIO()
        failure = ""
        try:
            call_command("load_advisers", str(file), *arguments, stdout=out, stderr=err)
        except CommandError as error:
            failure = f"{error.returncode} {error}"
        return out.getvalue().strip(), err.getvalue() + failure

    return run


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_loads_and_changes_nothing_the_second_time(load, encoding):
    assert load(HEADER + ROWS, encoding=encoding)[0] == "rows 2, new 2, changed 0, unchanged 0, rejected 0"
    assert load(HEADER + ROWS, encoding=encoding)[0] == "rows 2, new 0, changed 0, unchanged 2, rejected 0"
    adviser = Adviser.objects.get(email="adviser01@advice.example")
    assert (adviser.name, adviser.affiliation, adviser.weekly_hours, adviser.active) == (
        "전문위원01",
        Affiliation.LAW_FIRM,
        8,
        True,
    )
    assert (adviser.fields, adviser.languages) == (
        [AdviceField.PATENTS, AdviceField.GLOBAL],
        [Language.KOREAN, Language.ENGLISH],
    )


def test_a_changed_row_changes_its_adviser(load):
    load(HEADER + ROWS)
    changed = ROWS.replace("한국어,8", "한국어,4").replace("투자유치, AI기술", "회계")
    assert load(HEADER + changed)[0] == "rows 2, new 0, changed 1, unchanged 1, rejected 0"
    adviser = Adviser.objects.get(email="adviser02@advice.example")
    assert (adviser.weekly_hours, adviser.fields) == (4, ["accounting"])


def test_a_dry_run_writes_nothing(load):
    assert load(HEADER + ROWS, "--dry-run")[0] == "rows 2, new 2, changed 0, unchanged 0, rejected 0"
    assert Adviser.objects.count() == 0


def test_reads_english_headers_and_words(load):
    header = "Name,E-mail,Affiliation,Advises on,Languages,Hours a week\n"
    text = header + "Ada,ada@advice.example,University,Patents; Legal matters,English,2\n"
    assert load(text)[0] == "rows 1, new 1, changed 0, unchanged 0, rejected 0"
    assert Adviser.objects.get().fields == ["patents", "legal"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("전문위원03,주소아님,VC,특허,한국어,8\n", ("4", "이메일", "주소아님")),
        ("전문위원03,a@advice.example,도사,특허,한국어,8\n", ("4", "소속", "도사")),
        ("전문위원03,a@advice.example,VC,점술,한국어,8\n", ("4", "분야", "점술")),
        ("전문위원03,a@advice.example,VC,특허,라틴어,8\n", ("4", "언어", "라틴어")),
        ("전문위원03,a@advice.example,VC,특허,한국어,-1\n", ("4", "주당 가능시간", "-1")),
        ("전문위원03,a@advice.example,VC,특허,한국어,169\n", ("4", "주당 가능시간", "169")),
        (",a@advice.example,VC,특허,한국어,8\n", ("4", "이름")),
        ("전문위원03,ADVISER01@advice.example,VC,특허,한국어,8\n", ("4", "이메일")),
    ],
)
def test_one_bad_row_and_nothing_is_written(load, row, words):
    out, err = load(HEADER + ROWS + row)
    assert out.endswith(("rejected 1", "rejected 2"))
    assert err.endswith("1 nothing was written")
    assert Adviser.objects.count() == 0
    for word in words:
        assert word in err


def test_a_missing_column_is_named(load):
    out, err = load((HEADER + ROWS).replace("언어,", ""))
    assert (out, err[:2], Adviser.objects.count()) == ("", "1 ", 0)
    assert "언어" in err
