from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class InvitationClosed(DomainError):
    code = "invitation_closed"
    message = _("This invitation is no longer valid. Please ask the person who invited you for a new one.")
    status = 410


class AddressTaken(DomainError):
    code = "address_taken"
    message = _(
        "A person with this e-mail address exists already. "
        "Please sign in first, then open the invitation again."
    )
    field = "email"


class UnknownScope(DomainError):
    code = "unknown_scope"
    message = _("What this person is invited to does not exist.")
    field = "scope_id"


class UnknownRole(DomainError):
    code = "unknown_role"
    message = _("This person does not hold that role. They hold: %(held)s.")
    field = "role"


class OwnAccount(DomainError):
    code = "own_account"
    message = _("You cannot close your own account. Another director can.")


class LastDirector(DomainError):
    code = "last_director"
    message = _("The camp would be left without a director. Name another one first.")
    field = "staff_groups"


class TokenRevoked(DomainError):
    code = "token_revoked"
    message = _("This token was revoked before.")
