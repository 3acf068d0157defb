"""Who may do what in consulting."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind, StaffGroup

from .enums import Side
from .models import Adviser, Booking, Slot


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


def is_founder(user: Any) -> bool:
    return acting_of(user).kind == Kind.FOUNDER


def may_see_honoraria(user: Any) -> bool:
    """What advisers are paid: the managers of consulting and the director. Others of the office do not see it."""
    return is_office(user)


def may_settle_honoraria(user: Any) -> bool:
    return is_office(user) and not acting_of(user).read_only
