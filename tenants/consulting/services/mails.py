from collections.abc import Iterable
from dataclasses import replace
from email.mime.base import MIMEBase
from email.mime.nonmultipart import MIMENonMultipart
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from incubator.common.icalendars import write_calendar
from incubator.common.models import CampSettings
from tenants.companies.models import Membership
from tenants.consulting.enums import BookingState, Ending, OfferState, ProposalState, Side
from tenants.consulting.events import event_of
from tenants.consulting.models import Attendee, Booking, Offer

BOOKED = "booked"
CANCELLED = "cancelled"
REQUESTED = "requested"
MOVED = "moved"
PROPOSED = "proposed"
KEPT = "kept"
REMINDED = "reminded"
# What calendars are told with an event; the others change nothing in them.
METHODS = {BOOKED: "REQUEST", MOVED: "REQUEST", CANCELLED: "CANCEL"}


def _recipients(booking: Booking, side: str) -> Iterable[tuple[str, str, str]]:
    """Address, name and language of the people of one side; of the company, who comes and who booked."""
    if side == Side.ADVISER:
        user = booking.adviser.user
        yield booking.adviser.email, booking.adviser.name, user.language if user else "ko"
        return
    concerned = set(Attendee.objects.filter(booking=booking).values_list("person", flat=True))
    concerned.add(booking.booked_by_id or booking.attendee_id)
    members = Membership.objects.filter(
        company_id=booking.company_id, user_id__in=concerned, user__is_active=True
    )
    for membership in members.select_related("user").order_by("pk"):
        yield membership.user.email, membership.user.name, membership.user.language


def _invitation(
    booking: Booking, event: str, *, address: str, name: str, to_adviser: bool
) -> MIMEBase | None:
    """The change as calendars take it in, for one person; None where theirs need not change."""
    method = METHODS.get(event)
    if event == MOVED and booking.state == BookingState.REQUESTED:
        method = "CANCEL"
    if booking.ended_as in (Ending.DECLINED, Ending.EXPIRED):
        method = None
    if method is None:
        return None
    camp = CampSettings.current()
    organizer = (str(camp.display_name), EmailMessage().from_email.rpartition("<")[2].rstrip(">"))
    planned = replace(
        event_of(booking, to_adviser=to_adviser),
        organizer=organizer,
        attendees=((name, address),),
        cancelled=method == "CANCEL",
    )
    part = MIMENonMultipart("text", "calendar", method=method, name="invite.ics", charset="utf-8")
    part.set_payload(write_calendar([planned], name=str(camp.display_name), method=method).decode(), "utf-8")
    part.add_header("Content-Disposition", "attachment", filename="invite.ics")
    return part


def send_booking_mail(*, booking_id: int, event: str, sides: Iterable[str]) -> int:
    """Tell the people of these sides, in their languages, what has become of a session; their calendars take it in from what
    is attached. Returns the number of mails.

    Only the adviser's mail of a new booking or request carries its topic.
    """
    found: Any = Booking.objects.select_related(
        "slot__room", "slot__link", "adviser__user", "attendee", "company", "moved_from"
    )
    booking = found.get(pk=booking_id)
    proposal = None
    if event == PROPOSED:
        proposal = booking.proposals.filter(state=ProposalState.OPEN).first()
        if proposal is None:
            return 0
    messages = []
    for side in sides:
        for address, name, language in _recipients(booking, side):
            with translation.override(language):
                context = {
                    "booking": booking,
                    "attendees": [each.person.name for each in booking.attendees.select_related("person")],
                    "proposal": proposal,
                    "name": name,
                    "to_adviser": side == Side.ADVISER,
                    "camp": CampSettings.current(),
                }
                part = _invitation(
                    booking, event, address=address, name=name, to_adviser=side == Side.ADVISER
                )
                messages.append(_message(event, context, address, part))
    for message in messages:
        message.send()
    return len(messages)


def send_offer_mail(*, offer_id: int) -> int:
    """Tell whoever waits that a time is held for the company. Returns the number of mails."""
    offer = Offer.objects.select_related("entry__person", "slot__adviser", "slot__room").get(pk=offer_id)
    person = offer.entry.person
    still_there = Membership.objects.filter(company_id=offer.company_id, user=person, user__is_active=True)
    if offer.state != OfferState.OPEN or not still_there.exists():
        return 0
    with translation.override(person.language):
        context = {"offer": offer, "name": person.name, "camp": CampSettings.current()}
        return _message("offered", context, person.email, None).send()


def _message(event: str, context: dict[str, Any], address: str, part: MIMEBase | None) -> EmailMessage:
    subject = " ".join(render_to_string(f"emails/consulting_{event}_subject.txt", context).split())
    message = EmailMessage(
        subject, render_to_string(f"emails/consulting_{event}_body.txt", context), to=[address]
    )
    if part is not None:
        message.attach(part)
    return message
