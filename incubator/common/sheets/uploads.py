"""Uploaded sheets between preview and confirmation: kept by Django's storage for at most an hour."""

import contextlib
import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, BinaryIO

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incubator.common.sheets.errors import SheetError

FOLDER = "sheets"
KEPT_FOR = timedelta(hours=1)
_SALT = "incubator.common.sheets"


class UploadGone(SheetError):
    """The confirmation is not the person's own, was used already, or came too late."""

    code = "upload_gone"
    message = _("This preview is no longer valid. Upload the file again.")
    status = 410


@dataclass(frozen=True)
class Upload:
    """A kept file and what its person was shown of it: `digest` names the plan of the preview."""

    user_id: int
    loader: str
    path: str
    name: str
    sha256: str
    digest: str = ""

    def token(self) -> str:
        """What the confirmation form carries; signed, so that neither file nor plan can be exchanged."""
        return signing.dumps(asdict(self), salt=_SALT)

    def open(self) -> BinaryIO:
        """The content as it was uploaded. Raises UploadGone when it is not there any more."""
        try:
            with default_storage.open(self.path, "rb") as kept:
                content = kept.read()
        except FileNotFoundError as error:
            raise UploadGone from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise UploadGone
        return BytesIO(content)

    def forget(self) -> None:
        """Delete the file when the transaction in force has succeeded."""
        transaction.on_commit(lambda: default_storage.delete(self.path))


def keep(*, user: Any, loader: str, name: str, content: bytes, now: datetime) -> Upload:
    """Keep an uploaded file for its person, and delete what anyone left for longer than an hour."""
    forget_old_uploads(now=now)
    path = default_storage.save(f"{FOLDER}/{user.pk}/{secrets.token_urlsafe(32)}", ContentFile(content))
    return Upload(user.pk, loader, path, name, hashlib.sha256(content).hexdigest())


def confirmed_upload(token: str, *, user: Any, loader: str) -> Upload:
    """The upload that a confirmation speaks of. Raises UploadGone unless it is this person's and fresh."""
    try:
        upload = Upload(**signing.loads(token, salt=_SALT, max_age=KEPT_FOR))
    except (signing.BadSignature, TypeError) as error:
        raise UploadGone from error
    if (upload.user_id, upload.loader) != (user.pk, loader):
        raise UploadGone
    return upload


def forget_old_uploads(*, now: datetime) -> int:
    """Delete every kept file older than an hour; returns how many. Safe to run at any time."""
    forgotten = 0
    for folder in _listed(FOLDER)[0]:
        for name in _listed(f"{FOLDER}/{folder}")[1]:
            path = f"{FOLDER}/{folder}/{name}"
            # Another process may have deleted it in between.
            with contextlib.suppress(FileNotFoundError):
                if default_storage.get_modified_time(path) < now - KEPT_FOR:
                    default_storage.delete(path)
                    forgotten += 1
    return forgotten


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
