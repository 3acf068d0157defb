"""Contracts: their templates, what a company is given to read, and the two signatures."""

import unicodedata
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incubator.common.dbroles import acting_as_system
from incubator.common.display import moment
from incubator.common.errors import NotAllowed, refusing, validate
from tenants.leases import wording
from tenants.leases.contract_terms import facts_of, terms_of, words_of
from tenants.leases.enums import LeaseState, LeaseStep, SigningSide
from tenants.leases.errors import (
    AlreadySigned,
    CompanyHasNotSigned,
    ConsentMissing,
    EnglishHalf,
    NameDiffers,
    NoTemplate,
    NothingChanged,
    NotOffered,
    OfferChanged,
)
from tenants.leases.models import ContractTemplate, Lease, LeaseContract, LeaseSignature, Rate
from tenants.leases.rules import may_manage_leases, may_sign_contract
from tenants.leases.selectors.contracts import template_on
from tenants.leases.selectors.policies import policy_on
from tenants.papers.models import Paper
from tenants.papers.services import issue_paper, revoke_paper

from .steps import held, person, record, take_step

PAPER_TEMPLATE = "papers/contract.typ"


@transaction.atomic
def add_contract_template(
    *,
    title: str,
    articles: str,
    title_en: str = "",
    articles_en: str = "",
    starts_on: date,
    actor: Any,
    now: datetime,
) -> ContractTemplate:
    """The next version of the contract, for what is drawn up from `starts_on` on. What was drawn up before keeps its own.

    Raises UnknownPlaceholder, EnglishHalf, Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    wording.demand_known(articles)
    wording.demand_known(articles_en, field="articles_en")
    last = ContractTemplate.objects.aggregate(last=Max("version"))["last"] or 0
    template = ContractTemplate(
        version=last + 1,
        title=title.strip(),
        articles=articles.strip(),
        title_en=title_en.strip(),
        articles_en=articles_en.strip(),
        starts_on=starts_on,
        made_by=person(actor),
        made_at=now,
    )
    validate(template, exclude={"made_by"})
    with refusing({"leases_template_english_whole": EnglishHalf}):
        template.save()
    return template


def _content(lease: Lease, template: ContractTemplate, rates: list[Rate], now: datetime) -> dict[str, Any]:
    policy = policy_on(timezone.localdate(now))

    def side(language: str, text: str) -> dict[str, Any]:
        with translation.override(language):
            words = words_of(lease, policy, rates)
            return {
                "facts": facts_of(lease, words),
                "articles": [each.as_json() for each in wording.articles(text, words)],
                "signing": _(
                    "Signed in the camp's system: name, moment, address and the SHA-256 of this document are kept "
                    "with each signature."
                ),
                "lessor": [_("Lessor"), words["operator"]],
                "lessee": [_("Company"), f"{words['company']} · {words['representative']}"],
            }

    korean = side("ko", template.articles)
    english = None
    if template.articles_en:
        english = {"title": template.title_en, **side("en", template.articles_en)}
        with translation.override("en"):
            english["note"] = _("For reading only. The Korean text is the one that is signed.")
    face = [korean["facts"][at] for at in (1, 3, 4)]
    return {**korean, "version": str(template.version), "english": english, "face": face}


def draw_up(lease: Lease, *, actor: Any, now: datetime) -> LeaseContract:
    """Write the contract of an offered lease that this transaction holds; the one before it is superseded.

    Raises NoTemplate.
    """
    template = template_on(timezone.localdate(now))
    if template is None:
        raise NoTemplate
    before = LeaseContract.objects.filter(lease=lease).select_related("paper").order_by("-number").first()
    lease = Lease.objects.select_related("space__floor", "space__building", "company").get(pk=lease.pk)
    rates = list(Rate.objects.filter(space_id=lease.space_id))
    content = _content(lease, template, rates, now)
    paper = issue_paper(
        kind="contract",
        company=lease.company,
        template=PAPER_TEMPLATE,
        title=template.title,
        content=content,
        language="ko",
        actor=actor,
        now=now,
    )
    contract = LeaseContract.objects.create(
        lease=lease,
        number=before.number + 1 if before else 1,
        template=template,
        terms=terms_of(lease),
        content=content,
        paper=paper,
        sha256=paper.pdf_sha256,
        made_by=person(actor),
        made_at=now,
    )
    if before is not None:
        with translation.override(before.paper.language):
            reason = _("The offer has changed: a newer contract takes its place.")
        _withdraw(before.paper, reason, actor=actor, now=now)
    return contract


def withdraw_offer_paper(lease: Lease, *, actor: Any, now: datetime) -> None:
    """Whoever verifies the contract of an offer that is taken back reads that it was."""
    contract = LeaseContract.objects.filter(lease=lease).select_related("paper").order_by("-number").first()
    if contract is not None:
        with translation.override(contract.paper.language):
            reason = _("The offer was taken back.")
        _withdraw(contract.paper, reason, actor=actor, now=now)


def _withdraw(paper: Paper, reason: str, *, actor: Any, now: datetime) -> None:
    # A manager may have withdrawn it by hand.
    if not paper.is_revoked:
        revoke_paper(paper=paper, reason=reason, actor=actor, now=now)


@transaction.atomic
def describe_lease(
    *, lease: Lease, legal_basis: str, comparator: str, actor: Any, now: datetime, reason: str = ""
) -> Lease:
    """Change what the lease says of its legal basis and its comparator; of an offered lease the contract is drawn up anew.

    Raises Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = held(lease)
    if (lease.legal_basis, lease.comparator) == (legal_basis, comparator):
        return lease
    lease.legal_basis, lease.comparator = legal_basis, comparator
    validate(lease)
    lease.save(update_fields=["legal_basis", "comparator", "updated_at"])
    if lease.state == LeaseState.OFFERED:
        _revised(lease, actor=actor, now=now, reason=reason)
    return lease


def _revised(lease: Lease, *, actor: Any, now: datetime, reason: str) -> LeaseContract:
    record(lease, step=LeaseStep.REVISED, from_state=LeaseState.OFFERED, actor=actor, now=now, reason=reason)
    return draw_up(lease, actor=actor, now=now)


@transaction.atomic
def redraw_contract(*, lease: Lease, reason: str = "", actor: Any, now: datetime) -> LeaseContract:
    """Draw the contract of an offered lease up anew, because what it says of the company or the space has changed, or a
    newer template is in force. Whatever was signed under the old one is signed no more.

    Raises NotOffered, NothingChanged, NoTemplate.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = held(lease)
    if lease.state != LeaseState.OFFERED:
        raise NotOffered(state=lease.get_state_display())
    current = LeaseContract.objects.filter(lease=lease).order_by("-number").first()
    template = template_on(timezone.localdate(now))
    if current is not None and current.terms == terms_of(lease) and current.template == template:
        raise NothingChanged
    return _revised(lease, actor=actor, now=now, reason=reason)


def _signable(contract: LeaseContract, document_sha256: str) -> Lease:
    """The contract's lease as it is now, held by this transaction. Raises NotOffered, OfferChanged."""
    lease = held(contract.lease)
    newest = LeaseContract.objects.filter(lease=lease).order_by("-number").first()
    if newest is None or newest.pk != contract.pk or document_sha256 != contract.sha256:
        raise OfferChanged
    if lease.state not in (LeaseState.OFFERED, LeaseState.SIGNED, LeaseState.ACTIVE):
        raise NotOffered(state=lease.get_state_display())
    if lease.state == LeaseState.OFFERED and terms_of(lease) != contract.terms:
        raise OfferChanged
    return lease


def _signed(
    contract: LeaseContract,
    side: SigningSide,
    *,
    typed_name: str,
    consent: str,
    ip: str | None,
    user_agent: str,
    actor: Any,
    now: datetime,
) -> LeaseSignature:
    """Raises NameDiffers, AlreadySigned: which of two is the first, the database's unique constraint decides."""
    if _plain(typed_name) != _plain(actor.name):
        raise NameDiffers(name=actor.name)
    signature = LeaseSignature(
        contract=contract,
        side=side,
        person=actor,
        typed_name=_plain(typed_name),
        consent=consent,
        document_sha256=contract.sha256,
        ip=ip,
        user_agent=user_agent[:400],
        at=now,
    )
    validate(signature, exclude={"contract", "person", "ip"})
    try:
        with refusing({"leases_one_signature_a_side": AlreadySigned}):
            signature.save(force_insert=True)
    except AlreadySigned as error:
        first = LeaseSignature.objects.get(contract=contract, side=side)
        raise AlreadySigned(name=first.typed_name, moment=moment(first.at)) from error
    return signature


def _plain(name: str) -> str:
    """The name in one form: the same letters typed on another keyboard are the same name."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def consent_words() -> str:
    """What a founder agrees to by signing, in the language in force; kept with the signature."""
    return _(
        "I have read the contract, I may sign for the company, and I agree that my typed name stands for my "
        "signature. My name, the time, my network address and my browser are kept with it."
    )


@transaction.atomic
def sign_contract(
    *,
    contract: LeaseContract,
    document_sha256: str,
    typed_name: str,
    agreed: bool,
    ip: str | None = None,
    user_agent: str = "",
    actor: Any,
    now: datetime,
) -> LeaseSignature:
    """The company signs: an owner, by the own name, the document of this hash, which was shown. The lease stays offered
    until the camp countersigns.

    Raises NotAllowed, ConsentMissing, NameDiffers, OfferChanged (a newer contract is there, or its terms are not the
    lease's any more), NotOffered, AlreadySigned.
    """
    if not may_sign_contract(actor, contract.lease):
        raise NotAllowed
    if not agreed:
        raise ConsentMissing
    # A founder's role writes neither leases nor their history; what it may sign was asked above.
    with acting_as_system(user_id=actor.pk):
        lease = _signable(contract, document_sha256)
        signature = _signed(
            contract,
            SigningSide.COMPANY,
            typed_name=typed_name,
            consent=consent_words(),
            ip=ip,
            user_agent=user_agent,
            actor=actor,
            now=now,
        )
        if lease.state != LeaseState.OFFERED:
            raise NotOffered(state=lease.get_state_display())
        record(lease, step=LeaseStep.COMPANY_SIGNED, from_state=LeaseState.OFFERED, actor=actor, now=now)
    return signature


@transaction.atomic
def countersign_contract(
    *,
    contract: LeaseContract,
    document_sha256: str,
    typed_name: str,
    ip: str | None = None,
    user_agent: str = "",
    actor: Any,
    now: datetime,
) -> Lease:
    """The camp signs what the company has signed: offered → signed.

    Raises NotAllowed, CompanyHasNotSigned, NameDiffers, OfferChanged, NotOffered, AlreadySigned.
    """
    if actor is None or not may_manage_leases(actor):
        raise NotAllowed
    lease = _signable(contract, document_sha256)
    if not LeaseSignature.objects.filter(contract=contract, side=SigningSide.COMPANY).exists():
        raise CompanyHasNotSigned
    _signed(
        contract,
        SigningSide.CAMP,
        typed_name=typed_name,
        consent="",
        ip=ip,
        user_agent=user_agent,
        actor=actor,
        now=now,
    )
    if lease.state != LeaseState.OFFERED:
        raise NotOffered(state=lease.get_state_display())
    return take_step(lease, LeaseState.SIGNED, LeaseStep.COUNTERSIGNED, actor=actor, now=now, reason="")
