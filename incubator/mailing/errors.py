from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class NotUnclear(DomainError):
    code = "not_unclear"
    message = _("This mail is sent, or still on its way.")


class WrittenBefore(DomainError):
    """A mail of this key exists."""

    code = "written_before"
    message = _("This mail has been written before.")
