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


class RunOutdated(DomainError):
    code = "run_outdated"
    message = _("Since this run was made, these pairs have been kept apart: %(pairs)s. Take them out first.")


class PairKeptApart(DomainError):
    code = "pair_kept_apart"
    message = _("This pair is never matched: %(reasons)s")


class PairUnknown(DomainError):
    code = "pair_unknown"
    message = _("This company or this firm is not in the run.")


class EditMeanwhile(DomainError):
    code = "edit_meanwhile"
    message = _("The draft was changed at the same moment. Look at it again first.")


class NothingToEdit(DomainError):
    code = "nothing_to_edit"
    message = _("The draft is that way already.")


class SeatsLocked(DomainError):
    code = "seats_locked"
    message = _("Every seat of this firm is locked for another company.")


class TooManyMusts(DomainError):
    code = "too_many_musts"
    message = _("At most %(most)s can be a must. Take another one back first.")
    field = "level"


class RankMisplaced(DomainError):
    code = "rank_misplaced"
    message = _("Only a wish to meet has a rank, from 1 to %(last)s.")
    field = "rank"
    status = 400


class FirmUnknown(DomainError):
    code = "firm_unknown"
    message = _("Choose one of the firms shown to you.")
    field = "firm"
    status = 400


class KindNotDeclarable(DomainError):
    code = "kind_not_declarable"
    message = _("Choose one of the kinds.")
    field = "kind"
    status = 400


class DayMissing(DomainError):
    code = "day_missing"
    message = _("Say until which day.")
    field = "until"
    status = 400


class DayPast(DomainError):
    code = "day_past"
    message = _("The day has passed.")
    field = "until"
    status = 400


class EvidenceMissing(DomainError):
    code = "evidence_missing"
    message = _("Say what this rests on.")
    field = "evidence"
    status = 400


class ConflictDecided(DomainError):
    code = "conflict_decided"
    message = _("The camp office has decided this already. Talk to it.")


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
