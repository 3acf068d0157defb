from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class NotEnoughCredits(DomainError):
    code = "not_enough_credits"
    message = _("The account does not hold this many credits.")
    field = "amount_gflop"


class HeldBack(DomainError):
    code = "held_back"
    message = _("Some of these credits are held for a while. Please move less, or release the hold first.")
    field = "amount_gflop"


class PoolExhausted(DomainError):
    code = "pool_exhausted"
    message = _("The pool has no room for this grant: %(left)s PF·h are left.")
    field = "amount_gflop"


class IdempotencyConflict(DomainError):
    code = "idempotency_conflict"
    message = _("This key was used before for something else.")
    status = 422


class AlreadyReversed(DomainError):
    code = "already_reversed"
    message = _("This transfer has been reversed already.")


class AlreadyResolved(DomainError):
    code = "already_resolved"
    message = _("This hold is over already.")


class HoldTooLong(DomainError):
    code = "hold_too_long"
    message = _("A hold must end in the future, at most %(days)s days from now.")
    field = "until"
    status = 400


class NotReversible(DomainError):
    code = "not_reversible"
    message = _(
        "Only a supply or a grant is reversed by hand. Usage is corrected by importing the corrected usage, a claw-back by"
        " a new grant."
    )


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please give a reason.")
    field = "reason"
    status = 400


class AmountNotPositive(DomainError):
    code = "amount_not_positive"
    message = _("The amount must be above zero.")
    field = "amount_gflop"
    status = 400


class WrongPeriod(DomainError):
    code = "wrong_period"
    message = _("The period must have a first and a last day, the last not before the first.")
    field = "period"
    status = 400


class OutsidePool(DomainError):
    code = "outside_pool"
    message = _("The grant's period must lie within the pool's: %(period)s.")
    field = "period"
    status = 400


class UnknownResource(DomainError):
    code = "unknown_resource"
    message = _("No such resource: %(codes)s.")
    field = "resources"
    status = 400


class PoolNameTaken(DomainError):
    code = "pool_name_taken"
    message = _("There is a pool of this name already.")
    field = "name"


class RateInThePast(DomainError):
    code = "rate_in_the_past"
    message = _("Usage from this day on has been charged already. A rate may begin after %(day)s.")
    field = "starts_on"


class RateOverlaps(DomainError):
    code = "rate_overlaps"
    message = _("A later rate of this resource exists already.")
    field = "starts_on"


class UnknownCluster(DomainError):
    code = "unknown_cluster"
    message = _("No cluster is registered as “%(name)s”.")
    field = "cluster"
    status = 400


class UnknownSource(DomainError):
    code = "unknown_source"
    message = _("No such source of usage: “%(name)s”.")
    field = "source"
    status = 400


class NotUsage(DomainError):
    """The text as a whole is no usage: no header, or columns missing."""

    code = "not_usage"
    field = "file"
    status = 400


class BeyondTheLedger(DomainError):
    code = "beyond_the_ledger"
    message = _("The amounts in this file add up to more than the ledger can hold. Nothing was imported.")
    field = "file"


class AccountTaken(DomainError):
    code = "account_taken"
    message = _("This account of the cluster belongs to %(company)s.")
    field = "company"


class StorageGrantOver(DomainError):
    code = "storage_grant_over"
    message = _("This grant ends on that day or before it anyway.")
    field = "last_day"


class MarketPriceTaken(DomainError):
    code = "market_price_taken"
    message = _("A price of this resource from this day on is there already.")
    field = "starts_on"


class NotSreport(DomainError):
    code = "not_sreport"
    message = _("Line %(line)s: %(reason)s")
    field = "file"
    status = 400


class WindowMissing(DomainError):
    code = "window_missing"
    message = _("The file does not say which window it counts. Please give its first moment and its end.")
    field = "start"
    status = 400


class WindowDiffers(DomainError):
    code = "window_differs"
    message = _("The file counts another window than the one you gave.")
    field = "start"
    status = 400


class WindowWrong(DomainError):
    code = "window_wrong"
    message = _("The window must begin before it ends, both at a whole second.")
    field = "end"
    status = 400


class NothingToSettle(DomainError):
    code = "nothing_to_settle"
    message = _("There is no difference here that waits for an explanation.")


class ClusterCommandFailed(DomainError):
    code = "cluster_command_failed"
    message = _("%(cluster)s did not answer %(program)s: %(said)s")
    status = 502


class ClusterUnreadable(DomainError):
    code = "cluster_unreadable"
    message = _("%(cluster)s printed something that nobody can read: %(said)s")
    status = 502


class OtherCluster(DomainError):
    code = "other_cluster"
    message = _("The commands of %(cluster)s reach the cluster %(found)s. Nothing was written.")


class NotReached(DomainError):
    code = "not_reached"
    message = _("Nobody has said how the commands of %(cluster)s are reached (SLURM_COMMANDS).")


class StillFunded(DomainError):
    code = "still_funded"
    message = _(
        "%(account)s still has credits or is nobody's account. Running jobs are cancelled only when nothing is left."
    )


class PlanDoesNotAddUp(DomainError):
    code = "plan_does_not_add_up"
    message = _("The planned use adds up to %(planned)s PF·h, but %(asked)s PF·h are asked for.")
    field = "plan"
    status = 400


class PlanOutsidePeriod(DomainError):
    code = "plan_outside_period"
    message = _("The plan has one amount for each month of the period and no other month.")
    field = "plan"
    status = 400


class PeriodTooLong(DomainError):
    code = "period_too_long"
    message = _("Credits can be asked for 24 months at the most.")
    field = "last_day"
    status = 400


class PeriodOver(DomainError):
    code = "period_over"
    message = _("The period is over.")
    field = "last_day"
    status = 400


class RequestDecided(DomainError):
    code = "request_decided"
    message = _("This request has been decided or withdrawn already.")


class SamePerson(DomainError):
    code = "same_person"
    message = _("You have agreed already. A grant of this size needs the agreement of another person.")


class OwnRequest(DomainError):
    code = "own_request"
    message = _("Nobody decides a request that they made themselves.")
    status = 403


class MoreThanAsked(DomainError):
    code = "more_than_asked"
    message = _("The company asked for %(asked)s PF·h. More cannot be granted on this request.")
    field = "amount_gflop"
    status = 400


class TwoPeopleNeeded(DomainError):
    code = "two_people_needed"
    message = _(
        "A grant above %(limit)s PF·h needs two people. Please let the company ask for it: two managers can agree to its"
        " request."
    )
    field = "amount_gflop"


class PolicyInThePast(DomainError):
    code = "policy_in_the_past"
    message = _("Rules begin today or later: what has happened was under the rules before.")
    field = "starts_on"
    status = 400


class WarningsOutOfOrder(DomainError):
    code = "warnings_out_of_order"
    message = _("The first warning must come before the last one.")
    field = "early_warning_days"
    status = 400


class LotEnded(DomainError):
    code = "lot_ended"
    message = _("This grant has ended or is closed.")


class OtherCompany(DomainError):
    code = "other_company"
    message = _("Credits move between grants of one company only.")
    field = "target"
    status = 400


class SameLot(DomainError):
    code = "same_lot"
    message = _("Please choose another grant.")
    field = "target"
    status = 400


class NotLaterThanNow(DomainError):
    code = "not_later"
    message = _("The new last day must be after the present one, %(day)s.")
    field = "last_day"
    status = 400


class NoticeResolved(DomainError):
    code = "notice_resolved"
    message = _("This notice is settled already.")


class ExemptionAsked(DomainError):
    code = "exemption_asked"
    message = _("An exemption has been asked for already.")


class NoExemptionAsked(DomainError):
    code = "no_exemption_asked"
    message = _("No exemption has been asked for.")


class DeadlinePassed(DomainError):
    code = "deadline_passed"
    message = _("An exemption could be asked for until %(day)s.")


class DeadlineNotPassed(DomainError):
    code = "deadline_not_passed"
    message = _("The company may answer until %(day)s. Credits are taken back after that.")


class ExemptionWaits(DomainError):
    code = "exemption_waits"
    message = _("Please decide the exemption first that the company asks for.")


class CreditsHeld(DomainError):
    code = "credits_held"
    message = _(
        "%(held)s PF·h are held by jobs that still run, or by hand. Let them end, or release them, first."
    )
