"""What a person may see of firms."""

from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .models import Firm


def firms_for(user: Any) -> QuerySet[Firm]:
    """Staff see all firms, an investor their own. Founders meet firms through their matches, advisers not at all."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Firm.objects.all()
    return Firm.objects.filter(pk__in=acting.firm_ids)
