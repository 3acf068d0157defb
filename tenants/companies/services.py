"""Writes on companies, their members, their profile and their stays."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pghistory
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.accounts.enums import Kind
from incubator.accounts.errors import UnknownScope
from incubator.accounts.models import User
from incubator.accounts.services import prepare_invitation, send_invitation
from incubator.common.dbroles import acting_as_system
from incubator.common.enums import Region, Stage
from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.sheets.numbers import is_business_number

from . import rules
from .enums import MemberLevel, ResidencyState
from .errors import (
    BusinessNumberTaken,
    ClusterAccountTaken,
    ContactMissing,
    LastOwner,
    ResidencyOverlaps,
    ResidencyTooShort,
    SlugTaken,
    TeaserMissing,
    TeaserNamesCompany,
    WrongBusinessNumber,
)
from .models import TEASER_LIMIT, AlumniRecord, Company, Membership, Residency, Teaser
from .pictures import redrawn
from .slugs import slug_of
from .teasers import new_code, telling_word

# The version of the words under which an owner agrees to be seen; it goes into the history of the change.
CONSENT_VERSION = "2026-11"
TEASER_CONSENT_VERSION = "teaser 2026-11"
PROFILE_FIELDS = (
    "name_en",
    "representative",
    "email",
    "homepage",
    "sectors",
    "stage",
    "region",
    "summary",
    "employees",
    "revenue_krw",
    "ask_krw",
)
REGISTER_FIELDS = ("name", "business_number", "corporate_number", "founded_on", "cluster_account")
_TAKEN = {
    "companies_company_business_number": BusinessNumberTaken,
    "companies_company_cluster_account": ClusterAccountTaken,
    "companies_company_slug": SlugTaken,
}


@transaction.atomic
def create_company(
    *,
    name: str,
    business_number: str,
    representative: str,
    email: str,
    name_en: str = "",
    corporate_number: str = "",
    homepage: str = "",
    founded_on: date | None = None,
    sectors: Iterable[str] = (),
    stage: str = Stage.PRE,
    region: str = Region.GWANGJU_JEONNAM,
    summary: str = "",
    employees: int = 0,
    revenue_krw: int | None = None,
    ask_krw: int | None = None,
    visible_to_investors: bool = False,
    cluster_account: str | None = None,
    actor: Any,
    now: datetime,
) -> Company:
    """Register a company; its address (`slug`) comes from its name and stays.

    Raises NotAllowed, Invalid, WrongBusinessNumber, BusinessNumberTaken, ClusterAccountTaken, SlugTaken.
    """
    if not rules.may_manage_companies(actor):
        raise NotAllowed
    company = Company(
        name=name.strip(),
        name_en=name_en.strip(),
        slug=_free_slug(name_en, name),
        business_number=business_number,
        corporate_number=corporate_number,
        representative=representative.strip(),
        email=email.strip().lower(),
        homepage=homepage,
        founded_on=founded_on,
        sectors=list(sectors),
        stage=stage,
        region=region,
        summary=summary,
        employees=employees,
        revenue_krw=revenue_krw,
        ask_krw=ask_krw,
        visible_to_investors=visible_to_investors,
        cluster_account=cluster_account or None,
    )
    _check(company)
    with refusing(_TAKEN):
        company.save()
    return company


def _free_slug(*names: str) -> str:
    wanted = slug_of(*names, length=52)
    taken = set(Company.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{wanted}-{n}") not in taken)


def _check(company: Company) -> None:
    validate(company)
    if not is_business_number(company.business_number):
        raise WrongBusinessNumber


def _change(company: Company, values: Mapping[str, Any], allowed: Iterable[str]) -> Company:
    unknown = set(values) - set(allowed)
    if unknown:
        raise ValueError(f"not editable here: {', '.join(sorted(unknown))}")
    for field, value in values.items():
        setattr(company, field, value)
    _check(company)
    if not company.shown_by_name:
        # A name that changes must not turn out to stand in the words that were to hide it.
        teaser = Teaser.objects.filter(company=company).first()
        if teaser:
            _demand_silence(company, teaser.text)
    with refusing(_TAKEN):
        company.save(update_fields=[*values, "updated_at"])
    return company


def _demand_silence(company: Company, text: str) -> None:
    if word := telling_word(company, text):
        raise TeaserNamesCompany(word=word)


@transaction.atomic
def edit_profile(*, company: Company, values: Mapping[str, Any], actor: Any, now: datetime) -> Company:
    """Change what a company tells of itself (PROFILE_FIELDS). Raises NotAllowed, Invalid."""
    if not rules.may_edit_profile(actor, company):
        raise NotAllowed
    return _change(company, values, PROFILE_FIELDS)


@transaction.atomic
def change_company(*, company: Company, values: Mapping[str, Any], actor: Any, now: datetime) -> Company:
    """Change anything a manager keeps of a company: its profile and its entry in the register.

    Raises NotAllowed, Invalid, WrongBusinessNumber, BusinessNumberTaken, ClusterAccountTaken.
    """
    if not rules.may_manage_companies(actor):
        raise NotAllowed
    values = dict(values)
    visible = values.pop("visible_to_investors", company.visible_to_investors)
    if "cluster_account" in values:
        values["cluster_account"] = values["cluster_account"] or None
    _change(company, values, (*PROFILE_FIELDS, *REGISTER_FIELDS))
    if visible != company.visible_to_investors:
        set_visibility(company=company, visible=visible, actor=actor, now=now)
    return company


@transaction.atomic
def set_visibility(
    *,
    company: Company,
    visible: bool,
    by_name: bool | None = None,
    teaser: str | None = None,
    actor: Any,
    now: datetime,
) -> Company:
    """Agree to be seen by the camp's investors, by name or by a teaser, or withdraw, at once. The version of the words is kept.

    `by_name` and `teaser` stay as they are when they are not given. Raises NotAllowed, TeaserMissing, TeaserNamesCompany.
    """
    if not rules.may_set_visibility(actor, company):
        raise NotAllowed
    by_name = company.shown_by_name if by_name is None else by_name
    if visible and not by_name:
        _tell(company, teaser)
    with pghistory.context(consent=CONSENT_VERSION if by_name else TEASER_CONSENT_VERSION):
        company.visible_to_investors = visible
        company.shown_by_name = by_name
        company.save(update_fields=["visible_to_investors", "shown_by_name", "updated_at"])
    return company


def _tell(company: Company, text: str | None) -> None:
    """Keep the words of a teaser; a new code whenever the company was seen otherwise before."""
    teaser = Teaser.objects.filter(company=company).first() or Teaser(company=company)
    teaser.text = teaser.text if text is None else unicodedata.normalize("NFC", text).strip()[:TEASER_LIMIT]
    if not teaser.text:
        raise TeaserMissing
    _demand_silence(company, teaser.text)
    if not teaser.code or company.shown_by_name or not company.visible_to_investors:
        teaser.code = new_code()
    teaser.save()


@transaction.atomic
def set_picture(*, company: Company, file: Any, actor: Any, now: datetime) -> Company:
    """Show this picture. Raises NotAllowed, PictureTooLarge, PictureTooWide, NotAPicture."""
    if not rules.may_edit_profile(actor, company):
        raise NotAllowed
    picture = redrawn(file)
    _forget_picture(company)
    company.picture.save(str(picture.name), picture, save=False)
    company.save(update_fields=["picture", "updated_at"])
    return company


@transaction.atomic
def remove_picture(*, company: Company, actor: Any, now: datetime) -> Company:
    """Show no picture any more. Raises NotAllowed."""
    if not rules.may_edit_profile(actor, company):
        raise NotAllowed
    _forget_picture(company)
    company.picture = ""
    company.save(update_fields=["picture", "updated_at"])
    return company


def _forget_picture(company: Company) -> None:
    if company.picture:
        storage, name = company.picture.storage, str(company.picture.name)
        transaction.on_commit(lambda: storage.delete(name))


def admit_member(user: User, company_id: int, level: str) -> Membership:
    """Give the person a place in the company, as an accepted invitation says. One they have is left as it is.

    Raises UnknownScope when the company is gone.
    """
    if not Company.objects.filter(pk=company_id).exists():
        raise UnknownScope
    membership, _ = Membership.objects.get_or_create(
        company_id=company_id, user=user, defaults={"level": level or MemberLevel.MEMBER}
    )
    return membership


@transaction.atomic
def change_member(*, membership: Membership, level: str, title: str, actor: Any, now: datetime) -> Membership:
    """Another level or title of a member. Raises NotAllowed, Invalid, LastOwner."""
    company = _members_in_hand(membership, actor)
    if membership.level == MemberLevel.OWNER and level != MemberLevel.OWNER:
        _need_other_owner(company, membership)
    membership.level, membership.title = level, title.strip()
    validate(membership)
    membership.save(update_fields=["level", "title", "updated_at"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, actor: Any, now: datetime) -> None:
    """The person acts for the company no more; what they did stays on record. Raises NotAllowed, LastOwner."""
    company = _members_in_hand(membership, actor)
    # A founder's own role may read members and change none: this rule is the only door.
    with acting_as_system(user_id=getattr(actor, "pk", None)):
        if membership.level == MemberLevel.OWNER:
            _need_other_owner(company, membership)
        membership.delete()


def _members_in_hand(membership: Membership, actor: Any) -> Company:
    company = membership.company
    if not rules.may_change_members(actor, company):
        raise NotAllowed
    return company


def _need_other_owner(company: Company, membership: Membership) -> None:
    """Owners are locked in one order, so that two of them cannot leave at the same moment."""
    owners = list(
        Membership.objects.select_for_update()
        .filter(company=company, level=MemberLevel.OWNER)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if set(owners) <= {membership.pk}:
        raise LastOwner


@transaction.atomic
def open_residency(
    *, company: Company, first_day: date, state: str = ResidencyState.ADMITTED, actor: Any, now: datetime
) -> Residency:
    """A stay of the company from a day on, open at its end. Raises NotAllowed, ResidencyOverlaps."""
    if not rules.may_manage_companies(actor):
        raise NotAllowed
    residency = Residency(company=company, state=state, period=DateRange(first_day, None))
    validate(residency)
    with refusing({"companies_one_residency_a_day": ResidencyOverlaps}):
        residency.save()
    return residency


@transaction.atomic
def change_residency(
    *,
    residency: Residency,
    actor: Any,
    now: datetime,
    first_day: date | None = None,
    last_day: date | None = None,
    state: str | None = None,
    reason: str | None = None,
) -> Residency:
    """Change what is given of a stay; `last_day` is the last day held.

    Raises NotAllowed, ResidencyTooShort, ResidencyOverlaps.
    """
    if not rules.may_manage_companies(actor):
        raise NotAllowed
    lower = first_day or residency.period.lower
    upper = last_day + timedelta(days=1) if last_day else residency.period.upper
    if upper is not None and upper <= lower:
        raise ResidencyTooShort(field="last_day" if last_day else "first_day")
    residency.period = DateRange(lower, upper)
    residency.state = state or residency.state
    residency.reason = residency.reason if reason is None else reason.strip()
    validate(residency)
    with refusing({"companies_one_residency_a_day": ResidencyOverlaps}):
        residency.save(update_fields=["period", "state", "reason", "updated_at"])
    return residency


@transaction.atomic
def record_alumni(
    *,
    residency: Residency,
    left_on: date,
    outcome: str,
    note: str = "",
    contact_consent: bool = False,
    contact_name: str = "",
    contact_email: str = "",
    actor: Any,
    now: datetime,
) -> AlumniRecord:
    """Write down, or correct, what became of the company of a stay that is over.

    Without `contact_consent` no name and no address are kept, whatever was given. Raises NotAllowed, ContactMissing, Invalid.
    """
    if not rules.may_manage_companies(actor):
        raise NotAllowed
    if contact_consent and not contact_email.strip():
        raise ContactMissing
    record = AlumniRecord.objects.select_for_update(of=("self",)).filter(residency=residency).first()
    record = record or AlumniRecord(residency=residency)
    agreed_before = record.contact_consent and record.consent_at
    record.company_id, record.left_on, record.outcome = residency.company_id, left_on, outcome
    record.note, record.contact_consent = note.strip(), contact_consent
    record.contact_name = contact_name.strip() if contact_consent else ""
    record.contact_email = contact_email.strip().lower() if contact_consent else ""
    record.consent_at = (agreed_before or now) if contact_consent else None
    validate(record)
    record.save()
    return record


@transaction.atomic
def enrol_company(
    *,
    first_day: date,
    state: str = ResidencyState.ADMITTED,
    base_url: str | None = None,
    actor: Any,
    now: datetime,
    **profile: Any,
) -> Company:
    """A new company with its stay from `first_day` on and an invitation of its owner.

    `profile` is what `create_company` takes. The invitation is for the representative at the contact address; it is
    mailed when `base_url` (where the camp's pages are) is given, and else kept until a manager sends it.
    Raises what `create_company` and `open_residency` raise.
    """
    company = create_company(actor=actor, now=now, **profile)
    open_residency(company=company, first_day=first_day, state=state, actor=actor, now=now)
    invitation = prepare_invitation(
        email=company.email,
        name=company.representative,
        kind=Kind.FOUNDER,
        scope_id=company.pk,
        level=MemberLevel.OWNER,
        actor=actor,
        now=now,
    )
    if base_url:
        send_invitation(invitation=invitation, actor=actor, now=now, base_url=base_url)
    return company
