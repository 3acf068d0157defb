"""Gives usage that nobody claimed to the company whose it is."""

from datetime import datetime
from typing import Any

import polars as pl
from django.db import transaction

from tenants.companies.models import Company
from tenants.compute.bulk import ENDED
from tenants.compute.enums import RecordKind
from tenants.compute.errors import AccountTaken
from tenants.compute.models import Cluster, ClusterAccount, JobHold, UsageImport, UsageRecord

from .frames import priced
from .ledger import demand_manager, demand_reason
from .postings import FRAME, UsageWriter
from .storage import attribute_storage
from .usage import Attribution, lock_usage

BATCH = 2_000


@transaction.atomic
def assign_account(
    *, cluster: Cluster, account: str, company: Company, reason: str, actor: Any, now: datetime
) -> ClusterAccount:
    """Give an account of a cluster to a company: its usage that waits in suspense is charged to the company's grants,
    and so is all that comes in later. The same again changes nothing.

    Raises NotAllowed, ReasonMissing, AccountTaken.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    lock_usage()
    owner_id = Attribution.of(cluster).companies.get(account)
    if owner_id is not None and owner_id != company.pk:
        raise AccountTaken(company=Company.objects.get(pk=owner_id).name)
    assigned, _ = ClusterAccount.objects.get_or_create(
        cluster=cluster,
        name=account,
        defaults={
            "company": company,
            "reason": reason,
            "assigned_by": actor if getattr(actor, "pk", None) else None,
            "assigned_at": now,
        },
    )
    for kind in RecordKind.values:
        _take_over(cluster, kind, account, company, actor, now)
    attribute_storage(cluster=cluster, account=account, company=company, now=now)
    JobHold.objects.filter(
        cluster=cluster, account=account, company__isnull=True, resolved_at__isnull=True
    ).update(company=company)
    return assigned


def _take_over(
    cluster: Cluster, kind: str, account: str, company: Company, actor: Any, now: datetime
) -> None:
    """The next revision of each record that waits: the same facts, the company known."""
    waiting = UsageRecord.objects.filter(
        cluster=cluster, kind=kind, account=account, company__isnull=True, is_current=True
    )
    if not waiting.exists():
        return
    imports = UsageImport.objects.filter(postings__account=account, postings__company__isnull=True)
    writer = UsageWriter(
        cluster=cluster,
        kind=kind,
        sha256=dict(imports.values_list("pk", "sha256")),
        actor=actor,
        now=now,
    )
    while batch := list(waiting.select_related("posting").order_by("pk")[:BATCH]):
        rows = [
            (
                0, record.job_id, int(record.submit_at.timestamp()), record.display_id, record.account, record.user,
                record.state, int(record.started_at.timestamp()) if record.started_at else None,
                int(record.ended_at.timestamp()), record.elapsed_seconds, record.held,
            )
            for record in batch
        ]  # fmt: skip
        frame, _impossible = priced(pl.DataFrame(rows, schema=ENDED, orient="row"), writer.rates)
        facts = {
            "import_id": [record.posting.usage_import_id for record in batch],
            "revision": [record.revision + 1 for record in batch],
            "company_id": [company.pk for _record in batch],
        }
        frame = frame.with_columns(pl.Series(name, values) for name, values in facts.items())
        writer.take_back([record.pk for record in batch])
        writer.write(frame.select(pl.col(name).cast(dtype) for name, dtype in FRAME.items()))
    writer.close()
