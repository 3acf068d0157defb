from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from incubator.common.models import CampSettings
from tenants.companies.models import Membership
from tenants.consulting.enums import Side
from tenants.consulting.models import Booking

BOOKED = "booked"
CANCELLED = "cancelled"


def _recipients(booking: Booking, side: str) -> Iterable[tuple[str, str, str]]:
    """Address, name and language of the people of one side; of the company, who comes and who booked."""
    if side == Side.ADVISER:
        user = booking.adviser.user
        yield booking.adviser.email, booking.adviser.name, user.language if user else "ko"
        return
    concerned = {booking.attendee_id, booking.booked_by_id or booking.attendee_id}
    members = Membership.objects.filter(
        company_id=booking.company_id, user_id__in=concerned, user__is_active=True
    )
    for membership in members.select_related("user").order_by("pk"):
        yield membership.user.email, membership.user.name, membership.user.language


def send_booking_mail(*, booking_id: int, event: str, sides: Iterable[str]) -> int:
    """Tell the people of these sides, in their languages, that a session was booked or cancelled. Returns the number of mails.

    Only the adviser's mail of a new booking carries its topic.
    """
    found: Any = Booking.objects.select_related(
        "slot__room", "slot__link", "adviser__user", "attendee", "company"
    )
    booking = found.get(pk=booking_id)
    messages = []
    for side in sides:
        for address, name, language in _recipients(booking, side):
            with translation.override(language):
                context = {
                    "booking": booking,
                    "name": name,
                    "to_adviser": side == Side.ADVISER,
                    "camp": CampSettings.current(),
                }
                messages.append(
                    EmailMessage(
                        " ".join(render_to_string(f"emails/consulting_{event}_subject.txt", context).split()),
                        render_to_string(f"emails/consulting_{event}_body.txt", context),
                        to=[address],
                    )
                )
    for message in messages:
        message.send()
    return len(messages)
