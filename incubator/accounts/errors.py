from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class InvitationClosed(DomainError):
    code = "invitation_closed"
    message = _("This invitation is no longer valid. Please ask the person who invited you for a new one.")
    status = 410


class AddressTaken(DomainError):
    code = "address_taken"
    message = _("A person with this e-mail address exists already. Please sign in first, then open the invitation again.")
    field = "email"


class UnknownScope(DomainError):
    code = "unknown_scope"
    message = _("What this person is invited to does not exist.")
    field = "scope_id"
