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


class PolicyBreach(DomainError):
    """A rule of the policy in force is broken. Every message names the rule, its value and its source."""

    field = "last_day"


class TermTooLong(PolicyBreach):
    code = "term_too_long"
    message = _("A lease runs for at most %(months)s months: from %(first)s until %(latest)s (%(source)s).")


class TooManyYears(PolicyBreach):
    code = "too_many_years"
    message = _(
        "A company may stay for %(years)s years in all (%(source)s). With this lease it would have had a space on "
        "%(days)s days; %(allowed)s are allowed."
    )


class CompanyTooOld(PolicyBreach):
    code = "company_too_old"
    message = _(
        "A company may stay until it is %(years)s years old (%(source)s). Founded on %(founded)s, this one may until %(latest)s."
    )


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


class ExtensionStepTooLong(PolicyBreach):
    code = "extension_step_too_long"
    message = _("One extension is for at most %(months)s months: until %(latest)s (%(source)s).")
    field = "until"


class ExtensionOpen(DomainError):
    code = "extension_open"
    message = _("A request for this lease is under review already.")


class ExtensionDecided(DomainError):
    code = "extension_decided"
    message = _("This request is no longer open.")


class PolicyInThePast(DomainError):
    code = "policy_in_the_past"
    message = _("New rules hold from today on or later.")
    field = "starts_on"


class PolicyOutOfOrder(DomainError):
    code = "policy_out_of_order"
    message = _("These two numbers contradict each other: the longer one must not be the smaller one.")
    field = "longest_notice_days"


class NewIndustriesShorter(PolicyOutOfOrder):
    code = "new_industries_shorter"
    field = "new_industry_age_years"


class UnknownPlaceholder(DomainError):
    code = "unknown_placeholder"
    message = _("There is no such placeholder: %(name)s. Take one of the list.")
    field = "articles"


class EnglishHalf(DomainError):
    code = "english_half"
    message = _("The English reading copy needs both a title and articles, or neither.")
    field = "articles_en"


class NoTemplate(DomainError):
    code = "no_template"
    message = _("No contract template is in force on this day. Make one first.")


class OfferChanged(DomainError):
    code = "offer_changed"
    message = _("The offer has changed since you opened it. Please read the new contract.")


class NotOffered(DomainError):
    code = "not_offered"
    message = _("This contract cannot be signed any more. The lease is: %(state)s.")


class AlreadySigned(DomainError):
    code = "already_signed"
    message = _("This contract has been signed already, by %(name)s on %(moment)s.")


class NameDiffers(DomainError):
    code = "name_differs"
    message = _("Type your name as it stands in your account: %(name)s.")
    field = "typed_name"


class ConsentMissing(DomainError):
    code = "consent_missing"
    message = _("Without your agreement the contract is not signed.")
    field = "agreed"


class CompanyHasNotSigned(DomainError):
    code = "company_has_not_signed"
    message = _("The company has not signed this contract yet.")


class NothingChanged(DomainError):
    code = "nothing_changed"
    message = _("The contract on offer says exactly this already.")


class SwapWithItself(DomainError):
    code = "swap_with_itself"
    message = _("Choose a lease of another company in another space.")
    field = "other"


class NotSigned(DomainError):
    code = "not_signed"
    message = _(
        "This lease is not signed, so there is nothing to end: it is %(state)s. Withdraw the offer instead."
    )


class NoticeTooShort(PolicyBreach):
    code = "notice_too_short"
    message = _(
        "Notice must be given at least %(days)s days before (%(source)s): the last day can be %(earliest)s or later."
    )


class NoticeTooLong(PolicyBreach):
    code = "notice_too_long"
    message = _(
        "Notice is given at most %(days)s days before (%(source)s): the last day can be %(latest)s or earlier."
    )


class NotEarlier(DomainError):
    code = "not_earlier"
    message = _("The lease ends on %(last)s anyway. Choose an earlier day.")
    field = "last_day"


class LastDayOver(DomainError):
    code = "last_day_over"
    message = _("The last day must be today or later.")
    field = "last_day"


class EarlyEndOpen(DomainError):
    code = "early_end_open"
    message = _("An earlier end of this lease is under review or in force already.")


class EarlyEndDecided(DomainError):
    code = "early_end_decided"
    message = _("This is decided already.")


class SpaceHeldOver(SpaceTaken):
    code = "space_held_over"
    message = _("The company before is still in this space. Resolve its stay first.")
    detailed = message


class NotOver(DomainError):
    code = "not_over"
    message = _("This lease is not over yet, so nobody stays beyond it.")


class HoldoverKnown(DomainError):
    code = "holdover_known"
    message = _("A stay after the end is recorded for this space already.")


class HoldoverResolved(DomainError):
    code = "holdover_resolved"
    message = _("This stay is resolved already.")


class NoLaterLease(DomainError):
    code = "no_later_lease"
    message = _("No lease of this company for this space begins after the old one. Make it first.")
    field = "outcome"


class LastDayAhead(DomainError):
    code = "last_day_ahead"
    message = _("The last day must be today or earlier: say it when the space is clear.")
    field = "last_day"
