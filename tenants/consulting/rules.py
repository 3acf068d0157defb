"""Who may do what in consulting."""

from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind, StaffGroup

from .enums import BookingState, Side
from .models import Adviser, Booking, NextStep, Slot

# A session that was agreed to: an adviser who has or had one with a company reads what others advised it. Who is merely
# asked does not yet, and who was cancelled no longer.
AGREED = (BookingState.BOOKED, BookingState.HELD, BookingState.MISSED)


def is_office(user: Any) -> bool:
    """The managers of consulting, the director and the system itself."""
    return acting_of(user).in_group(StaffGroup.CONSULTING)


def is_adviser(user: Any, adviser_id: int) -> bool:
    return acting_of(user).adviser_id == adviser_id


def is_of_company(user: Any, company_id: int) -> bool:
    return company_id in acting_of(user).company_ids


def may_manage_advisers(user: Any) -> bool:
    return is_office(user)


def may_open_slots(user: Any, adviser_id: int) -> bool:
    return is_office(user) or is_adviser(user, adviser_id)


def may_withdraw(user: Any, slot: Slot) -> bool:
    return may_open_slots(user, slot.adviser_id)


def may_book_for(user: Any, company_id: int) -> bool:
    return is_office(user) or is_of_company(user, company_id)


def may_see_times_of(user: Any, adviser: Adviser) -> bool:
    """Whose list of times the adviser's free ones are on."""
    return is_office(user) or is_adviser(user, adviser.pk) or is_founder(user)


def side_of(user: Any, booking: Booking) -> Side | None:
    """From which side the person speaks of a booking, None for someone it does not concern."""
    if is_of_company(user, booking.company_id):
        return Side.COMPANY
    if is_adviser(user, booking.adviser_id):
        return Side.ADVISER
    return Side.OFFICE if is_office(user) else None


def may_cancel(user: Any, booking: Booking) -> bool:
    return side_of(user, booking) is not None


def may_record(user: Any, booking: Booking) -> bool:
    return is_office(user) or is_adviser(user, booking.adviser_id)


def may_write_report(user: Any, booking: Booking) -> bool:
    return may_record(user, booking)


def met_by(adviser_id: int) -> QuerySet[Any]:
    """The ids of the companies whose reports and steps the adviser may read."""
    return Booking.objects.filter(adviser_id=adviser_id, state__in=AGREED).values("company")


def may_read_notes(user: Any) -> bool:
    """What advisers tell the camp office alone: the managers of consulting and the director, not other managers."""
    return is_office(user)


def may_read_ratings(user: Any) -> bool:
    """Single ratings, besides the company's own."""
    return is_office(user)


def may_rate(user: Any, booking: Booking) -> bool:
    return is_of_company(user, booking.company_id)


def may_keep_notes(user: Any, booking: Booking) -> bool:
    return is_of_company(user, booking.company_id)


def may_close_step(user: Any, step: NextStep) -> bool:
    """Whose step it is, the adviser who agreed it, and the camp office for any of them."""
    if is_office(user) or is_adviser(user, step.adviser_id):
        return True
    return step.owner == Side.COMPANY and is_of_company(user, step.company_id)


def is_founder(user: Any) -> bool:
    return acting_of(user).kind == Kind.FOUNDER


def may_see_honoraria(user: Any) -> bool:
    """What advisers are paid: the managers of consulting and the director. Others of the office do not see it."""
    return is_office(user)


def may_settle_honoraria(user: Any) -> bool:
    return is_office(user) and not acting_of(user).read_only
