from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class AlreadyRevoked(DomainError):
    code = "already_revoked"
    message = _("This paper has been withdrawn already.")


class RevokeReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please say why the paper is withdrawn.")
    field = "reason"
    status = 400


class PaperDamaged(DomainError):
    """The stored file is missing, or is not what was issued."""

    code = "paper_damaged"
    message = _(
        "The stored file of this paper is missing or has been changed. Please tell the camp office; it can issue the paper anew."
    )


class TooManyPapers(DomainError):
    code = "too_many_papers"
    message = _(
        "Your company was issued %(most)s papers within a day. Please use one of them, or come back tomorrow."
    )
    status = 429
