"""Gives usage that nobody claimed to the company whose it is."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tenants.companies.models import Company
from tenants.compute.errors import AccountTaken
from tenants.compute.models import Cluster, ClusterAccount, JobHold, UsageRecord

from .ledger import demand_manager, demand_reason
from .storage import attribute_storage
from .usage import Attribution, UsageBook

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
    book = UsageBook(cluster=cluster, actor=actor, now=now)
    owner_id = Attribution.of(cluster).company_of(account)
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
    waiting = UsageRecord.objects.filter(
        cluster=cluster, account=account, company__isnull=True, is_current=True
    ).order_by("pk")
    while batch := list(waiting[:BATCH]):
        book.write([(record, _attributed(record, company, now)) for record in batch])
    attribute_storage(cluster=cluster, account=account, company=company, now=now)
    JobHold.objects.filter(
        cluster=cluster, account=account, company__isnull=True, resolved_at__isnull=True
    ).update(company=company)
    return assigned


def _attributed(record: UsageRecord, company: Company, now: datetime) -> UsageRecord:
    """The next revision of a record: the same facts, the company known."""
    values = {
        field.attname: getattr(record, field.attname)
        for field in UsageRecord._meta.concrete_fields
        if not field.primary_key
    }
    values.update(company_id=company.pk, revision=record.revision + 1, is_current=True, recorded_at=now)
    return UsageRecord(**values)
