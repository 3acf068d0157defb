"""Why a handover cannot be opened, ticked or closed."""

from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class HandoverExists(DomainError):
    code = "handover_exists"
    message = _("This lease has a handover already.")


class NothingToHandOver(DomainError):
    code = "nothing_to_hand_over"
    message = _("Nobody moved in under this lease, so there is nothing to hand over. It is: %(state)s.")


class HandoverClosed(DomainError):
    code = "handover_closed"
    message = _("This handover is closed. Nothing of it can be changed any more.")


class NotYoursToCheck(DomainError):
    code = "not_yours_to_check"
    message = _("The camp office ticks this item.")
    status = 403


class NoteMissing(DomainError):
    code = "note_missing"
    message = _("Please say why this item is not needed.")
    field = "note"
    status = 400


class TooManyPictures(DomainError):
    code = "too_many_pictures"
    message = _("An item may have at most %(most)s photographs.")
    field = "picture"


class ItemsOpen(DomainError):
    code = "items_open"
    message = _("These required items are still to do: %(items)s.")


class KeysMissing(DomainError):
    code = "keys_missing"
    message = _(
        "%(missing)s of %(given)s keys have not come back. Record them, or say in the note what became of them."
    )
    field = "note"


class TooManyKeys(DomainError):
    code = "too_many_keys"
    message = _("More keys came back than were given out.")
    field = "keys_returned"
    status = 400


class DepositUnaccounted(DomainError):
    code = "deposit_unaccounted"
    message = _(
        "Of the deposit of %(deposit)s, %(kept)s is kept and %(returned)s returned: that does not add up."
    )
    field = "returned_krw"


class KeptReasonMissing(DomainError):
    code = "kept_reason_missing"
    message = _("Please say why a part of the deposit is kept.")
    field = "kept_reason"
    status = 400


class CallOffReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please say why the handover is called off.")
    field = "reason"
    status = 400


class HandoverTooEarly(DomainError):
    code = "handover_too_early"
    message = _("The lease runs until %(last)s. Close its handover on its last day or later.")
