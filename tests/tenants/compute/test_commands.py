"""The two commands, as a script sees them: their lines and exit status."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tenants.compute.models import Cluster, CreditAccount, UsageImport
from tests.factories.companies import CompanyFactory
from tests.factories.compute import CLUSTER, NINE, grant, import_rows, sacct, sacct_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "sacct.txt"
    rows = [
        sacct_row(1, "gj901", seconds=25, units="cpu=8,gres/gpu:h100=2,gres/gpu=2,mem=32000M,node=1"),
        sacct_row(2, "lab"),
        sacct_row(3, "gj901", state="RUNNING", end="Unknown"),
    ]
    path.write_bytes(sacct(*rows))
    return path


def run(*arguments: str) -> tuple[list[str], list[str], int]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue().splitlines(), [*err.getvalue().splitlines(), str(error)], error.returncode
    return out.getvalue().splitlines(), err.getvalue().splitlines(), 0


def importing(file: Path | str, cluster: str = CLUSTER) -> tuple[list[str], list[str], int]:
    return run("import_usage", "--source", "slurm", "--cluster", cluster, str(file))


def test_an_import_says_what_it_read(text_file):
    CompanyFactory(cluster_account="gj901")
    first = ["read 3, new 3, changed 0, unchanged 0, unattributed 1, rejected 0", "held 1"]
    assert importing(text_file) == (first, [], 0)
    again = ["read 3, new 0, changed 0, unchanged 3, unattributed 1, rejected 0", "held 1"]
    assert importing(text_file) == (again, [], 0)


def test_rejected_rows_are_named_and_the_status_is_1(text_file):
    text_file.write_bytes(sacct(sacct_row(1, "x"), "2|camp"))
    out, err, status = importing(text_file)
    assert out == ["read 2, new 1, changed 0, unchanged 0, unattributed 1, rejected 1"]
    assert (err[0].startswith("line 3: "), status) == (True, 1)
    assert UsageImport.objects.get().rejected_rows.count() == 1


def test_a_cluster_that_nobody_registered_is_refused_by_name(text_file):
    importing(text_file)
    out, err, status = importing(text_file, "nowhere")
    assert (out, status) == ([], 1)
    assert "nowhere" in err[-1]
    assert list(Cluster.objects.values_list("name", flat=True)) == [CLUSTER]


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path):
    for path in (tmp_path / "missing.txt", tmp_path):
        assert importing(path)[2] == 2


def test_standard_input(text_file, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text_file.read_bytes())))
    assert importing("-")[2] == 0


def test_check_ledger_in_json(text_file):
    CompanyFactory(cluster_account="gj901")
    importing(text_file)
    out, _err, status = run("check_ledger", "--json")
    found = json.loads("\n".join(out))
    assert status == 0
    assert (found["ok"], all(found["invariants"].values()), found["broken"]) == (True, True, {})
    assert (found["charged"], found["suspense"], found["held_jobs"]) == ({"gj901": 3_358_000}, 8_000, 1)


def test_a_broken_ledger_is_found_and_the_status_is_1():
    import_rows(sacct_row(1, "x"))
    with connection.cursor() as cursor:
        # As an intruder with the database's own password would.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE compute_creditaccount SET balance_gflop = balance_gflop + 1 WHERE kind = 'suspense'"
        )
        cursor.execute("UPDATE compute_usagerecord SET charge_gflop = charge_gflop + 3")
        cursor.execute("SET LOCAL session_replication_role = origin")
    out, _err, status = run("check_ledger")
    broken = [line.split(":")[0].split()[1] for line in out if line.startswith("BROKEN")]
    assert broken == [
        "balances_replay",
        "sum_zero",
        "chains_link",
        "postings_hold",
        "records_charged",
        "charges_recomputed",
        "tallies_hold",
        "suspense_waits",
    ]
    assert status == 1


def test_the_export_says_the_same_of_the_same_history(tmp_path):
    company = CompanyFactory(cluster_account="gj901")
    grant(company, 10_000, key="round-1")
    import_rows(sacct_row(1, "gj901"), sacct_row(2, "lab"))
    run("check_ledger", "--export", str(tmp_path / "one"))
    import_rows(sacct_row(2, "lab"), sacct_row(1, "gj901"))
    run("check_ledger", "--export", str(tmp_path / "two"))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    rows = [json.loads(line) for line in (tmp_path / "one").read_text().splitlines()]
    assert ["account", "lot:round-1", "lot", 2_000, 2] in [row[:5] for row in rows]
    assert len([row for row in rows if row[0] == "account"]) == CreditAccount.objects.count()
    assert [row[3:5] for row in rows if row[0] == "record"] == [[1, NINE], [2, NINE]]
