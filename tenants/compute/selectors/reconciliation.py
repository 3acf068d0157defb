"""Reads of what was compared with independent totals, and of clusters. Staff alone."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce

from tenants.compute import rules
from tenants.compute.enums import ImportState
from tenants.compute.models import Cluster, Reconciliation, ReconciliationLine


def clusters_for(user: Any) -> QuerySet[Cluster]:
    return Cluster.objects.all() if rules.may_see_imports(user) else Cluster.objects.none()


def reconciliations_for(user: Any) -> QuerySet[Reconciliation]:
    """A total speaks of every company's usage."""
    return Reconciliation.objects.all() if rules.may_see_imports(user) else Reconciliation.objects.none()


def reconciliation_lines_for(user: Any) -> QuerySet[ReconciliationLine]:
    lines = ReconciliationLine.objects.all()
    return lines if rules.may_see_imports(user) else lines.none()


def unexplained_for(user: Any) -> QuerySet[Reconciliation]:
    """Differences that stand: nobody has explained them, and the window has not been compared again since."""
    found = reconciliations_for(user)
    same = Q(cluster=OuterRef("cluster"), source=OuterRef("source"))
    window = Q(starts_at=OuterRef("starts_at"), ends_at=OuterRef("ends_at"))
    later = found.filter(same & window, pk__gt=OuterRef("pk"))
    return found.filter(ok=False, settled_at__isnull=True).exclude(Exists(later))


def late_clusters_for(user: Any, now: datetime) -> QuerySet[Cluster]:
    """Clusters whose usage came in last longer ago than they say it may (`late_minutes`), with `last_import_at`: the
    moment since which it is awaited."""
    read = Max("imports__finished_at", filter=Q(imports__state=ImportState.IMPORTED))
    allowed = ExpressionWrapper(
        F("late_minutes") * Value(timedelta(minutes=1), output_field=DurationField()),
        output_field=DurationField(),
    )
    known = clusters_for(user).filter(late_minutes__gt=0)
    dated = known.annotate(last_import_at=Coalesce(read, F("created_at")))
    due = ExpressionWrapper(F("last_import_at") + allowed, output_field=DateTimeField())
    return dated.filter(last_import_at__isnull=False).alias(due=due).filter(due__lt=now)
