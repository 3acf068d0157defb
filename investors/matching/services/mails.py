"""Mails about introductions, each written once."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from incubator.accounts.models import User
from incubator.mailing.models import Mail
from incubator.mailing.services import write_mail
from investors.matching.models import Introduction
from tenants.companies.enums import MemberLevel

TOPIC = "introduction"


def mail_owners(introduction: Introduction, *, template: str, key: str, now: datetime, **context: Any) -> int:
    """To the owners of the company, each in their language, unless this `key` was written to them before; how many."""
    owners = User.objects.filter(
        memberships__company=introduction.company_id, memberships__level=MemberLevel.OWNER, is_active=True
    )
    url = settings.PUBLIC_URL + reverse("matching:home")
    return _write(introduction, owners.order_by("pk"), template, key, now, {**context, "url": url})


def mail_firm(introduction: Introduction, *, template: str, key: str, now: datetime, **context: Any) -> int:
    """To the people of the firm, each in their language, and to its contact address in Korean; how many."""
    people = list(
        User.objects.filter(firm_memberships__firm=introduction.firm_id, is_active=True).order_by("pk")
    )
    told = _write(introduction, people, template, key, now, context)
    address = introduction.firm.email
    if address.lower() in {person.email.lower() for person in people}:
        return told
    return told + _write(introduction, [None], template, key, now, context, address=address)


def _write(
    introduction: Introduction,
    people: Any,
    template: str,
    key: str,
    now: datetime,
    context: dict[str, Any],
    address: str = "",
) -> int:
    keys = {
        f"introduction/{introduction.pk}/{key}/{person.pk if person else 'contact'}": person
        for person in people
    }
    written = set(Mail.objects.filter(key__in=keys).values_list("key", flat=True))
    for each, person in keys.items():
        if each not in written:
            write_mail(
                topic=TOPIC,
                key=each,
                user=person,
                address=address,
                template=template,
                context={"introduction": introduction, **context},
                now=now,
            )
    return len(keys.keys() - written)
