from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class RunFailed(DomainError):
    code = "run_failed"
    message = _("The run found no result: %(detail)s")


class RunNotDraft(DomainError):
    code = "run_not_draft"
    message = _("Only a draft can be published. Start a new run.")


class PublishedMeanwhile(DomainError):
    code = "published_meanwhile"
    message = _("Another run was published at the same moment. Look at it first.")


class MatchDecided(DomainError):
    code = "match_decided"
    message = _("This match has been decided already.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Say why in a few words.")
    field = "reason"
    status = 400


class IntroductionExists(DomainError):
    code = "introduction_exists"
    message = _("This company and this firm are being introduced already.")


class ItemsMissing(DomainError):
    code = "items_missing"
    message = _("Choose at least one item to show.")
    field = "items"
    status = 400


class UnknownItems(DomainError):
    code = "unknown_items"
    message = _("These items were not asked for.")
    field = "items"
    status = 400


class UntilPast(DomainError):
    code = "until_past"
    message = _("The day until which the items may be seen has passed.")
    field = "until"


class IntroductionAnswered(DomainError):
    code = "introduction_answered"
    message = _("This introduction has been answered or called off already.")


class CompanyHidden(DomainError):
    code = "company_hidden"
    message = _(
        "Your company is hidden from investors, so the firm would see nothing. Its owner can show it first."
    )


class DisclosureClosed(DomainError):
    code = "disclosure_closed"
    message = _("This consent has been withdrawn already.")


class OutcomeOutOfOrder(DomainError):
    code = "outcome_out_of_order"
    message = _("This cannot follow “%(state)s”.")
    field = "state"


class WeightsCountNothing(DomainError):
    code = "weights_count_nothing"
    message = _("At least one component must count.")
    status = 400


class WeightsUnchanged(DomainError):
    code = "weights_unchanged"
    message = _("These are the weights in force.")


class WeightsChangedMeanwhile(DomainError):
    code = "weights_changed_meanwhile"
    message = _("Other weights were put in force in the meantime. Compare yours with them first.")


class PassReasonMissing(DomainError):
    code = "pass_reason_missing"
    message = _("Say why the firm passed, and only when it did.")
    field = "pass_reason"
    status = 400


class DayAhead(DomainError):
    code = "day_ahead"
    message = _("This day has not come yet.")
    field = "on"
    status = 400


class InvestmentMissing(DomainError):
    code = "investment_missing"
    message = _("Record the investment with its day, round and amount.")
    field = "state"
    status = 400


class InvestmentTwice(DomainError):
    code = "investment_twice"
    message = _("An investment of this round on this day is recorded already.")


class InvestmentGone(DomainError):
    code = "investment_gone"
    message = _("This investment has been taken back already.")
