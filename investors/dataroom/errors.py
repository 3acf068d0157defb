from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class FolderExists(DomainError):
    code = "folder_exists"
    message = _("There is a folder of this name already.")
    field = "name"


class FolderNotEmpty(DomainError):
    code = "folder_not_empty"
    message = _("The folder still holds documents. Move them first, those that were put away too.")


class DocumentLocked(DomainError):
    code = "document_locked"
    message = _("This PDF asks for a password or is encrypted. Please save it without protection.")
    field = "file"
    status = 400


class DocumentDamaged(DomainError):
    code = "document_damaged"
    message = _("This file is damaged or cannot be read. Please save it again.")
    field = "file"
    status = 400


class DocumentActive(DomainError):
    code = "document_active"
    message = _(
        "This PDF carries a programme (JavaScript or another action). Please print it into a new PDF and upload that."
    )
    field = "file"
    status = 400


class DocumentCarrying(DomainError):
    code = "document_carrying"
    message = _(
        "This PDF carries other files, a form or media. Please print it into a new PDF and upload that."
    )
    field = "file"
    status = 400


class DocumentTooLong(DomainError):
    code = "document_too_long"
    message = _("The document has more than %(pages)s pages. Please upload it in parts.")
    field = "file"
    status = 400


class DocumentTooComplex(DomainError):
    code = "document_too_complex"
    message = _("This document is too large or too complex to be shown. Please save it smaller.")
    field = "file"
    status = 400


class RoomFull(DomainError):
    code = "room_full"
    message = _("The data room is full (%(megabytes)s MB). Please write to the camp office.")
    field = "file"
    status = 413


class VersionMeanwhile(DomainError):
    code = "version_meanwhile"
    message = _("Somebody else uploaded a version at this moment. Please look, and try again.")
    field = "file"


class NotOpenable(DomainError):
    code = "not_openable"
    message = _("This file cannot be opened: %(state)s.")


class NoConsent(DomainError):
    code = "no_consent"
    message = _("There is no live consent to this firm, so nothing can be opened to it.")


class AccessUntilPast(DomainError):
    code = "access_until_past"
    message = _("The day is over already.")
    field = "until"
    status = 400


class AccessChanged(DomainError):
    code = "access_changed"
    message = _("Somebody else changed the access at this moment. Please look again.")


class DrawingBusy(DomainError):
    code = "drawing_busy"
    message = _("Many pages are being drawn at this moment. Please try again.")
    status = 503


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Please say why.")
    field = "reason"
    status = 400
