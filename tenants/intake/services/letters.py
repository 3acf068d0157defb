"""Letters to applicants: previewed, written down with the decision that they tell, sent once it is committed, each once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from incubator.common.models import CampSettings
from tenants.intake import tasks
from tenants.intake.enums import LetterKind
from tenants.intake.models import Applicant, Application, Letter


@dataclass(frozen=True)
class Draft:
    """A letter as it would be sent now."""

    to: str
    subject: str
    body: str


def preview_letter(*, application: Application, kind: str, note: str = "", **more: Any) -> Draft:
    """The letter of this kind to the applicant, in their language. Writes nothing."""
    applicant = Applicant.objects.only("name", "email").get(application_id=application.pk)
    with translation.override(application.language):
        context = {
            "kind": LetterKind(kind).value,
            "application": application,
            "call": application.call,
            "name": applicant.name or applicant.email,
            "note": note.strip(),
            "camp": CampSettings.current(),
            **more,
        }
        subject = " ".join(render_to_string("emails/intake_letter_subject.txt", context).split())
        body = render_to_string("emails/intake_letter_body.txt", context)
    return Draft(applicant.email, subject[:200], body)


def write_letter(
    *, application: Application, kind: str, now: datetime, note: str = "", turn: int = 1, **more: Any
) -> Letter:
    """Keep the letter, and send it when the transaction is committed. The one that is there already is left as it is."""
    draft = preview_letter(application=application, kind=kind, note=note, **more)
    letter, made = Letter.objects.get_or_create(
        application_id=application.pk,
        kind=kind,
        turn=turn,
        defaults={"subject": draft.subject, "body": draft.body, "made_at": now},
    )
    if made:
        _after_commit([letter.pk])
    return letter


def next_turn(application: Application, kind: str) -> int:
    """The number of the next letter of a kind that may come more than once."""
    return Letter.objects.filter(application_id=application.pk, kind=kind).count() + 1


def _after_commit(letter_ids: Iterable[int]) -> None:
    """What the queue does not take, or the mail server, `send_waiting_letters` finds again."""
    ids = list(letter_ids)

    def send() -> None:
        for letter_id in ids:
            tasks.send_letter.delay(letter_id)

    transaction.on_commit(send, robust=True)


def send_waiting_letters(*, before: datetime) -> int:
    """Queue the letters again that were written before a moment and have not gone out; how many."""
    waiting = list(
        Letter.objects.filter(sent_at=None, made_at__lt=before)
        .order_by("made_at", "pk")
        .values_list("pk", flat=True)[:500]
    )
    _after_commit(waiting)
    return len(waiting)


@transaction.atomic
def send_letter(*, letter_id: int, now: datetime) -> bool:
    """Send one letter and mark it; False where it has been sent or is just being sent.

    A mail server that refuses leaves it waiting: the error goes through.
    """
    letter = (
        Letter.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("application__applicant")
        .filter(pk=letter_id, sent_at=None)
        .first()
    )
    if letter is None:
        return False
    letter.sent_at = now
    letter.save(update_fields=["sent_at"])
    EmailMessage(letter.subject, letter.body, to=[letter.application.applicant.email]).send()
    return True
