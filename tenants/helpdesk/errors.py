from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class CategoryClosed(DomainError):
    code = "category_closed"
    message = _("This category cannot be chosen any more.")
    field = "category"
    status = 400


class UnknownPlace(DomainError):
    code = "unknown_place"
    message = _("Please choose one of your own spaces, or none.")
    field = "place"
    status = 400


class TextMissing(DomainError):
    code = "text_missing"
    message = _("Please write something.")
    field = "text"
    status = 400


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please give a reason. The company reads it.")
    field = "text"
    status = 400


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    message = _("At most %(most)s photographs go with one message.")
    field = "photos"
    status = 400


class WrongStep(DomainError):
    code = "wrong_step"
    message = _("The request has moved on: it is “%(state)s” now.")


class RequestOver(DomainError):
    code = "request_over"
    message = _("This request is closed. Please report a new one.")


class NotStaff(DomainError):
    code = "not_staff"
    message = _("Only someone of the camp office can be in charge.")
    field = "owner"
    status = 400


class DueInThePast(DomainError):
    code = "due_in_the_past"
    message = _("The due day lies in the past.")
    field = "due_on"
    status = 400


class KeyUsed(DomainError):
    code = "idempotency_conflict"
    message = _("This form was sent before with other words.")
    status = 422


class SatisfactionOutOfRange(DomainError):
    code = "satisfaction_out_of_range"
    message = _("Please choose from 1 to 5.")
    field = "satisfaction"
    status = 400
