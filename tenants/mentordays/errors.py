from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class WrongState(DomainError):
    code = "wrong_state"
    message = _("This cannot be done any more, or not yet: %(state)s.")


class SlotsFrozen(DomainError):
    code = "slots_frozen"
    message = _("Wishes are collected for these slots: their times stand.")


class BadBreaks(DomainError):
    code = "bad_breaks"
    message = _("A break comes after a slot of the day, and not after the last one.")
    field = "breaks"
    status = 400


class DayTooLong(DomainError):
    code = "day_too_long"
    message = _("The last meeting would end after midnight.")
    field = "slot_count"
    status = 400


class UnknownSlot(DomainError):
    code = "unknown_slot"
    message = _("The day has no slot %(slot)s.")
    field = "absent"
    status = 400


class MinimumOverMaximum(DomainError):
    code = "minimum_over_maximum"
    message = _("The least must not be above the most.")
    field = "minimum"
    status = 400


class InvitedAlready(DomainError):
    code = "invited_already"
    message = _("Is invited already.")


class MeetsAlready(DomainError):
    code = "meets_already"
    message = _("Has a place in a timetable. Put in a maximum of 0, or a repair on the day, instead.")


class TableNameTaken(DomainError):
    code = "table_name_taken"
    message = _("There is a table of this name, or for this room.")
    field = "name"


class DeadlinePast(DomainError):
    code = "deadline_past"
    message = _("The time until which wishes are collected lies in the past, or after the day begins.")
    field = "ranking_closes_at"
    status = 400


class RankingClosed(DomainError):
    code = "ranking_closed"
    message = _("Wishes are not collected any more.")


class RankingOpen(DomainError):
    code = "ranking_open"
    message = _("Wishes are still collected. Close them first.")


class NotInvited(DomainError):
    code = "not_invited"
    message = _("One of them does not take part in this day.")
    status = 400


class BadRank(DomainError):
    code = "bad_rank"
    message = _("Places go from 1 to %(most)s, each once, and none to whom you do not want to meet.")
    status = 400


class NobodyInvited(DomainError):
    code = "nobody_invited"
    message = _("Advisers, companies and tables are needed first.")


class NoWishes(DomainError):
    code = "no_wishes"
    message = _("Nobody has a wish that could be met.")


class CompanyAwayAllDay(DomainError):
    code = "company_away_all_day"
    message = _("%(who)s is there in no slot of the day.")


class AdviserAwayAllDay(DomainError):
    code = "adviser_away_all_day"
    message = _("%(who)s has no free slot on the day: absent, booked in consulting or busy in a calendar.")


class AdviserTakesNobody(DomainError):
    code = "adviser_takes_nobody"
    message = _("%(who)s may have no meeting at all (a maximum of 0) and is wished for.")


class NoCommonSlot(DomainError):
    code = "no_common_slot"
    message = _("No two who wish for each other are there in the same slot with a table open.")


class TooManyLocks(DomainError):
    code = "too_many_locks"
    message = _("%(who)s has %(locks)s locked meetings and room for %(places)s.")


class LockImpossible(DomainError):
    code = "lock_impossible"
    message = _(
        "The locked meeting of %(company)s and %(adviser)s at %(time)s cannot be: somebody is away, or nobody wishes it."
    )


class LocksWithoutTable(DomainError):
    code = "locks_without_table"
    message = _("At %(time)s more meetings are locked than tables are open.")


class ProblemRefused(DomainError):
    code = "problem_refused"
    message = _("The day cannot be computed: %(reason)s.")


class NotADraft(DomainError):
    code = "not_a_draft"
    message = _("This version is published, or was: it never changes.")


class OtherPublished(DomainError):
    code = "other_published"
    message = _("Another version was published meanwhile.")


class InputChanged(DomainError):
    code = "input_changed"
    message = _("What the timetable was computed from has changed since. Compute it again.")


class CheckFailed(DomainError):
    code = "check_failed"
    message = _("The check found a fault, so the timetable is not published: %(fault)s")


class NothingDropped(DomainError):
    code = "nothing_dropped"
    message = _("Say who or what drops out.")
    status = 400


class DayIsOver(DomainError):
    code = "day_is_over"
    message = _("The last slot has begun: nothing can be moved any more.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please give a reason.")
    field = "reason"
    status = 400


class Unsolved(DomainError):
    code = "unsolved"
    message = _("The solver found no answer. Try again; if it stays so, tell whoever runs the system.")
