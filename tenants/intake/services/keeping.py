"""What may not be kept any longer is deleted, as the consent says."""

from datetime import datetime

from django.db import transaction

from tenants.intake.enums import ApplicationState
from tenants.intake.models import Acceptance, Application, ApplicationFile
from tenants.leases.terms import months_before

# Accepted ones, and those that were for a while, are on the camp's own record.
_FORGOTTEN = (
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.ELIGIBLE,
    ApplicationState.INELIGIBLE,
    ApplicationState.WAITING,
    ApplicationState.REJECTED,
    ApplicationState.WITHDRAWN,
)


@transaction.atomic
def forget_applications(*, now: datetime) -> int:
    """Delete the applications and files of calls whose time of keeping is over; how many.

    Needs a role that sees every application. Accepted ones stay: what they made is the camp's record.
    """
    over = (
        Application.objects.filter(state__in=_FORGOTTEN, call__decided_at__isnull=False)
        .exclude(pk__in=Acceptance.objects.values("application_id"))
        .select_related("call")
        .order_by("pk")
    )
    ids = [one.pk for one in over if _months_after(one.call.decided_at, one.call.keep_months) <= now]
    if not ids:
        return 0
    files = list(ApplicationFile.objects.filter(application_id__in=ids))
    Application.objects.filter(pk__in=ids).delete()
    for file in files:
        _drop_after_commit(file)
    return len(ids)


def _drop_after_commit(file: ApplicationFile) -> None:
    storage, name = file.file.storage, str(file.file.name)
    transaction.on_commit(lambda: storage.delete(name), robust=True)


def _months_after(moment: datetime | None, months: int) -> datetime:
    """The same day of the month, or the last there is."""
    assert moment
    later = months_before(moment.date(), -months)
    return moment.replace(year=later.year, month=later.month, day=later.day)
