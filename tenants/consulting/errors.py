from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class SlotUnknown(DomainError):
    code = "slot_unknown"
    message = _("There is no such slot for you.")
    field = "slot"
    status = 404


class SlotTaken(DomainError):
    code = "slot_taken"
    message = _("This time has just been booked by someone else. Please choose another one.")
    field = "slot"


class SlotPast(DomainError):
    code = "slot_past"
    message = _("This time has begun already and cannot be booked any more.")
    field = "slot"


class SlotWithdrawn(DomainError):
    code = "slot_withdrawn"
    message = _("The adviser has withdrawn this time. Please choose another one.")
    field = "slot"


class SlotGone(DomainError):
    code = "slot_gone"
    message = _("This time has been withdrawn already.")
    field = "slot"


class AllowanceUsedUp(DomainError):
    code = "allowance_used_up"
    message = _(
        "The session takes %(needed)s, and of this quarter's %(total)s your company has %(left)s left."
    )


class AttendeeBusy(DomainError):
    code = "attendee_busy"
    message = _("This person has another session at that time. Please choose another time or another person.")
    field = "attendee"


class AttendeeNotMember(DomainError):
    code = "attendee_not_member"
    message = _("Only members of the company can attend.")
    field = "attendee"
    status = 400


class SlotsOverlap(DomainError):
    code = "slots_overlap"
    message = _("The adviser has another slot at that time.")
    field = "starts"


class RoomTaken(DomainError):
    code = "room_taken"
    message = _("The meeting room is taken at that time.")
    field = "room"


class BadSpan(DomainError):
    code = "bad_span"
    message = _("The end must lie after the start, at most %(limit)s hours later.")
    field = "ends"
    status = 400


class SpanTooShort(DomainError):
    code = "span_too_short"
    message = _("Not even one session of %(minutes)s minutes fits between start and end.")
    field = "minutes"
    status = 400


class SpanPast(DomainError):
    code = "span_past"
    message = _("This time has begun already. Please choose a later one.")
    field = "starts"
    status = 400


class AlreadyCancelled(DomainError):
    code = "already_cancelled"
    message = _("This booking has been cancelled already.")


class SessionBegun(DomainError):
    code = "session_begun"
    message = _("The session has begun. It can no longer be cancelled; who came is recorded instead.")


class SessionAhead(DomainError):
    code = "session_ahead"
    message = _("The session has not begun yet.")


class NobodyCame(DomainError):
    code = "nobody_came"
    message = _("A report is written about a session that took place.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please say why.")
    field = "reason"
    status = 400


class AddressUsed(DomainError):
    code = "address_used"
    message = _("Another adviser has this e-mail address.")
    field = "email"


class AdviserTaken(DomainError):
    code = "adviser_taken"
    message = _("Another person acts as this adviser already.")


class PersonIsAdviser(DomainError):
    code = "person_is_adviser"
    message = _("This person acts as another adviser already.")


class HoursChanged(DomainError):
    code = "hours_changed"
    message = _(
        "The adviser's hours have changed since you looked, and this time can no longer be booked. "
        "What you wrote is still here: please choose another time."
    )
    field = "slot"


class TimeOffered(DomainError):
    code = "time_offered"
    message = _("This time is held for a company on the waiting list. Please choose another one.")
    field = "slot"


class AlreadyInSession(DomainError):
    code = "already_in_session"
    message = _("Your company has a seat in this session already.")
    field = "slot"


class SeriesClashes(DomainError):
    code = "series_clashes"
    message = _("Nothing is booked, because these sessions cannot be: %(clashes)s.")


class BadSeries(DomainError):
    code = "bad_series"
    message = _("A series has 2 to %(most)s weeks.")
    field = "weeks"
    status = 400


class TooManyFiles(DomainError):
    code = "too_many_files"
    message = _("At most %(most)s files can be added to a session.")
    field = "files"
    status = 400


class NotRequested(DomainError):
    code = "not_requested"
    message = _("This request has been answered already, or has ended.")


class SameTime(DomainError):
    code = "same_time"
    message = _("The session is at this time already.")
    field = "slot"


class OtherAdviser(DomainError):
    code = "other_adviser"
    message = _(
        "A session is moved to another time of the same adviser. Please cancel it to book another one."
    )
    field = "slot"
    status = 400


class GroupNotMoved(DomainError):
    code = "group_not_moved"
    message = _(
        "A session of several companies is not moved. Please cancel your seat and book another session."
    )


class ProposalStands(DomainError):
    code = "proposal_stands"
    message = _("Another time is proposed for this session already. Please answer that first.")


class ProposalOver(DomainError):
    code = "proposal_over"
    message = _("This proposal has been answered already, or has ended.")


class ProposedPast(DomainError):
    code = "proposed_past"
    message = _("Please propose a time that is yet to come.")
    field = "day"
    status = 400


class ProposedTaken(DomainError):
    code = "proposed_taken"
    message = _("The adviser, the meeting room or an attendee is no longer free at that time.")


class WaitsAlready(DomainError):
    code = "waits_already"
    message = _("Your company waits for this already.")


class NotForWaiting(DomainError):
    code = "not_for_waiting"
    message = _("Only weeks from this one on, at most half a year ahead, have a waiting list.")
    field = "week"
    status = 400


class WaitingMuch(DomainError):
    code = "waiting_much"
    message = _("Your company waits for %(most)s times already. Please leave one of the lists first.")


class OfferOver(DomainError):
    code = "offer_over"
    message = _("This time was held for you for a while only, and has gone to the next company.")


class HoursOverlap(DomainError):
    code = "hours_overlap"
    message = _("You have other weekly hours at that time of this weekday.")
    field = "starts"


class BadHours(DomainError):
    code = "bad_hours"
    message = _("Not even one session fits between start and end.")
    field = "ends"
    status = 400


class BadPeriod(DomainError):
    code = "bad_period"
    message = _("The end must lie after the start.")
    field = "ends"
    status = 400


class PlaceMissing(DomainError):
    code = "place_missing"
    message = _("Please choose the meeting room.")
    field = "room"
    status = 400


class CalendarAddressBad(DomainError):
    code = "calendar_address_bad"
    message = _("Please give the address of a calendar that begins with https://.")
    field = "url"
    status = 400


class BadSeats(DomainError):
    code = "bad_seats"
    message = _("A session has 1 to %(most)s seats.")
    field = "seats"
    status = 400


class HeldByCamp(DomainError):
    code = "held_by_camp"
    message = _("The camp holds this time. Please ask the office.")


class AdviserBooked(DomainError):
    code = "adviser_booked"
    message = _("%(adviser)s has a session of consulting at %(time)s.")


class AdviserHeld(DomainError):
    code = "adviser_held"
    message = _("The adviser has a session or teaches at that time.")
    field = "starts"


class RateOverlaps(DomainError):
    code = "rate_overlaps"
    message = _("A rate of this adviser begins on that day or later. Please correct that one.")
    field = "first"


class MonthNotOver(DomainError):
    code = "month_not_over"
    message = _("A month can be closed once it is over.")


class MonthClosed(DomainError):
    code = "month_closed"
    message = _("This month is closed already.")


class EarlierMonthOpen(DomainError):
    code = "earlier_month_open"
    message = _("Months are closed one after the other: the one after the last closed month comes next.")


class RatesMissing(DomainError):
    code = "rates_missing"
    message = _("A rate is missing for %(sessions)s sessions. Set it, or say that they are settled later.")
    field = "without_missing"


class DuePast(DomainError):
    code = "due_past"
    message = _("Please choose a day that is yet to come, at most two years ahead.")
    field = "due_on"
    status = 400


class TooManySteps(DomainError):
    code = "too_many_steps"
    message = _("A session has at most %(most)s next steps.")
    field = "steps"
    status = 400


class StepUnknown(DomainError):
    code = "step_unknown"
    message = _("This is no open step of the session.")
    field = "steps"
    status = 400


class SameStep(DomainError):
    code = "same_step"
    message = _("The session has this step already.")
    field = "text"


class StepClosed(DomainError):
    code = "step_closed"
    message = _("This step is done or dropped already.")


class OtherCompanysReport(DomainError):
    code = "other_companys_report"
    message = _("Only another report about the same company can be contradicted.")
    field = "differs_from"
    status = 400


class RatingClosed(DomainError):
    code = "rating_closed"
    message = _("A rating can be corrected for %(days)s days, and these are over.")
    field = "stars"
