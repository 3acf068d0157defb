"""From a sheet to the services: fates, all or nothing, refusals with their place. People stand for all."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from incubator.accounts.models import User
from incubator.common.errors import DomainError
from incubator.common.sheets import Column, email, read_sheet, text
from incubator.common.sheets.command import LoadCommand
from incubator.common.sheets.loader import Loader, PlanChanged
from incubator.common.sheets.plan import Fate

pytestmark = pytest.mark.django_db

HEADING = "이메일,이름"


class NameRefused(DomainError):
    code = "name_refused"
    message = _("%(name)s may not come in.")
    field = "name"


class PeopleLoader(Loader[User]):
    subject = _("people")
    columns = (
        Column("email", ("이메일", "E-mail"), email()),
        Column("name", ("이름", "Name"), text(80)),
        Column("language", ("언어", "Language"), text(5), required=False, default="ko"),
    )
    key = ("email",)
    compared = {"name": "name", "language": "language"}

    def prepare(self, rows):
        self.known = {
            user.email: user for user in User.objects.filter(email__in=[row["email"] for row in rows])
        }

    def find(self, row):
        return self.known.get(row["email"])

    def check(self, row, existing):
        if row["name"] == "Nobody":
            yield row.issue("name", "Nobody is nobody.", "nobody")

    def create(self, row, *, actor, now):
        return self._save(User(email=row["email"]), row)

    def change(self, existing, row, changes, *, actor, now):
        return self._save(existing, row)

    def _save(self, user, row):
        if row["name"] == "Refused":
            raise NameRefused(name=row["name"])
        if row["name"] == "Unclean":
            raise ValidationError({"name": ValidationError(_("%(limit)s letters."), params={"limit": 3})})
        if row["name"] == "Clash":
            user.email = "taken@camp.example"
        user.name, user.language = row["name"], row["language"]
        user.save()
        return user


class Command(LoadCommand):
    loader_class = PeopleLoader


def sheet(*lines, heading=HEADING):
    data = "\r\n".join([heading, *lines]).encode()
    return read_sheet(io.BytesIO(data), "people.csv", PeopleLoader.columns)


def load(*lines, **options):
    heading = options.pop("heading", HEADING)
    return PeopleLoader().load(sheet(*lines, heading=heading), actor=None, now=timezone.now(), **options)


def people():
    return sorted(User.objects.values_list("email", "name"))


def fates(report):
    return [planned.fate for planned in report.plan.rows]


def places(report):
    return [(issue.line, issue.column, issue.value, issue.code) for issue in report.plan.issues]


def test_new_changed_and_unchanged_rows():
    first = load("a@camp.example,가", "b@camp.example,나")
    assert (first.written, fates(first)) == (True, [Fate.NEW, Fate.NEW])
    second = load("a@camp.example,가", "b@camp.example,다", "c@camp.example,라")
    assert fates(second) == [Fate.UNCHANGED, Fate.CHANGED, Fate.NEW]
    assert [
        (change.field, change.label, change.old, change.new) for change in second.plan.rows[1].changes
    ] == [("name", "이름", "나", "다")]
    assert people() == [("a@camp.example", "가"), ("b@camp.example", "다"), ("c@camp.example", "라")]


def test_loading_twice_changes_nothing():
    lines = ["a@camp.example,가", "b@camp.example,나"]
    load(*lines)
    again = load(*lines)
    assert str(again.counts) == "rows 2, new 0, changed 0, unchanged 2, rejected 0"
    assert again.written


def test_a_column_that_is_not_in_the_file_changes_nothing():
    load("a@camp.example,가,en", heading="이메일,이름,언어")
    assert fates(load("a@camp.example,가")) == [Fate.UNCHANGED]
    assert User.objects.get().language == "en"


def test_one_bad_cell_rejects_the_whole_file():
    report = load("a@camp.example,가", "b@camp,나")
    assert fates(report) == [Fate.NEW, Fate.REJECTED]
    assert places(report) == [(3, "이메일", "b@camp", "not_an_email")]
    assert (report.written, people()) == (False, [])


def test_a_check_of_the_domain_rejects_with_its_place():
    report = load("a@camp.example,가", "b@camp.example,Nobody")
    assert places(report) == [(3, "이름", "Nobody", "nobody")]
    assert (report.written, people()) == (False, [])


def test_a_refusal_of_a_service_rejects_its_row_and_takes_everything_back():
    report = load(
        "a@camp.example,가", "b@camp.example,Refused", "c@camp.example,Refused", "d@camp.example,라"
    )
    assert fates(report) == [Fate.NEW, Fate.REJECTED, Fate.REJECTED, Fate.NEW]
    assert places(report) == [(3, "이름", "Refused", "name_refused"), (4, "이름", "Refused", "name_refused")]
    with override("en"):
        assert str(report.plan.issues[0].reason) == "Refused may not come in."
    assert (report.written, people()) == (False, [])


def test_validation_errors_of_a_service_keep_their_words():
    report = load("a@camp.example,Unclean")
    assert places(report) == [(2, "이름", "Unclean", "invalid")]
    assert str(report.plan.issues[0].reason).startswith("3")


def test_a_refusal_of_the_database_rejects_its_row():
    load("taken@camp.example,가")
    report = load("a@camp.example,나", "b@camp.example,Clash")
    assert places(report) == [(3, "", "", "refused_by_database")]
    assert (report.written, people()) == (False, [("taken@camp.example", "가")])


def test_a_thing_that_is_named_twice_is_rejected_with_both_lines():
    report = load("a@camp.example,가", "b@camp.example,나", "A@camp.example,다")
    assert fates(report) == [Fate.REJECTED, Fate.NEW, Fate.REJECTED]
    with override("en"):
        assert [str(issue.reason) for issue in report.plan.issues] == [
            "The same one stands in the lines 2, 4."
        ] * 2


def test_a_dry_run_asks_the_services_and_writes_nothing():
    report = load("a@camp.example,가", "b@camp.example,Refused", dry_run=True)
    assert fates(report) == [Fate.NEW, Fate.REJECTED]
    report = load("a@camp.example,가", dry_run=True)
    assert (report.ok, report.written, str(report.counts)) == (
        True,
        False,
        "rows 1, new 1, changed 0, unchanged 0, rejected 0",
    )
    assert people() == []


def test_a_plan_makes_the_same_number_of_queries_for_one_row_and_for_many():
    load(*(f"p{number}@camp.example,{number}" for number in range(0, 50, 2)))
    counted = []
    for many in (1, 50):
        lines = [f"p{number}@camp.example,new" for number in range(many)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            PeopleLoader().plan(sheet(*lines), actor=None, today=timezone.localdate())
        counted.append(len(queries))
    assert counted == [1, 1]


def test_a_confirmation_of_another_plan_is_refused():
    lines = ["a@camp.example,가"]
    confirmed = load(*lines, dry_run=True).plan.digest
    User.objects.create(email="a@camp.example", name="누군가")
    with pytest.raises(PlanChanged):
        load(*lines, confirmed=confirmed)
    assert people() == [("a@camp.example", "누군가")]
    assert load(*lines, confirmed=load(*lines, dry_run=True).plan.digest).written


def test_apply_writes_a_plan():
    loader = PeopleLoader()
    plan = loader.plan(sheet("a@camp.example,가"), actor=None, today=timezone.localdate())
    assert people() == []
    assert loader.apply(plan, actor=None, now=timezone.now()).written
    assert people() == [("a@camp.example", "가")]


def run(path, *options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(Command(stdout=out, stderr=err), str(path), *options)
        status = 0
    except CommandError as error:
        status = error.returncode
        err.write(str(error))
    return status, out.getvalue(), err.getvalue()


def write(tmp_path, *lines):
    path = tmp_path / "people.csv"
    path.write_bytes("\r\n".join([HEADING, *lines]).encode("cp949"))
    return path


def test_the_command_loads_and_counts(tmp_path):
    path = write(tmp_path, "a@camp.example,가", "b@camp.example,나")
    assert run(path) == (0, "rows 2, new 2, changed 0, unchanged 0, rejected 0\n", "")
    assert run(path) == (0, "rows 2, new 0, changed 0, unchanged 2, rejected 0\n", "")
    assert len(people()) == 2


def test_the_command_can_be_tried_first(tmp_path):
    path = write(tmp_path, "a@camp.example,가")
    assert run(path, "--dry-run") == (0, "rows 1, new 1, changed 0, unchanged 0, rejected 0\n", "")
    assert people() == []


def test_the_command_names_rejected_rows_in_two_languages(tmp_path):
    status, out, err = run(write(tmp_path, "a@camp.example,가", "b@camp,나"))
    assert (status, out) == (1, "rows 2, new 1, changed 0, unchanged 0, rejected 1\n")
    first = err.splitlines()[0]
    assert "line 3, 이메일 “b@camp”: This is not an e-mail address." in first
    assert people() == []


def test_the_command_refuses_what_is_no_sheet(tmp_path):
    picture = tmp_path / "people.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n0000")
    status, out, err = run(picture)
    assert (status, out) == (1, "")
    assert "This is not a spreadsheet." in err


def test_the_command_without_a_file_is_wrong_usage(tmp_path):
    assert run(tmp_path / "nowhere.csv")[0] == 2
    assert run(tmp_path)[0] == 2
