"""Writes of consulting. One mutation each, for page, admin, API, command and task alike."""

from .advisers import link_adviser, register_adviser, update_adviser
from .after import record_attendance, write_report
from .bookings import book_slot, cancel_booking
from .mails import send_booking_mail
from .slots import open_slots, withdraw_slot

__all__ = [
    "book_slot",
    "cancel_booking",
    "link_adviser",
    "open_slots",
    "record_attendance",
    "register_adviser",
    "send_booking_mail",
    "update_adviser",
    "withdraw_slot",
    "write_report",
]
