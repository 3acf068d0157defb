"""What a person may see of firms."""

from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .models import Firm, Holding


def firms_for(user: Any) -> QuerySet[Firm]:
    """Staff see all firms, an investor their own. Founders meet firms through their matches, advisers not at all."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Firm.objects.all()
    return Firm.objects.filter(pk__in=acting.firm_ids)


def holdings_for(user: Any) -> QuerySet[Holding]:
    """Staff see what all firms hold, an investor what their own does."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Holding.objects.select_related("firm")
    return Holding.objects.filter(firm_id__in=acting.firm_ids)
