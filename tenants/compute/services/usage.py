"""Whose usage is it, and one writer at a time."""

from dataclasses import dataclass, field

from django.db import connection

from tenants.companies.models import Company
from tenants.compute.models import Cluster, ClusterAccount

# One posting of usage at a time: each reads the lots once, spends from memory and needs nobody else to spend them.
_USAGE_LOCK = 5_140_901


def lock_usage() -> None:
    """Wait until nobody else posts usage; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_USAGE_LOCK])


@dataclass(slots=True)
class Attribution:
    """Which company a cluster's account belongs to: what a manager assigned, else the company's own record."""

    companies: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cluster: Cluster) -> "Attribution":
        own = Company.objects.filter(cluster_account__isnull=False).values_list("cluster_account", "pk")
        assigned = ClusterAccount.objects.filter(cluster=cluster).values_list("name", "company_id")
        return cls({**{name: pk for name, pk in own if name}, **dict(assigned)})
