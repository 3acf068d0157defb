"""Write mails down, send each at most once, and give back what a mail server refused."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.dbroles import acting_as_system
from incubator.common.errors import NotAllowed, refusing
from incubator.common.models import CampSettings

from . import tasks
from .errors import NotUnclear, WrittenBefore
from .models import UNCLEAR_AFTER, Mail

TRIED_FOR = timedelta(days=7)
AT_ONCE = 500


def write_mail(
    *,
    topic: str,
    key: str,
    user: Any,
    template: str,
    context: Mapping[str, Any],
    now: datetime,
    address: str = "",
    language: str = "",
) -> Mail:
    """Write down a mail to `user` (None: to `address`) in their language, out of emails/<template>_subject.txt and
    _body.txt, and send it once the transaction is committed. Only the staff role may.

    Raises WrittenBefore: there is a mail of this key, or another transaction has just written it.
    """
    with translation.override(language or (user.language if user else "ko")):
        values = {"name": user.name if user else "", "camp": CampSettings.current(), **context}
        subject = " ".join(render_to_string(f"emails/{template}_subject.txt", values).split())
        body = render_to_string(f"emails/{template}_body.txt", values)
    mail = Mail(
        topic=topic,
        key=key,
        user=user,
        address=address or user.email,
        subject=subject[:250],
        body=body,
        made_at=now,
    )
    with refusing({"mailing_mail_key": WrittenBefore}):
        mail.save()
    deliver_later([mail.pk])
    return mail


def deliver_later(mail_ids: Iterable[int]) -> None:
    """Queue these once the transaction is committed. What the queue does not take, `deliver_waiting` finds again."""
    ids = list(mail_ids)

    def queue() -> None:
        for mail_id in ids:
            tasks.deliver.delay(mail_id)

    transaction.on_commit(queue, robust=True)


def claim(*, mail_id: int, now: datetime) -> bool:
    """Take a mail to send it: True for one caller only. Count on it only once it is committed."""
    taken = Mail.objects.filter(pk=mail_id, sent_at=None, claimed_at=None)
    return bool(taken.update(claimed_at=now, attempts=F("attempts") + 1, failure=""))


def transmit(*, mail_id: int, now: datetime) -> bool:
    """Hand a claimed mail to the mail server and note what became of it; outside of any transaction.

    A clear refusal gives the mail back, to be tried again. Where nobody can know whether it went out (the connection
    broke while it was handed over, or this process ends here) it stays claimed and is never sent again by itself.
    """
    with acting_as_system():
        mail = Mail.objects.get(pk=mail_id)
    message = EmailMessage(mail.subject, mail.body, to=[mail.address])
    try:
        connection = get_connection()
        connection.open()
    except (OSError, SMTPException) as error:
        return _give_back(mail_id, error)
    try:
        connection.send_messages([message])
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        return _give_back(mail_id, error)
    except (OSError, SMTPException) as error:
        _note(mail_id, failure=_said(error))
        return False
    finally:
        _close(connection)
    _note(mail_id, sent_at=now)
    return True


def _close(connection: Any) -> None:
    """A goodbye that fails says nothing about the mail."""
    try:
        connection.close()
    except (OSError, SMTPException):
        return


def _give_back(mail_id: int, error: Exception) -> bool:
    _note(mail_id, claimed_at=None, failure=_said(error))
    return False


def _note(mail_id: int, **values: Any) -> None:
    with acting_as_system():
        Mail.objects.filter(pk=mail_id, sent_at=None).update(**values)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:400]


def deliver_waiting(*, now: datetime, older: timedelta = timedelta(minutes=5)) -> int:
    """Queue what was written a while ago and nobody has taken; how many. After a week a mail is left to people."""
    waiting = list(
        Mail.objects.filter(
            sent_at=None, claimed_at=None, made_at__lt=now - older, made_at__gt=now - TRIED_FOR
        )
        .order_by("made_at", "pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    deliver_later(waiting)
    return len(waiting)


@transaction.atomic
def send_again(*, mail: Mail, actor: Any, now: datetime) -> Mail:
    """A manager decides that an unclear mail goes out again, at the risk that it arrives twice. Raises NotUnclear."""
    acting = acting_of(actor)
    if acting.kind != Kind.STAFF or acting.read_only:
        raise NotAllowed
    unclear = Mail.objects.filter(pk=mail.pk, sent_at=None)
    given_up = unclear.filter(claimed_at=None, made_at__lt=now - TRIED_FOR)
    lost = unclear.filter(claimed_at__lt=now - UNCLEAR_AFTER)
    if not (lost | given_up).update(claimed_at=None):
        raise NotUnclear
    deliver_later([mail.pk])
    mail.refresh_from_db()
    return mail
