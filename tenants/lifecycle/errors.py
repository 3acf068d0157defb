from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class NotAdmitted(DomainError):
    code = "not_admitted"
    message = _("Only an admitted company can move in; this one has moved in, graduated or left.")


class NotInResidence(DomainError):
    code = "not_in_residence"
    message = _("The company is not in residence, so it can neither graduate nor leave.")


class LastDayAhead(DomainError):
    code = "last_day_ahead"
    message = _("That day is still to come. Record the end of the residency on its last day or later.")
    field = "last_day"
    status = 400


class LeaseOutlivesResidency(DomainError):
    code = "lease_outlives_residency"
    message = _("The lease of %(space)s runs until %(day)s. End it first.")
    field = "last_day"


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please say why the company leaves early.")
    field = "reason"
    status = 400


class CompanyLivesHere(DomainError):
    code = "company_lives_here"
    message = _("A company with this business number lives in the camp already.")
    field = "business_number"


class ContractSigned(DomainError):
    code = "contract_signed"
    message = _(
        "The contract is signed, so the admission cannot be taken back. End the lease and the stay instead."
    )


class NoSpaceHeld(DomainError):
    code = "no_space_held"
    message = _("The company holds no space today, so there is no residency to certify.")


class PurposeMissing(DomainError):
    code = "purpose_missing"
    message = _("Please say what the certificate is for, in at most %(longest)s letters.")
    field = "purpose"
    status = 400


class NotGraduated(DomainError):
    code = "not_graduated"
    message = _("Only a company that has graduated gets this certificate.")


class HandoversOpen(DomainError):
    code = "handovers_open"
    message = _("The handover of %(spaces)s is still open. Close it first.")


class HandoverRefused(DomainError):
    code = "handover_refused"
    message = _("%(space)s cannot be handed over yet. %(why)s")
