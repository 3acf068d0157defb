from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class DayFixed(DomainError):
    code = "day_fixed"
    message = _(
        "Wishes are being collected for these times. Only title, place and the last moment for wishes can change."
    )


class DayClosed(DomainError):
    code = "day_closed"
    message = _("This day is called off or over.")


class DayHasBegun(DomainError):
    code = "day_has_begun"
    message = _("The day has begun: what changes now is a repair, so that nobody has to move without need.")


class DayOver(DomainError):
    code = "day_over"
    message = _("All slots of the day are over.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Say why in a few words.")
    field = "reason"
    status = 400


class UnknownSlots(DomainError):
    code = "unknown_slots"
    message = _("Write numbers of slots from 1 to %(most)s, like 1-3, 7.")
    status = 400


class NoWishesNow(DomainError):
    code = "no_wishes_now"
    message = _("Wishes are not being collected, or their time is over. Ask the camp office.")


class ClosingMissing(DomainError):
    code = "closing_missing"
    message = _("Say until when wishes are collected; it has to be before the day begins.")
    field = "ranking_closes_at"
    status = 400


class MayNotTakePart(DomainError):
    code = "may_not_take_part"
    message = _("%(name)s cannot take part: %(why)s")
    status = 400


class AbsentAllDay(DomainError):
    code = "absent_all_day"
    message = _("%(name)s is not there in any slot. Take it off the list, or give it a slot.")


class HasMeetings(DomainError):
    code = "has_meetings"
    message = _(
        "%(name)s has meetings in the published timetable. Enter on the day that it is gone; then it can leave the list."
    )


class BadLimits(DomainError):
    code = "bad_limits"
    message = _("%(name)s: at least %(minimum)s meetings cannot be more than at most %(maximum)s.")
    status = 400


class RankTwice(DomainError):
    code = "rank_twice"
    message = _("Two places in the order are the same.")
    status = 400


class RankOutOfRange(DomainError):
    code = "rank_out_of_range"
    message = _("Places in the order go from 1 to %(most)s.")
    status = 400


class NotOnOffer(DomainError):
    code = "not_on_offer"
    message = _("Choose from those on the list.")
    status = 400


class NobodyTakesPart(DomainError):
    code = "nobody_takes_part"
    message = _("Companies and firms have to be chosen first.")


class NoTables(DomainError):
    code = "no_tables"
    message = _("There is no table. Give the number of tables first.")
    field = "table_count"


class NoPairAllowed(DomainError):
    code = "no_pair_allowed"
    message = _(
        "Not one company may meet any of the firms: conflicts of interest or refusals keep all pairs apart."
    )


class TooManyLocks(DomainError):
    code = "too_many_locks"
    message = _(
        "%(name)s has %(locks)s meetings that stay where they are, and only %(places)s places for them."
    )


class LockBroken(DomainError):
    code = "lock_broken"
    message = _("%(name)s cannot stay where it is: %(why)s Free it first.")


class ComputationFailed(DomainError):
    code = "computation_failed"
    message = _("No timetable could be computed: %(detail)s")


class CheckFailed(DomainError):
    code = "check_failed"
    message = _("The independent check found a fault, so nothing was published: %(detail)s")


class NotDraft(DomainError):
    code = "not_draft"
    message = _("Only a draft can be published or changed.")


class PublishedMeanwhile(DomainError):
    code = "published_meanwhile"
    message = _("Another timetable was published meanwhile. Look at it, then compute or repair anew.")


class SlotBegan(DomainError):
    code = "slot_began"
    message = _("Meanwhile a slot has begun that this repair changes. Ask for the repair again.")


class ChangedMeanwhile(DomainError):
    code = "changed_meanwhile"
    message = _(
        "Since it was computed, %(company)s and %(firm)s may not meet any more, or one of them left. Compute anew."
    )


class NoPlan(DomainError):
    code = "no_plan"
    message = _("No timetable is published yet.")


class NothingHappened(DomainError):
    code = "nothing_happened"
    message = _("Say who is late, gone or there again, or which table or meeting drops out.")
    status = 400


class NotInTimetable(DomainError):
    code = "not_in_timetable"
    message = _("%(name)s is not part of the timetable in force: it joined after that was computed.")
    status = 400


class TableInUse(DomainError):
    code = "table_in_use"
    message = _(
        "Meetings take place at table %(table)s. Enter on the day that the table drops out; then there can be fewer."
    )
    field = "table_count"


class SlotMissing(DomainError):
    code = "slot_missing"
    message = _("Say from which slot on. It has to be one that is still to come.")
    field = "slot"
    status = 400


class MeetingClosed(DomainError):
    code = "meeting_closed"
    message = _("This meeting is cancelled or not in the timetable in force.")


class NotYet(DomainError):
    code = "not_yet"
    message = _("This meeting has not begun yet.")


class PassNeedsReason(DomainError):
    code = "pass_needs_reason"
    message = _("Choose why they pass.")
    field = "reason"
    status = 400


class NotBothContinue(DomainError):
    code = "not_both_continue"
    message = _("An introduction follows only where both sides want to continue.")


class FollowedUp(DomainError):
    code = "followed_up"
    message = _("The introduction is under way. Call it off there first.")
