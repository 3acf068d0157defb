from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class NotOpen(DomainError):
    code = "call_not_open"
    message = _("This call takes no applications now.")


class TooLate(DomainError):
    code = "too_late"
    message = _(
        "The call closed on %(closes)s (Seoul time), and it was %(now)s when this arrived. It cannot be submitted any more. "
        "Your draft is kept as it is."
    )


class TooEarly(DomainError):
    code = "too_early"
    message = _("The call opens on %(opens)s (Seoul time). Your draft is kept until then.")


class Incomplete(DomainError):
    code = "incomplete"
    message = _("The application is not complete yet: %(missing)s.")
    status = 400


class LinkExpired(DomainError):
    code = "link_expired"
    message = _(
        "This link is not valid any more. Ask for a new one with your e-mail address: your draft is kept."
    )
    status = 410


class AlreadySubmitted(DomainError):
    code = "already_submitted"
    message = _("This application was submitted already.")


class NotWithdrawable(DomainError):
    code = "not_withdrawable"
    message = _("This application is decided, so it cannot be withdrawn.")


class TooManyFiles(DomainError):
    code = "too_many_files"
    message = _("Not more than %(most)s files can be added here. Remove one first.")
    field = "file"


class NoDocumentsAsked(DomainError):
    code = "no_documents_asked"
    message = _("No more documents are asked for, or the time for them is over.")


class QuestionsFrozen(DomainError):
    code = "questions_frozen"
    message = _("An application was submitted already, so the questions of this call cannot change any more.")


class CriteriaFrozen(DomainError):
    code = "criteria_frozen"
    message = _("A review was submitted already, so the criteria of this call cannot change any more.")


class CallIncomplete(DomainError):
    code = "call_incomplete"
    message = _("A call needs at least one criterion before it is published.")


class WrongCallState(DomainError):
    code = "wrong_call_state"
    message = _("This call is: %(state)s. That step is not possible now.")


class StillOpen(DomainError):
    code = "call_still_open"
    message = _("Applications come in until %(closes)s. Wait until then.")


class Undecided(DomainError):
    code = "undecided"
    message = _("%(count)s applications are not decided yet.")


class PlacesBelowAccepted(DomainError):
    code = "places_below_accepted"
    message = _("More applications are accepted already.")
    field = "places"


class WrongState(DomainError):
    code = "wrong_application_state"
    message = _("This application is: %(state)s. That step is not possible now.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please give the reason.")
    field = "reason"
    status = 400


class ConflictOfInterest(DomainError):
    code = "conflict_of_interest"
    message = _("This reviewer has a conflict of interest with the application: %(why)s.")
    field = "reviewer"


class ReviewerFull(DomainError):
    code = "reviewer_full"
    message = _("This reviewer has as many applications as they take.")
    field = "reviewer"


class AlreadyAssigned(DomainError):
    code = "already_assigned"
    message = _("This reviewer has the application already.")
    field = "reviewer"


class OtherCall(DomainError):
    code = "other_call"
    message = _("This reviewer reviews another call.")
    field = "reviewer"


class ReviewClosed(DomainError):
    code = "review_closed"
    message = _("This review was submitted or given back already.")


class ScoresMissing(DomainError):
    code = "scores_missing"
    message = _("Please score every criterion from 1 to 5: %(missing)s.")
    status = 400


class NoPlaceLeft(DomainError):
    code = "no_place_left"
    message = _(
        "All places of this call are taken. Raise their number, or put the application on the waiting list."
    )


class BusinessNumberNeeded(DomainError):
    code = "business_number_needed"
    message = _(
        "The applicant gave no business number. A company is admitted with one: write it here once it is registered."
    )
    field = "business_number"
    status = 400


class NotAccepted(DomainError):
    code = "not_accepted"
    message = _("This application is not accepted, so there is nothing to take back.")
