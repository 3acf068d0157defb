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
