"""Issuing papers and withdrawing them."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from incubator.common.dbroles import acting_as_system
from incubator.common.display import day
from incubator.common.errors import NotAllowed, validate
from incubator.common.models import CampSettings
from tenants.companies.models import Company

from . import rules
from .codes import make_code, shown_code
from .drawing import canonical, drawn, sha256
from .enums import PaperKind
from .errors import AlreadyRevoked, PaperDamaged, RevokeReasonMissing, TooManyPapers
from .models import REVOCATION, Paper

# What a company may have made by itself within a day: drawing one takes time that others wait for.
MOST_A_DAY = 30


def verification_address(code: str) -> str:
    """Where anyone finds out whether the paper with this code is genuine: what its QR code holds."""
    return settings.PUBLIC_URL + reverse("verify:code", args=[shown_code(code)])


@transaction.atomic
def issue_paper(
    *,
    kind: str,
    company: Company,
    template: str,
    title: str = "",
    content: Mapping[str, Any],
    language: str,
    actor: Any,
    now: datetime,
) -> Paper:
    """Draw a paper, give it its code and keep it as it is.

    `template` is a .typ in `papers/` below the templates that begins with `#import "base.typ": paper` and
    `#show: paper`; it reads `content` (plain JSON: words as they shall be printed, no floats for money) and, under
    `paper`, what this adds: code, address, issuer, day of issue, language, title. `content["face"]` is a list of
    [label, value]: the facts by which the paper is recognised. The base prints them on the first page and `/verify/`
    shows them to whoever has the code, and nothing else of the content; without it the company's name is all.
    `title` is the kind's name unless told. All of it is in `language` ("ko" or "en"), which the caller activates while it
    makes the content.

    Raises NotAllowed, TooManyPapers, Invalid.
    """
    if not rules.may_issue(actor, kind, company):
        raise NotAllowed
    if not rules.may_manage_papers(actor):
        lately = Paper.objects.filter(company=company, issued_at__gt=now - timedelta(days=1))
        if lately.exclude(kind=PaperKind.CONTRACT).count() >= MOST_A_DAY:
            raise TooManyPapers(most=MOST_A_DAY)
    if "paper" in content:
        raise ValueError("the name `paper` is for what the base of all papers prints")
    code = make_code()
    with translation.override(language):
        title = title or str(PaperKind(kind).label)
        whole = {
            "face": [[_("Company"), company.name]],
            **content,
            "paper": _letterhead(code, title, language, now),
        }
    made = drawn(template, whole, issued_at=now)
    paper = Paper(
        kind=kind,
        company=company,
        title=title,
        language=language,
        code=code,
        template=template,
        content=whole,
        content_sha256=sha256(canonical(whole)),
        pdf_sha256=sha256(made),
        issued_by=actor if getattr(actor, "pk", None) else None,
        issued_at=now,
    )
    validate(paper, exclude={"file", "content", "issued_by", "company", *REVOCATION})
    paper.file.save(f"{secrets.token_hex(16)}.pdf", ContentFile(made), save=False)
    # No founder's role may write papers, or a forged one could be had from a page's mistake.
    with acting_as_system(user_id=getattr(actor, "pk", None)):
        paper.save(force_insert=True)
    return paper


def _letterhead(code: str, title: str, language: str, now: datetime) -> dict[str, str]:
    camp = CampSettings.current()
    address = verification_address(code)
    return {
        "title": title,
        "language": language,
        "code": shown_code(code),
        "address": address,
        "issuer": camp.operator_name,
        "camp": camp.display_name,
        "issued": day(now),
        "issued_label": _("Issued"),
        "code_label": _("Verification code"),
        "verify": _(
            "Whether this paper is genuine can be checked by the picture on the right or by its code at %(address)s"
        )
        % {"address": settings.PUBLIC_URL.partition("://")[2] + reverse("verify:home")},
    }


@transaction.atomic
def revoke_paper(*, paper: Paper, reason: str, actor: Any, now: datetime) -> Paper:
    """Withdraw a paper: `/verify/` says so from now on. It stays readable, and cannot be made good again.

    Raises NotAllowed, RevokeReasonMissing, AlreadyRevoked, Invalid.
    """
    if not rules.may_manage_papers(actor):
        raise NotAllowed
    if not reason.strip():
        raise RevokeReasonMissing
    held = Paper.objects.select_for_update(of=("self",), no_key=True).get(pk=paper.pk)
    if held.is_revoked:
        raise AlreadyRevoked
    held.revoked_at, held.revoke_reason = now, reason.strip()
    held.revoked_by = actor if getattr(actor, "pk", None) else None
    validate(held, exclude={each.name for each in Paper._meta.fields if each.name != "revoke_reason"})
    held.save(update_fields=REVOCATION)
    return held


def file_of(paper: Paper) -> bytes:
    """The PDF as it was issued. Raises PaperDamaged when the storage holds something else."""
    try:
        with paper.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError as error:
        raise PaperDamaged from error
    if sha256(content) != paper.pdf_sha256:
        raise PaperDamaged
    return content
