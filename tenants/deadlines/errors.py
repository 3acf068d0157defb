from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class NotDoneYet(DomainError):
    code = "not_done_yet"
    message = _("This day is still to come.")
    field = "done_on"
    status = 400


class WrongOrder(DomainError):
    code = "wrong_order"
    message = _("It cannot end before it was done.")
    field = "valid_until"
    status = 400


class OverAlready(DomainError):
    code = "over_already"
    message = _("This is over already. Please send in what holds today.")
    field = "valid_until"
    status = 400


class WaitsAlready(DomainError):
    code = "waits_already"
    message = _("Your evidence of this kind is being looked at. Please wait for the answer.")


class EvidenceMissing(DomainError):
    code = "evidence_missing"
    message = _("Please add a file that shows it.")
    field = "evidence"
    status = 400


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please give a reason. The company reads it.")
    field = "reason"
    status = 400


class DutyDecided(DomainError):
    code = "duty_decided"
    message = _("This has been decided already.")


class CheckedInTheFuture(DomainError):
    code = "checked_in_the_future"
    message = _("This day is still to come.")
    field = "checked_on"
    status = 400


class StaysOn(DomainError):
    code = "stays_on"
    message = _("These reminders cannot be switched off: too much depends on them.")
    status = 400


class ToldAlready(DomainError):
    """Another run has written one of these reminders in this very moment."""

    code = "told_already"
    message = _("These reminders have been written already.")


class StatusServiceFailed(DomainError):
    code = "status_service_failed"
    message = _("The tax service gave no answer that can be read: %(said)s")
    status = 502


class StatusServiceOff(DomainError):
    code = "status_service_off"
    message = _("No key for the tax service is set.")
