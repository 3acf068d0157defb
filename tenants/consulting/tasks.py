from collections.abc import Iterable

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from incubator.common.tasks import MAILING

from .models import Booking, ExternalCalendar, Offer


@shared_task(**MAILING)
def mail_booking(booking_id: int, event: str, sides: list[str]) -> int:
    """Send the mails of one event; a mail server that is away is asked again for hours."""
    from .services import send_booking_mail

    return send_booking_mail(booking_id=booking_id, event=event, sides=sides)


@shared_task(**MAILING)
def mail_offer(offer_id: int) -> int:
    """Tell a company that a time is held for it."""
    from .services import send_offer_mail

    return send_offer_mail(offer_id=offer_id)


def announce(booking: Booking, event: str, sides: Iterable[str]) -> None:
    """Queue the mails of an event once the transaction that made it is committed. The booking stands if the queue is away:
    that is logged, never shown as a failure of the booking."""
    wanted = [str(side) for side in sides]
    transaction.on_commit(lambda: mail_booking.delay(booking.pk, event, wanted), robust=True)


def announce_offer(offer: Offer) -> None:
    transaction.on_commit(lambda: mail_offer.delay(offer.pk), robust=True)


def read_calendar_soon(adviser_id: int) -> None:
    transaction.on_commit(lambda: read_calendar.delay(adviser_id), robust=True)


@shared_task(name="consulting.end_unanswered")
def end_unanswered() -> int:
    """End requests, proposals and offers whose time to answer is over."""
    from .services import expire_offers, expire_proposals, expire_requests

    now = timezone.now()
    with acting_as_system():
        return expire_requests(now=now) + expire_proposals(now=now) + expire_offers(now=now)


@shared_task(name="consulting.remind")
def remind() -> int:
    from .services import send_reminders

    with acting_as_system():
        return send_reminders(now=timezone.now())


@shared_task(name="consulting.read_calendar")
def read_calendar(adviser_id: int) -> int | None:
    """Read one adviser's own calendar."""
    from .services import read_calendar as read

    return read(adviser_id=adviser_id, now=timezone.now())


@shared_task(name="consulting.read_calendars")
def read_calendars() -> int:
    """Have every calendar of an adviser who takes bookings read, each by a task of its own."""
    with acting_as_system():
        advisers = list(
            ExternalCalendar.objects.filter(adviser__active=True).values_list("adviser", flat=True)
        )
    for adviser_id in advisers:
        read_calendar.delay(adviser_id)
    return len(advisers)


@shared_task(name="consulting.chase")
def chase() -> int:
    """Remind of reports that are missing and of steps that are due."""
    from .services import chase_reports, remind_of_steps

    now = timezone.now()
    with acting_as_system():
        return chase_reports(now=now) + remind_of_steps(now=now)
