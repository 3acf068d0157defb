"""What a person may see of the calendar addresses of firms."""

from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .models import FirmCalendar


def calendars_for(user: Any) -> QuerySet[FirmCalendar]:
    """Staff see all, an investor that of the firm, without what proves it."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return FirmCalendar.objects.select_related("firm", "made_by")
    return FirmCalendar.objects.filter(firm_id__in=acting.firm_ids).defer("token_hash", "made_by")
