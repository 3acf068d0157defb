"""What an applicant does: ask for a link, write, attach, submit, withdraw.

But for asking, all of it runs under the public role, with the walls open for the one application whose link was shown
(`incubator.common.dbroles.applying`).
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incubator.accounts.tokens import hash_of
from incubator.common.dbroles import acting_as_system
from incubator.common.display import moment
from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.models import CampSettings
from incubator.common.uploads import checked_document, checked_picture, shown_name
from tenants.intake import consent as consent_text
from tenants.intake.enums import WITHDRAWABLE_STATES, ApplicationState, LetterKind
from tenants.intake.errors import (
    AlreadySubmitted,
    Incomplete,
    NoDocumentsAsked,
    NotOpen,
    NotWithdrawable,
    TooEarly,
    TooLate,
    TooManyFiles,
)
from tenants.intake.links import MOST_LINKS_AN_HOUR, VALID_FOR
from tenants.intake.models import (
    AccessLink,
    Answer,
    Applicant,
    Application,
    ApplicationFile,
    Call,
    Consent,
    Question,
    TeamMember,
)
from tenants.intake.questionnaire import FILES_EACH, bound, progress_of, questions_of
from tenants.intake.rules import may_write_application

from .letters import write_letter
from .steps import record

PHOTOGRAPHS = (".heic", ".heif")
MOST_EXTRA_FILES = 10


def ask_for_link(*, call: Call, email: str, language: str, base_url: str, now: datetime) -> None:
    """Mail the address its link to its application to this call, which is begun if there is none.

    Whoever asks is nobody yet: that an address has applied must not be told, and its application not be shown, before
    somebody reads the mail. So this runs beyond the public role's wall, and gives nothing back. An address that asks too
    often is mailed no more for a while. Raises NotOpen for a call that takes no new applications, Invalid.
    """
    address = email.strip().lower()
    with acting_as_system(), transaction.atomic():
        found = Applicant.objects.filter(call=call, email=address).select_related("application").first()
        if found is None or found.application.state == ApplicationState.WITHDRAWN:
            if not call.takes_applications(now):
                raise NotOpen
            application = _begin(call, address, language, now, found)
        else:
            application = found.application
        _mail_link(application, call, address, language, base_url, now)


def _begin(call: Call, address: str, language: str, now: datetime, found: Applicant | None) -> Application:
    """A new draft, or the one that was withdrawn, with everything that was typed."""
    if found is not None:
        application = found.application
        before, application.state = application.state, ApplicationState.DRAFT
        application.submitted_at = application.withdrawn_at = None
        application.save(update_fields=["state", "submitted_at", "withdrawn_at", "updated_at"])
        record(application, from_state=before, actor=None, now=now)
        return application
    application = Application(call=call, language=language)
    applicant = Applicant(application=application, call=call, email=address)
    validate(applicant, exclude={"application", "draft"})
    application.save()
    made, new = Applicant.objects.get_or_create(
        call=call, email=address, defaults={"application": application}
    )
    if not new:  # the second of two clicks
        application.delete()
        return made.application
    record(application, from_state="", actor=None, now=now)
    return application


def _mail_link(
    application: Application, call: Call, address: str, language: str, base_url: str, now: datetime
) -> None:
    recent = AccessLink.objects.filter(application=application, made_at__gt=now - timedelta(hours=1)).count()
    if recent >= MOST_LINKS_AN_HOUR:
        return
    secret = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        application=application, token_hash=hash_of(secret), made_at=now, expires_at=now + VALID_FOR
    )
    url = base_url.rstrip("/") + reverse("intake:enter", args=[secret])

    def send() -> None:
        # Not kept with the letters: whoever reads them could open every application.
        context = {"call": call, "url": url, "until": now + VALID_FOR, "camp": CampSettings.current()}
        with translation.override(language):
            EmailMessage(
                " ".join(render_to_string("emails/intake_link_subject.txt", context).split()),
                render_to_string("emails/intake_link_body.txt", context),
                to=[address],
            ).send()

    transaction.on_commit(send, robust=True)


def _own(application: Application, actor: Any) -> None:
    if not may_write_application(actor, application):
        raise NotAllowed


def _state_now(application: Application, *, lock: bool = False) -> str:
    found = Application.objects.filter(pk=application.pk).order_by().values_list("state", flat=True)
    if lock:
        found = found.select_for_update(no_key=True)
    state: str = found.get()
    return state


@transaction.atomic
def save_draft(*, application: Application, draft: Mapping[str, Any], actor: Any, now: datetime) -> None:
    """Keep what was typed, as it was typed: a draft may be wrong. Also after the call closed: nothing typed is lost.

    Raises NotAllowed, AlreadySubmitted.
    """
    _own(application, actor)
    if _state_now(application) != ApplicationState.DRAFT:
        raise AlreadySubmitted
    kept = Applicant.objects.only("pk", "draft").get(application_id=application.pk)
    kept.draft = {**kept.draft, **draft}
    kept.save(update_fields=["draft", "updated_at"])


@transaction.atomic
def attach_file(
    *, application: Application, question: Question | None, file: Any, actor: Any, now: datetime
) -> ApplicationFile:
    """Add a file to the draft, or without `question` to what was asked for while screening.

    What it is, is told from its content. A photograph of a phone (HEIC) is drawn anew as WebP.
    Raises NotAllowed, AlreadySubmitted, NoDocumentsAsked, TooManyFiles, and what uploads raise.
    """
    _own(application, actor)
    current = Application.objects.only("state", "asked_until").get(pk=application.pk)
    if question is not None:
        if current.state != ApplicationState.DRAFT:
            raise AlreadySubmitted
        if question.call_id != application.call_id:
            raise NotAllowed
    elif current.asked_until is None or now > current.asked_until:
        raise NoDocumentsAsked
    most = FILES_EACH if question is not None else MOST_EXTRA_FILES
    if ApplicationFile.objects.filter(application_id=application.pk, question=question).count() >= most:
        raise TooManyFiles(most=most)
    name = shown_name(file.name or "")
    if name.lower().endswith(PHOTOGRAPHS):
        content = checked_picture(file)
        name, content_type, size = f"{name.rpartition('.')[0]}.webp", "image/webp", content.size
    else:
        document = checked_document(file)
        content, name, content_type, size = document.file, document.name, document.content_type, document.size
    attached = ApplicationFile(
        application_id=application.pk,
        question=question,
        file=content,
        name=name,
        content_type=content_type,
        size=size,
        uploaded_at=now,
    )
    attached.save()
    return attached


@transaction.atomic
def remove_file(*, attached: ApplicationFile, actor: Any, now: datetime) -> None:
    """Take a file out of the draft. Raises NotAllowed, AlreadySubmitted."""
    application = Application.objects.only("pk", "state", "call").get(pk=attached.application_id)
    _own(application, actor)
    if application.state != ApplicationState.DRAFT or attached.question_id is None:
        raise AlreadySubmitted
    storage, name = attached.file.storage, str(attached.file.name)
    attached.delete()
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def submit_application(*, application: Application, actor: Any, now: datetime) -> Application:
    """Hand the draft in, once, while the call is open: to its last microsecond, as the clock of Seoul says.

    Raises NotAllowed, AlreadySubmitted, TooEarly, TooLate, Incomplete (everything typed stays in the draft).
    The database measures the moment against the call again, gives the number, and takes each application once.
    """
    _own(application, actor)
    call = application.call
    if _state_now(application, lock=True) != ApplicationState.DRAFT:
        raise AlreadySubmitted
    if now < call.opens_at:
        raise TooEarly(opens=moment(call.opens_at))
    if not call.takes_applications(now):
        raise _too_late(call, now)
    applicant = Applicant.objects.get(application_id=application.pk)
    files = list(ApplicationFile.objects.filter(application_id=application.pk))
    form = bound(questions_of(call), applicant.draft, files)
    if not form.is_valid():
        progress = progress_of(form)
        raise Incomplete(missing=", ".join([*progress.missing, *progress.wrong]))
    _keep(application, applicant, form, now)
    return _hand_in(application, call, actor, now)


def _too_late(call: Call, now: datetime) -> TooLate:
    return TooLate(closes=_to_the_second(call.closes_at), now=_to_the_second(now))


def _to_the_second(when: datetime) -> str:
    return f"{moment(when)}:{timezone.localtime(when):%S}"


def _keep(application: Application, applicant: Applicant, form: Any, now: datetime) -> None:
    """The values of a complete draft, where reviewers and managers read them."""
    company = form.company
    for field in ("founded_on", "stage", "region", "sectors", "summary"):
        setattr(application, field, company[field])
    who = ("name", "name_en", "representative", "business_number")
    for field in who:
        setattr(applicant, field, company[field].strip())
    applicant.contact_email = company["contact_email"].lower()
    applicant.save(update_fields=[*who, "contact_email", "updated_at"])
    TeamMember.objects.filter(application_id=application.pk).delete()
    TeamMember.objects.bulk_create(
        TeamMember(application_id=application.pk, name=name, email=email) for name, email in form.team
    )
    Answer.objects.filter(application_id=application.pk).delete()
    Answer.objects.bulk_create(
        Answer(application_id=application.pk, question=question, value=value)
        for question, value in form.answers
    )
    Consent(
        application_id=application.pk,
        version=consent_text.VERSION,
        text=consent_text.full_text(application.call),
        agreed_at=now,
    ).save()


def _hand_in(application: Application, call: Call, actor: Any, now: datetime) -> Application:
    application.state, application.submitted_at = ApplicationState.SUBMITTED, now
    fields = ["state", "submitted_at", "founded_on", "stage", "region", "sectors", "summary", "updated_at"]
    with refusing({"intake_submitted_in_time": _too_late(call, now)}):
        application.save(update_fields=fields)
    application.refresh_from_db(fields=["number"])
    record(application, from_state=ApplicationState.DRAFT, actor=None, now=now)
    write_letter(application=application, kind=LetterKind.RECEIPT, now=now, turn=_receipts(application) + 1)
    return application


def _receipts(application: Application) -> int:
    return application.letters.filter(kind=LetterKind.RECEIPT).values("pk").count()


@transaction.atomic
def withdraw_application(*, application: Application, actor: Any, now: datetime) -> Application:
    """The applicant takes it back, until it is decided. Raises NotAllowed, NotWithdrawable."""
    _own(application, actor)
    before = _state_now(application, lock=True)
    if before not in WITHDRAWABLE_STATES:
        raise NotWithdrawable
    application.state, application.withdrawn_at = ApplicationState.WITHDRAWN, now
    values: dict[str, Any] = {"state": application.state, "withdrawn_at": now, "waiting_order": None}
    Application.objects.filter(pk=application.pk).update(**values, updated_at=now)
    record(application, from_state=before, actor=None, now=now, note=_("Withdrawn by the applicant."))
    return application
