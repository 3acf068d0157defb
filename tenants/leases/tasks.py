"""What runs by itself. Each is safe to run twice and late."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from incubator.common.tasks import MAILING

from .models import EarlyEnd


@shared_task(name="leases.advance")
def advance_leases() -> None:
    """Begin and end the leases whose day has come."""
    from . import services

    services.advance_leases(actor=None, now=timezone.now())


@shared_task(**MAILING)
def mail_early_end(ending_id: int) -> int:
    """Send the mails about one early end; a mail server that is away is asked again for hours."""
    from .services import mail_early_end as mail

    return mail(ending_id=ending_id)


def tell_company(ending: EarlyEnd) -> None:
    """Queue the mails once the transaction is committed. The end stands if the queue is away: that is logged."""
    transaction.on_commit(lambda: mail_early_end.delay(ending.pk), robust=True)


@shared_task(name="leases.handovers")
def open_handovers() -> None:
    """Open the handovers of leases that end soon."""
    from . import services

    services.open_due_handovers(actor=None, now=timezone.now())
