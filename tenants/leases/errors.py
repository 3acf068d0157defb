"""Why a space, a rate or a lease could not be written."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from incubator.common.display import day
from incubator.common.errors import DomainError

day_in_words: Any = lazy(day, str)
"""A day that is put into the reader's form only when the refusal is shown."""


class CodeTaken(DomainError):
    code = "space_code_taken"
    message = _("This building has a space of this code already.")
    field = "code"


class FloorElsewhere(DomainError):
    code = "floor_elsewhere"
    message = _("This floor belongs to another building.")
    field = "floor"


class RateOverlap(DomainError):
    code = "rate_overlap"
    message = _("Two rates of one space cannot hold on the same day.")
    field = "period"


class SpaceBlocked(DomainError):
    code = "space_blocked"
    message = _("This space is blocked on some of these days. Choose other days or another space.")
    detailed = _("This space is blocked %(days)s (%(why)s). Choose other days or another space.")
    field = "space"


class LetMeanwhile(DomainError):
    code = "let_meanwhile"
    message = _("A lease holds the space on some of these days. Move it first, or choose other days.")
    detailed = _("The space is let on these days: %(leases)s. Move or end these leases first.")
    field = "period"


class AlreadyOver(DomainError):
    code = "already_over"
    message = _("These days are over, or the block was called off already.")


class NoteMissing(DomainError):
    code = "note_missing"
    message = _("Write why. The people who ask for the space read it.")
    field = "note"


class SinceTomorrow(DomainError):
    code = "since_tomorrow"
    message = _("The day lies in the future. Block the space for these days instead.")
    field = "since"


class SpacesOverlap(DomainError):
    code = "spaces_overlap"
    message = _("Two spaces cannot lie on the same part of the floor.")
    detailed = _("These spaces lie on one another: %(spaces)s. Move one of them.")


class OffTheGrid(DomainError):
    code = "off_the_grid"
    message = _("%(space)s does not lie within the grid of %(cells)s by %(cells)s metres.")


class NotOfThisFloor(DomainError):
    code = "not_of_this_floor"
    message = _("One of these spaces is on another floor.")


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    message = _("A space has at most %(most)s photographs. Remove one first.")
    field = "picture"


class SpaceTaken(DomainError):
    code = "space_taken"
    message = _("This space is taken on some of these days. Choose other days or another space.")
    detailed = _("This space is taken from %(first)s to %(last)s. Choose other days or another space.")
    field = "space"


class SpacePromised(SpaceTaken):
    code = "space_promised"
    message = _(
        "The space is promised to another company in that time, so the lease cannot be extended that far."
    )
    detailed = _(
        "The space is promised from %(first)s to %(last)s, so the lease cannot be extended that far."
    )
    field = "until"


class SpaceClosed(DomainError):
    code = "space_closed"
    message = _("This space is not let at present.")
    field = "space"


class BeforeOpening(DomainError):
    code = "before_opening"
    message = _("The building opens on %(day)s; no lease can begin before that.")
    field = "first_day"


class EndBeforeStart(DomainError):
    code = "end_before_start"
    message = _("The last day lies before the first day.")
    field = "last_day"


class TermTooLong(DomainError):
    code = "term_too_long"
    message = _("A lease runs for at most %(months)s months: from %(first)s until %(latest)s.")
    field = "last_day"


class WrongState(DomainError):
    """The lease is not in a state from which the step is allowed; the message is the step's own."""

    code = "wrong_state"
    message = _("This step is not possible. The lease is: %(state)s.")


class NotBegun(DomainError):
    code = "not_begun"
    message = _("This lease begins on %(first)s.")


class StillRunning(DomainError):
    code = "still_running"
    message = _("This lease runs until %(last)s. To end it earlier, terminate it.")


class LastDayOutside(DomainError):
    code = "last_day_outside"
    message = _("The last day must lie between %(first)s and %(last)s.")
    field = "last_day"


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Write the reason. The company reads it.")
    field = "reason"


class MoveOutside(DomainError):
    code = "move_outside"
    message = _("The first day in the new space must lie between %(first)s and %(last)s.")
    field = "first_day"


class SameSpace(DomainError):
    code = "same_space"
    message = _("The company is in this space already.")
    field = "space"


class NotRunning(DomainError):
    code = "not_running"
    message = _("Only a lease that is running can be extended.")


class NotLater(DomainError):
    code = "not_later"
    message = _("The new last day must be later than %(last)s.")
    field = "until"


class AskedTooLate(DomainError):
    code = "asked_too_late"
    message = _(
        "An extension must be asked for at least one month before the end. For this lease that was %(deadline)s."
    )


class ExtensionTooLong(TermTooLong):
    code = "extension_too_long"
    field = "until"


class ExtensionOpen(DomainError):
    code = "extension_open"
    message = _("A request for this lease is under review already.")


class ExtensionDecided(DomainError):
    code = "extension_decided"
    message = _("This request is no longer open.")
