"""Conflicts of interest that addresses tell, found before anyone is assigned.

A person is every address they have or had: that of the account and its former ones, those added for sign-in, and those of
invitations they accepted. An address counts whole, and by its domain unless the domain is one of the public mail services.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.apps import apps

from incubator.accounts.models import Invitation, User
from tenants.companies.models import Company, Membership
from tenants.intake.enums import ApplicationState, ConflictKind
from tenants.intake.models import Application, Call, Conflict, Reviewer

FREE_MAIL = frozenset(
    {
        "naver.com", "gmail.com", "googlemail.com", "daum.net", "hanmail.net", "kakao.com", "nate.com", "outlook.com",
        "outlook.kr", "hotmail.com", "live.com", "live.co.kr", "msn.com", "yahoo.com", "yahoo.co.kr", "icloud.com",
        "me.com", "mac.com", "proton.me", "protonmail.com", "dreamwiz.com", "korea.com", "empas.com", "paran.com",
        "lycos.co.kr", "chol.com", "hanmir.com", "freechal.com", "gmx.com", "gmx.net", "aol.com", "zoho.com",
        "mail.com", "tutanota.com", "tuta.com", "yandex.com", "qq.com", "163.com", "126.com",
    }
)  # fmt: skip


def domain_of(address: str) -> str:
    """The domain that tells where somebody belongs; nothing for a public mail service."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return "" if domain in FREE_MAIL else domain


def _clean(addresses: Iterable[str]) -> set[str]:
    return {address.strip().lower() for address in addresses if "@" in address}


def addresses_of(user_ids: Iterable[int]) -> dict[int, set[str]]:
    """Every address of each person, the former ones too. In four queries."""
    ids = list(user_ids)
    found: dict[int, set[str]] = defaultdict(set)
    sources = (
        User.objects.filter(pk__in=ids).order_by().values_list("pk", "email"),
        apps.get_model("accounts", "UserEvent")
        .objects.filter(pgh_obj_id__in=ids)
        .values_list("pgh_obj_id", "email"),
        apps.get_model("account", "EmailAddress")
        .objects.filter(user_id__in=ids)
        .values_list("user_id", "email"),
        Invitation.objects.filter(accepted_by_id__in=ids).order_by().values_list("accepted_by_id", "email"),
    )
    for source in sources:
        for user_id, email in source:
            found[user_id] |= _clean([email])
    return found


def _numbers_of(user_ids: Iterable[int]) -> dict[int, set[str]]:
    """The business numbers of the companies that each person belongs or belonged to."""
    ids = list(user_ids)
    now = Membership.objects.filter(user_id__in=ids).order_by().values_list("user_id", "company_id")
    events = apps.get_model("companies", "MembershipEvent").objects.filter(user_id__in=ids)
    pairs = {*now, *events.values_list("user_id", "company_id")}
    numbers = dict(
        Company.objects.filter(pk__in={each for _u, each in pairs}).values_list("pk", "business_number")
    )
    found: dict[int, set[str]] = defaultdict(set)
    for user_id, company_id in pairs:
        if company_id in numbers:
            found[user_id].add(numbers[company_id])
    return found


def find_conflicts(call: Call) -> int:
    """Note every conflict between the call's reviewers and its applications; how many there are now.

    What was found once stays: a former address is one too. Runs as a manager or the system.
    """
    reviewers = list(Reviewer.objects.filter(call=call).order_by("pk"))
    people = addresses_of(reviewer.user_id for reviewer in reviewers)
    numbers = _numbers_of(reviewer.user_id for reviewer in reviewers)
    live = Application.objects.filter(call=call).exclude(state=ApplicationState.DRAFT)
    found = []
    for application in live.select_related("applicant").prefetch_related("team").order_by("pk"):
        who = application.applicant
        theirs = _clean([who.email, who.contact_email, *(member.email for member in application.team.all())])
        domains = {domain for address in theirs if (domain := domain_of(address))}
        for reviewer in reviewers:
            mine = people[reviewer.user_id]
            same = mine & theirs
            near = {domain_of(address) for address in mine} & domains
            for kind, why in (
                (ConflictKind.EMAIL, same),
                (ConflictKind.DOMAIN, near),
                (ConflictKind.MEMBER, {who.business_number} & numbers[reviewer.user_id] - {""}),
            ):
                if why:
                    detail = ", ".join(sorted(why))[:400]
                    found.append(
                        Conflict(reviewer=reviewer, application=application, kind=kind, detail=detail)
                    )
    Conflict.objects.bulk_create(found, ignore_conflicts=True)
    return Conflict.objects.filter(reviewer__call=call).count()
