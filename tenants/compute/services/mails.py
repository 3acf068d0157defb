"""Mails about credits: written down with what they tell, sent when that is committed, each once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import translation

from incubator.common.models import CampSettings
from tenants.companies.models import Company, Membership
from tenants.compute import tasks
from tenants.compute.enums import MailEvent
from tenants.compute.models import ClawBackNotice, CreditMail, GrantRequest, LotWarning

# What a mail of each event is about; the template's name for it is `about`.
_ABOUT: Mapping[str, type[Model]] = {
    MailEvent.REQUEST_DECIDED: GrantRequest,
    MailEvent.LOT_WARNING: LotWarning,
    MailEvent.NOTICE_SENT: ClawBackNotice,
    MailEvent.EXEMPTION_DECIDED: ClawBackNotice,
    MailEvent.CARRIED_OUT: ClawBackNotice,
}


def tell_members(event: str, object_id: int, company_id: int, *, now: datetime) -> None:
    """Write a mail down for every member of the company, or for its own address while it has none, and send them once
    the transaction is committed. The staff role alone may."""
    members = list(
        Membership.objects.filter(company_id=company_id, user__is_active=True)
        .order_by("pk")
        .values_list("user_id", flat=True)
    )
    recipients: list[int | None] = [*members] or [None]
    mails = CreditMail.objects.bulk_create(
        CreditMail(event=event, object_id=object_id, company_id=company_id, user_id=user, made_at=now)
        for user in recipients
    )
    _after_commit(mail.pk for mail in mails)


def _after_commit(mail_ids: Iterable[int]) -> None:
    """What the queue does not take, or the mail server, `send_waiting_mails` finds again."""
    ids = list(mail_ids)

    def send() -> None:
        for mail_id in ids:
            tasks.send_credit_mail.delay(mail_id)

    transaction.on_commit(send, robust=True)


def send_waiting_mails(*, before: datetime) -> int:
    """Queue the mails again that were written down before a moment and have not gone out; how many."""
    waiting = list(
        CreditMail.objects.filter(sent_at=None, made_at__lt=before)
        .order_by("made_at", "pk")
        .values_list("pk", flat=True)[:500]
    )
    _after_commit(waiting)
    return len(waiting)


@transaction.atomic
def send_mail(*, mail_id: int, now: datetime) -> bool:
    """Send one mail and mark it sent; False where it has been, is just being sent, or its reader has left the company.

    A mail server that refuses leaves it waiting: the error goes through.
    """
    found = CreditMail.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
    mail = found.filter(pk=mail_id, sent_at=None).first()
    if mail is None:
        return False
    company = Company.objects.get(pk=mail.company_id)
    if mail.user is not None and not _is_member(mail):
        mail.delete()
        return False
    about: Any = _ABOUT[mail.event]._default_manager.get(pk=mail.object_id)
    with translation.override(mail.user.language if mail.user else "ko"):
        context = {
            "about": about,
            "company": company,
            "name": mail.user.name if mail.user else company.name,
            "camp": CampSettings.current(),
        }
        template = f"emails/credits_{mail.event}"
        message = EmailMessage(
            " ".join(render_to_string(f"{template}_subject.txt", context).split()),
            render_to_string(f"{template}_body.txt", context),
            to=[mail.user.email if mail.user else company.email],
        )
    mail.sent_at = now
    mail.save(update_fields=["sent_at"])
    if mail.event == MailEvent.LOT_WARNING:
        LotWarning.objects.filter(pk=mail.object_id, sent_at=None).update(sent_at=now)
    message.send()
    return True


def _is_member(mail: CreditMail) -> bool:
    return Membership.objects.filter(
        company_id=mail.company_id, user=mail.user, user__is_active=True
    ).exists()
