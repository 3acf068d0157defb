"""The proofs, made again from what the database holds with the functions that define them."""

from datetime import date
from itertools import pairwise

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tenants.compute import proof, services
from tenants.compute.models import LedgerEntry, Resource, Transfer, UsagePosting, UsageRecord
from tests.factories.companies import CompanyFactory
from tests.factories.compute import NINE, NOW, grant, import_rows, sacct_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def history():
    """Two grants, usage, a correction, a claw-back and a reversal."""
    company = CompanyFactory(cluster_account="gj901")
    first, second = grant(company, 20_000), grant(company, 10**9)
    import_rows(
        sacct_row(1, "gj901"),
        sacct_row(2, "gj901", units="cpu=1,gres/gpu:h100=1", user="민지"),
        sacct_row(3, "lab", state="CANCELLED by 7", start="None", seconds=0, units=""),
        sacct_row(4, "gj901", submit=NINE + 15 * 3600 - 10),
    )
    import_rows(sacct_row(1, "gj901", seconds=60))
    services.claw_back(allocation=second, amount_gflop=5, reason="x", actor=None, now=NOW)
    return company, first, second


def epoch(moment):
    return None if moment is None else int(moment.timestamp())


def test_every_link_of_every_chain(history):
    entries = list(LedgerEntry.objects.select_related("account", "transfer").order_by("account", "seq"))
    assert len(entries) == 2 * Transfer.objects.count() >= 20
    for entry in entries:
        assert entry.hash == proof.entry_hash(
            entry.previous_hash, entry.account.code, entry.seq, entry.gflop, entry.balance_gflop,
            entry.transfer.payload_hash,
        )  # fmt: skip
        if entry.seq == 1:
            assert entry.previous_hash == proof.GENESIS
    for one, two in pairwise(entries):
        if one.account_id == two.account_id:
            assert (two.previous_hash, two.seq) == (one.hash, one.seq + 1)
    heads = {entry.account_id: entry for entry in entries}
    for head in heads.values():
        account = head.account
        assert (account.head_hash, account.entries, account.balance_gflop) == (
            head.hash,
            head.seq,
            head.balance_gflop,
        )


def test_every_transfer_says_what_its_hash_covers(history):
    for transfer in Transfer.objects.select_related("debit", "credit", "usage_posting"):
        assert transfer.payload_hash == proof.payload_hash(
            transfer.idempotency_key,
            transfer.kind,
            transfer.amount_gflop,
            transfer.debit.code,
            transfer.credit.code,
            transfer.reason,
            transfer.effective_at,
            transfer.usage_posting.digest if transfer.usage_posting else "",
        )


def test_every_posting_covers_its_records(history):
    postings = list(UsagePosting.objects.select_related("company", "cluster"))
    assert len(postings) == 4
    for posting in postings:
        lines = [
            proof.record_line(
                record.kind, record.job_id, epoch(record.submit_at), record.revision, record.user, record.state,
                epoch(record.started_at), epoch(record.ended_at), record.elapsed_seconds, record.held,
                record.charge_gflop,
            )
            for record in posting.records.order_by("pk")
        ]  # fmt: skip
        head = proof.posting_head(
            posting.cluster.name,
            posting.account,
            posting.company.business_number if posting.company else "",
            posting.start_day,
            posting.end_day,
            posting.rates,
        )
        assert posting.digest == proof.posting_digest(head, lines)
        assert posting.charge_gflop == sum(record.charge_gflop for record in posting.records.all())
        assert posting.records_count == len(lines)


def test_held_units_are_read_back():
    units = {"cpu": 8, "gres/gpu:h100": 2, "mem": 0, "odd=name": 3}
    assert proof.held_units(proof.held_text(units)) == units
    assert proof.held_units("") == {}


class TestDatabase:
    def refused(self, sql: str) -> None:
        with (
            pytest.raises((ProgrammingError, IntegrityError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)

    def test_nobody_forges_or_takes_out_a_link(self, history):
        self.refused("UPDATE compute_ledgerentry SET gflop = gflop + 1")
        self.refused("DELETE FROM compute_ledgerentry")
        self.refused(
            "INSERT INTO compute_ledgerentry (account_id, transfer_id, seq, gflop, balance_gflop, previous_hash, hash)"
            " SELECT account_id, transfer_id, seq + 100, 1, 1, hash, hash FROM compute_ledgerentry LIMIT 1"
        )
        self.refused("UPDATE compute_creditaccount SET head_hash = 'x'")

    def test_nobody_adds_to_a_sealed_posting_or_changes_it(self, history):
        self.refused("UPDATE compute_usageposting SET digest = repeat('0', 64)")
        self.refused("DELETE FROM compute_usageposting")
        columns = ", ".join(
            f'"{field.column}"' for field in UsageRecord._meta.concrete_fields if not field.primary_key
        )
        self.refused(
            f"INSERT INTO compute_usagerecord ({columns}) SELECT "
            + columns.replace('"job_id"', "job_id + 1000")
            + " FROM compute_usagerecord LIMIT 1"
        )

    def test_a_transfer_moves_between_accounts_of_one_company(self, history):
        other = grant(CompanyFactory(), 10, history[1].pool)
        with (
            pytest.raises(IntegrityError, match="that it names"),
            transaction.atomic(),
        ):
            services.post_transfers(
                [
                    services.Posting(
                        key="theft", kind="lot_move", amount_gflop=1, debit=history[2].account_id,
                        credit=other.account_id, reason="x", effective_at=NOW, company_id=history[0].pk,
                    )
                ],
                actor=None,
                now=NOW,
            )  # fmt: skip


def test_a_posting_has_one_rate_and_one_choice_of_lots():
    company = CompanyFactory(cluster_account="gj901")
    midnight = NINE + 15 * 3600
    values = {
        "resource": Resource.objects.get(code="cpu"),
        "gflops": 50,
        "source": "x",
        "actor": None,
        "now": NOW,
    }
    services.set_rate(starts_on=date(2026, 11, 21), **values)
    # Both end on the 21st; the first began on the 20th, at another rate.
    import_rows(sacct_row(1, "gj901", submit=midnight - 9), sacct_row(2, "gj901", submit=midnight))
    found = UsagePosting.objects.order_by("start_day").values_list(
        "start_day", "end_day", "charge_gflop", "company_id"
    )
    day = date(2026, 11, 21)
    assert list(found) == [
        (date(2026, 11, 20), day, 8_000, company.pk),
        (day, day, 10_000, company.pk),
    ]
