"""Writes of consulting. One mutation each, for page, admin, API, command and task alike."""

from .advisers import link_adviser, register_adviser, update_adviser
from .after import record_attendance
from .bookings import book_slot, cancel_booking
from .chasing import chase_reports, remind_of_steps
from .external import connect_calendar, disconnect_calendar, read_calendar
from .feeds import feed_of, renew_feed, revoke_feed
from .holding import busy_rooms, busy_times, hold_times, release_times, still_times
from .holds import hold_time, release_time
from .honoraria import close_month, correct_rate, set_rate
from .hours import add_exception, add_hours, end_hours, go_away, remove_exception, sessions_in, set_terms
from .judging import keep_notes, rate_session
from .mails import send_booking_mail, send_offer_mail
from .moves import answer_proposal, expire_proposals, propose_time, reschedule_booking
from .reminders import send_reminders
from .reports import StepDraft, drop_step, finish_step, write_report
from .requests import approve_request, decline_request, expire_requests
from .series import book_series
from .slots import open_slots, withdraw_slot
from .waiting import accept_offer, expire_offers, join_waiting_list, leave_waiting_list, pass_offer

__all__ = [
    "StepDraft",
    "accept_offer",
    "add_exception",
    "add_hours",
    "answer_proposal",
    "approve_request",
    "book_series",
    "book_slot",
    "busy_rooms",
    "busy_times",
    "cancel_booking",
    "chase_reports",
    "close_month",
    "connect_calendar",
    "correct_rate",
    "decline_request",
    "disconnect_calendar",
    "drop_step",
    "end_hours",
    "expire_offers",
    "expire_proposals",
    "expire_requests",
    "feed_of",
    "finish_step",
    "go_away",
    "hold_time",
    "hold_times",
    "join_waiting_list",
    "keep_notes",
    "leave_waiting_list",
    "link_adviser",
    "open_slots",
    "pass_offer",
    "propose_time",
    "rate_session",
    "read_calendar",
    "record_attendance",
    "register_adviser",
    "release_time",
    "release_times",
    "remind_of_steps",
    "remove_exception",
    "renew_feed",
    "reschedule_booking",
    "revoke_feed",
    "send_booking_mail",
    "send_offer_mail",
    "send_reminders",
    "sessions_in",
    "set_rate",
    "set_terms",
    "still_times",
    "update_adviser",
    "withdraw_slot",
    "write_report",
]
