"""Storage levels: what is read, what is refused, and that reading twice changes nothing."""

import tracemalloc
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO, RawIOBase
from itertools import islice

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.accounts.enums import Kind, StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import DomainError, Invalid, NotAllowed
from tenants.compute import selectors, services
from tenants.compute.errors import NotUsage, ReasonMissing, StorageGrantOver, UnknownCluster, WrongPeriod
from tenants.compute.models import StorageGrant, StorageLevel, UsageImport
from tenants.compute.selectors import storage
from tenants.compute.storage_csv import TERABYTE, Level, StorageFileError, read_storage
from tests.factories.accounts import acting, acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import CLUSTER, NOW, YEAR, make_cluster

DAY = date(2026, 11, 20)
HEADER = "cluster,account,day,granted_tb,used_tb"


def text(*rows, header=HEADER):
    return "".join(f"{row}\n" for row in (header, *rows)).encode()


def imported(*rows, header=HEADER, now=NOW, cluster=CLUSTER, actor=None):
    make_cluster()
    return services.import_storage(
        BytesIO(text(*rows, header=header)), cluster=cluster, actor=actor, now=now, file_name="storage.csv"
    )


def one(row, header=HEADER):
    [found] = read_storage(text(row, header=header))
    return found


class TestReading:
    def test_a_row(self):
        assert one("camp,gj001,2026-11-20,10,3.141592653589") == Level(
            2, "camp", "gj001", DAY, 10 * TERABYTE, 3_141_592_653_589
        )

    @pytest.mark.parametrize(
        ("header", "row"),
        [
            ("클러스터,계정,일자,배정 TB,사용 TB", "camp,gj001,2026. 11. 20.,10,1"),
            ("사용량(TB),배정량(TB),기준일,계정,클러스터", "1,10,20261120,gj001,camp"),
            ("\ufeffUsed_TB,note,Granted_TB,Day,Account,Cluster", '"1.000","a,b",10,2026.11.20,gj001,camp'),
        ],
    )
    def test_headers_in_any_order_and_either_language(self, header, row):
        found = one(row, header)
        assert found[1:] == ("camp", "gj001", DAY, 10 * TERABYTE, TERABYTE)

    def test_as_korean_excel_saves_it(self):
        rows = read_storage(
            "클러스터,계정,일자,배정TB,사용TB\r\ncamp,광주계정,2026-11-20,,1\r\n".encode("cp949")
        )
        assert [row[1:] for row in rows] == [("camp", "광주계정", DAY, None, TERABYTE)]

    @pytest.mark.parametrize(
        ("row", "code", "column"),
        [
            ("camp,gj001,2026-11-20,10", "too_few_columns", ""),
            ("camp,gj001,2026-11-20,10,1,2", "more_columns", ""),
            ('camp,"gj001,2026-11-20,10,1', "bad_quotes", ""),
            (",gj001,2026-11-20,10,1", "empty_value", "cluster"),
            ("camp,,2026-11-20,10,1", "empty_value", "account"),
            ("camp," + "x" * 256 + ",2026-11-20,10,1", "text_too_long", "account"),
            ("camp,gj001,2026-02-30,10,1", "bad_day", "day"),
            ("camp,gj001,20.11.2026,10,1", "bad_day", "day"),
            ("camp,gj001,1026-11-20,10,1", "bad_day", "day"),
            ("camp,gj001,2026-11-20,10,", "empty_value", "used_tb"),
            ("camp,gj001,2026-11-20,10,-1", "negative", "used_tb"),
            ("camp,gj001,2026-11-20,ten,1", "bad_amount", "granted_tb"),
            ("camp,gj001,2026-11-20,10,1e3", "bad_amount", "used_tb"),
            ("camp,gj001,2026-11-20,10,NaN", "bad_amount", "used_tb"),
            ("camp,gj001,2026-11-20,10,0.0000000000001", "too_fine", "used_tb"),
            ("camp,gj001,2026-11-20,10,1070000", "overflow", "used_tb"),
            ("camp,gj\0001,2026-11-20,10,1", "nul_byte", ""),
        ],
    )
    def test_a_row_that_cannot_be_used_says_why(self, row, code, column):
        found = one(row)
        assert (found.line, found.code, found.column) == (2, code, column)

    def test_neither_utf8_nor_cp949(self):
        [found] = read_storage(text() + b"camp,\xff\xff,2026-11-20,1,1\n")
        assert found.code == "unknown_encoding"

    def test_a_file_cut_in_the_middle_of_a_line(self):
        *_rest, last = read_storage(text("camp,gj001,2026-11-20,10,1", "camp,gj002,2026-11-20,10,12")[:-2])
        assert (last.line, last.code) == (3, "cut_line")

    @pytest.mark.parametrize(
        ("header", "code", "columns"),
        [
            (b"", "empty", ""),
            (b"cluster,account,day\n", "missing", "granted_tb, used_tb"),
            (b"cluster,account,day,granted_tb,used_tb,used_tb\n", "twice", "used_tb"),
            (b"\xff\xfe\n", "missing", "cluster, account, day, granted_tb, used_tb"),
        ],
    )
    def test_no_header_no_import(self, header, code, columns):
        with pytest.raises(StorageFileError) as refused:
            read_storage(header)
        assert (refused.value.code, refused.value.params["columns"]) == (code, columns)

    def test_memory_does_not_grow_with_the_file_nor_with_a_line(self):
        tracemalloc.start()
        rows = read_storage(_Long())
        assert [row.code for row in rows if not isinstance(row, Level)] == ["line_too_long"]
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2_000_000


class _Long(RawIOBase):
    """200,000 rows of 40 bytes, and one of 20 MB."""

    def __init__(self):
        self._pieces = iter(
            [
                text(),
                *([b"camp,gj001,2026-11-20,10,1.500000000000\n" * 1_000] * 200),
                *([b"x" * 65_536] * 300),
                b"\n",
            ]
        )

    def read(self, size=-1):
        return b"".join(islice(self._pieces, 1))


pytestmark = pytest.mark.django_db


class TestImporting:
    def test_counts_and_digest(self):
        company = CompanyFactory(cluster_account="gj901")
        rows = ("camp,gj901,2026-11-20,10,1", "camp,nobody,2026-11-20,5,5", "other,gj901,2026-11-20,1,1", "x")
        done = imported(*rows)
        assert done.counts == "read 4, new 2, changed 0, unchanged 0, unattributed 1, rejected 2"
        assert done.sha256 == sha256(text(*rows)).hexdigest()
        assert [(row.line, row.code) for row in done.rejected_rows.all()] == [
            (4, "other_cluster"),
            (5, "too_few_columns"),
        ]
        assert storage.storages_of(acting_staff(StaffGroup.CREDITS), DAY).keys() == {company.pk}

    def test_the_same_file_again_changes_nothing(self):
        CompanyFactory(cluster_account="gj901")
        rows = [f"camp,gj901,2026-10-{day:02},10,{day}" for day in range(1, 31)]
        imported(*rows)
        before = list(StorageLevel.objects.order_by("pk").values())
        assert imported(*rows).counts == "read 30, new 0, changed 0, unchanged 30, unattributed 0, rejected 0"
        assert list(StorageLevel.objects.order_by("pk").values()) == before

    def test_a_corrected_day_is_a_new_revision(self):
        imported("camp,gj901,2026-11-20,10,1")
        done = imported("camp,gj901,2026-11-20,10,2")
        assert (done.new, done.changed) == (0, 1)
        levels = list(
            StorageLevel.objects.order_by("revision").values_list("revision", "is_current", "used_bytes")
        )
        assert levels == [(1, False, TERABYTE), (2, True, 2 * TERABYTE)]

    def test_a_day_twice_in_one_file_counts_as_it_stands_last(self):
        done = imported("camp,a,2026-11-20,10,1", "camp,a,2026-11-20,10,1", "camp,a,2026-11-20,10,3")
        assert (done.new, done.unchanged, done.changed) == (1, 1, 1)
        assert StorageLevel.objects.get(is_current=True).used_bytes == 3 * TERABYTE

    def test_a_day_to_come_is_refused(self):
        tomorrow, after = (NOW.date() + timedelta(days=ahead) for ahead in (1, 2))
        done = imported(f"camp,a,{tomorrow},1,1", f"camp,a,{after},1,1")
        assert [row.code for row in done.rejected_rows.all()] == ["future_day"]

    def test_what_nobody_claimed_goes_to_whom_the_account_is_assigned(self):
        imported("camp,lost,2026-11-20,10,1", "camp,lost,2026-11-19,10,2")
        company = CompanyFactory()
        services.assign_account(
            cluster=make_cluster(), account="lost", company=company, reason="theirs", actor=None, now=NOW
        )
        current = StorageLevel.objects.filter(is_current=True)
        assert {(level.company_id, level.revision) for level in current} == {(company.pk, 2)}
        done = imported("camp,lost,2026-11-20,10,1")
        assert (done.unchanged, done.unattributed) == (1, 0)

    def test_who_may(self):
        with pytest.raises(UnknownCluster):
            imported("camp,a,2026-11-20,1,1", cluster="elsewhere")
        with pytest.raises(NotAllowed):
            imported(actor=acting_staff(StaffGroup.LEASES))
        with pytest.raises(NotUsage, match="used_tb"):
            imported(header="cluster,account,day,granted_tb")
        assert not UsageImport.objects.exists()

    def test_a_level_is_neither_changed_nor_deleted(self):
        imported("camp,a,2026-11-20,1,1")
        for change in (
            lambda: StorageLevel.objects.update(used_bytes=0),
            lambda: StorageLevel.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()


class TestGrants:
    def give(self, company, tb=10, **values):
        return services.grant_storage(
            **{
                "company": company,
                "cluster": make_cluster(),
                "tb": tb,
                "period": YEAR,
                "reason": "x",
                "actor": None,
                "now": NOW,
                **values,
            }
        )

    def test_grants_of_a_day_add_up_and_the_last_levels_are_what_is_used(self):
        mine, other = CompanyFactory(cluster_account="gj901"), CompanyFactory(cluster_account="gj902")
        self.give(mine, 10)
        self.give(mine, 5, period=DateRange(date(2026, 11, 1), date(2026, 11, 21)))
        self.give(other, 7)
        imported(
            "camp,gj901,2026-11-18,99,3",
            "camp,gj901,2026-11-20,99,4",
            "camp,gj902,2026-11-20,99,6",
        )
        founder = acting(founder_of(mine), Kind.FOUNDER, mine.pk)
        found = storage.storage_of(founder, DAY)
        assert (found.granted, found.used, found.as_of) == (15 * TERABYTE, 4 * TERABYTE, DAY)
        assert storage.storage_of(founder, date(2026, 11, 21)).granted == 10 * TERABYTE
        assert storage.storage_of(founder, date(2026, 11, 19)).used == 3 * TERABYTE

    def test_without_a_grant_the_centres_own_figure_stands(self):
        mine = CompanyFactory(cluster_account="gj901")
        imported("camp,gj901,2026-11-20,99,4")
        assert storage.storages_of(None, DAY)[mine.pk].granted == 99 * TERABYTE

    @pytest.mark.parametrize(
        ("values", "error"),
        [
            ({"tb": 0}, Invalid),
            ({"tb": 2_000_000}, Invalid),
            ({"reason": " "}, ReasonMissing),
            ({"period": DateRange(DAY, DAY)}, WrongPeriod),
            ({"period": DateRange(DAY, None)}, WrongPeriod),
            ({"actor": acting_staff}, NotAllowed),
        ],
    )
    def test_refusals(self, values, error):
        if "actor" in values:
            values = {"actor": acting_staff(StaffGroup.CONSULTING)}
        with pytest.raises(error) as refused:
            self.give(CompanyFactory(), **values)
        assert isinstance(refused.value, DomainError)

    def test_the_database_refuses_what_the_service_does(self):
        granted = self.give(CompanyFactory())
        for change in ({"tb": 0}, {"reason": " "}, {"period": DateRange(DAY, None)}):
            with pytest.raises(IntegrityError), transaction.atomic():
                StorageGrant.objects.filter(pk=granted.pk).update(**change)

    def test_a_grant_ends_earlier_and_never_later(self):
        granted = self.give(CompanyFactory())
        end = {"storage_grant": granted, "reason": "moved out", "actor": None, "now": NOW}
        ended = services.end_storage(last_day=DAY, **end)
        assert ended.period.upper == DAY + timedelta(days=1)
        with pytest.raises(StorageGrantOver):
            services.end_storage(last_day=DAY, **end)
        with pytest.raises(WrongPeriod):
            services.end_storage(last_day=date(2025, 12, 31), **end)


def test_a_founder_reads_the_own_rows_alone():
    mine, other = CompanyFactory(cluster_account="gj901"), CompanyFactory(cluster_account="gj902")
    for company in (mine, other):
        TestGrants().give(company)
    imported("camp,gj901,2026-11-20,9,4", "camp,gj902,2026-11-20,9,4", "camp,lost,2026-11-20,9,4")
    founder = founder_of(mine)
    role = {"user_id": founder.pk, "company_ids": [mine.pk]}
    with database_role(Role.FOUNDER, **role):
        for model in (StorageGrant, StorageLevel):
            assert {row.company_id for row in model.objects.all()} == {mine.pk}
    for model in (StorageGrant, StorageLevel):
        with pytest.raises(ProgrammingError, match="permission denied"), database_role(Role.FOUNDER, **role):
            model.objects.update(company=mine)
        with pytest.raises(ProgrammingError, match="permission denied"), database_role(Role.INVESTOR, **role):
            model.objects.count()


class TestAdmin:
    @pytest.fixture
    def manager(self, client):
        return sign_in(client, staff_member(StaffGroup.CREDITS))

    def test_a_manager_grants_ends_and_imports(self, manager, django_capture_on_commit_callbacks):
        cluster, company = make_cluster(), CompanyFactory(cluster_account="gj901")
        form = {
            "company": company.pk,
            "cluster": cluster.pk,
            "tb": 10,
            "first_day": "2026.1.1",
            "last_day": "20261231",
            "reason": "first round",
        }
        assert manager.post("/admin/compute/storagegrant/add/", form).status_code == 302
        granted = StorageGrant.objects.get()
        assert (granted.period.lower, granted.period.upper) == (YEAR.lower, YEAR.upper)
        path = f"/admin/compute/storagegrant/{granted.pk}/end/"
        assert manager.post(path, {"last_day": "2026-12-30", "reason": "asked"}).status_code == 302
        granted.refresh_from_db()
        assert granted.period.upper == date(2026, 12, 31)
        file = SimpleUploadedFile("levels.csv", text("camp,gj901,2026-01-20,10,1"))
        with django_capture_on_commit_callbacks(execute=True):
            answer = manager.post(
                "/admin/compute/storagelevel/upload/", {"cluster": cluster.pk, "file": file}
            )
        assert answer.status_code == 302
        done = UsageImport.objects.get()
        assert answer.url == f"/admin/compute/usageimport/{done.pk}/change/"
        assert (done.source, done.state, done.new) == ("storage", "imported", 1)
        for page in ("storagegrant/", "storagelevel/", f"storagegrant/{granted.pk}/change/"):
            assert manager.get(f"/admin/compute/{page}").status_code == 200

    def test_a_file_that_is_no_storage_fails_with_the_reason(
        self, manager, django_capture_on_commit_callbacks
    ):
        file = SimpleUploadedFile("levels.csv", b"a,b,c\n")
        with django_capture_on_commit_callbacks(execute=True):
            manager.post("/admin/compute/storagelevel/upload/", {"cluster": make_cluster().pk, "file": file})
        failed = UsageImport.objects.get()
        assert (failed.state, "used_tb" in failed.failure) == ("failed", True)


def test_storage_does_not_pass_for_usage():
    """When usage was last read in is another matter."""
    imported("camp,a,2026-11-20,1,1", now=datetime(2026, 11, 22, 5, tzinfo=UTC))
    assert selectors.last_import_at() is None


def test_the_command_reads_it_too(tmp_path, capsys):
    make_cluster()
    path = tmp_path / "storage.csv"
    path.write_bytes(text("camp,a,2026-01-20,1,1"))
    for counts in ("new 1, changed 0, unchanged 0", "new 0, changed 0, unchanged 1"):
        call_command("import_usage", str(path), source="storage", cluster="camp")
        assert counts in capsys.readouterr().out
    path.write_bytes(text("camp,a,2026-01-20,1,x"))
    with pytest.raises(CommandError):
        call_command("import_usage", str(path), source="storage", cluster="camp")
    assert "line 2: used_tb" in capsys.readouterr().err
