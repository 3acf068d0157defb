"""Records in binary form: the database reads what an ordinary insert would have written."""

from datetime import UTC, date, datetime

import polars as pl
import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from tenants.compute.models import Cluster, UsageImport, UsagePosting, UsageRecord, UsageTally
from tenants.compute.services.postings import FRAME
from tenants.compute.services.wire import COPY_RECORDS, copy_in, copy_records
from tests.factories.companies import CompanyFactory

NOW = datetime(2026, 11, 22, tzinfo=UTC)
T = 1_795_132_800
TEXTS = ["", "a", "김하늘", "x" * 127, "x" * 128, "가" * 85, "\N{ROCKET}'\\\"\t,|\x7f"]


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("started", [T, None, 946_684_801, 7_258_118_399])
@pytest.mark.parametrize("known", [True, False])
def test_each_value_comes_back_as_it_was(started, known):
    company = CompanyFactory() if known else None
    cluster = Cluster.objects.create(name="camp")
    done = UsageImport.objects.create(cluster=cluster)
    rows, wanted = [], []
    postings = {
        text: UsagePosting.objects.create(
            usage_import=done, cluster=cluster, account=text, company=company, start_day=date(2026, 1, 1),
            end_day=date(2026, 1, 1), effective_at=NOW, recorded_at=NOW,
        )
        for text in TEXTS
    }  # fmt: skip
    for place, text in enumerate(TEXTS):
        held = f"{text}=1" * 400
        said = (2**53 - place, T, text, text, text, "COMPLETED", started, 7_258_118_399, 2**40, held)
        rows.append((place, *said, 0, company and company.pk, 2**31 - 1, 0, 0, 0, 2**63 - 1, 0))
        wanted.append((*said, 2**31 - 1, company and company.pk, 2**63 - 1, postings[text].pk))
    frame = pl.DataFrame(rows, schema=FRAME, orient="row").with_columns(
        posting_id=pl.Series([posting.pk for posting in postings.values()])
    )
    with connection.cursor() as cursor:
        copy_in(cursor.cursor, COPY_RECORDS, copy_records(frame, cluster.pk, "job"))
    found = UsageRecord.objects.order_by("pk")
    assert [
        (r.job_id, r.submit_at, r.display_id, r.account, r.user, r.state, r.started_at, r.ended_at, r.elapsed_seconds, r.held,
         r.revision, r.company_id, r.charge_gflop, r.posting_id)
        for r in found
    ] == [
        (one[0], moment(one[1]), *one[2:6], moment(one[6]), moment(one[7]), *one[8:]) for one in wanted
    ]  # fmt: skip
    assert {(r.cluster_id, r.kind, r.is_current) for r in found} == {(cluster.pk, "job", True)}


@pytest.mark.django_db
class TestTallies:
    def tally(self, **values):
        facts = {"account": "a", "user": "u", "day": date(2026, 1, 1), "state": "COMPLETED"}
        sums = {"jobs": 1, "seconds": 1, "gpu_seconds": 0, "gflop": 1}
        return UsageTally.objects.create(**facts, **sums, **values)

    def posting(self, cluster, company):
        done = UsageImport.objects.create(cluster=cluster)
        return UsagePosting.objects.create(
            usage_import=done, cluster=cluster, account="a", company=company, start_day=date(2026, 1, 1),
            end_day=date(2026, 1, 1), effective_at=NOW, recorded_at=NOW,
        )  # fmt: skip

    @pytest.mark.parametrize("known", [True, False])
    def test_a_tally_belongs_to_posted_usage(self, known):
        cluster, other = Cluster.objects.create(name="camp"), Cluster.objects.create(name="other")
        company = CompanyFactory() if known else None
        self.posting(cluster, company)
        for strange in (
            {"cluster": other, "company": company},
            {"cluster": cluster, "company": CompanyFactory()},
            {"cluster_id": other.pk + 1, "company": company},
        ):
            with pytest.raises(IntegrityError) as refusal, transaction.atomic():
                self.tally(**strange)
            assert refusal.value.__cause__.diag.constraint_name == "compute_tally_belongs"
        assert self.tally(cluster=cluster, company=company).pk

    def test_a_tally_is_never_changed(self):
        cluster, company = Cluster.objects.create(name="camp"), CompanyFactory()
        self.posting(cluster, company)
        tally = self.tally(cluster=cluster, company=company)
        for change in (lambda rows: rows.update(jobs=2), lambda rows: rows.delete()):
            with pytest.raises(Exception, match="Cannot update or delete") as refusal, transaction.atomic():
                change(UsageTally.objects.filter(pk=tally.pk))
            assert isinstance(refusal.value.__cause__, psycopg.Error)
