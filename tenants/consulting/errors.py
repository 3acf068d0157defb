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
