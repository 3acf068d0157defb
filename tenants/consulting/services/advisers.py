from collections.abc import Sequence
from typing import Any

from django.db import transaction

from incubator.accounts.errors import UnknownScope
from incubator.common.errors import NotAllowed, refusing, validate
from investors.firms.models import Firm
from tenants.consulting import rules
from tenants.consulting.errors import AddressUsed, AdviserTaken, PersonIsAdviser
from tenants.consulting.models import Adviser

EDITABLE = frozenset(
    {"name", "email", "affiliation", "firm", "fields", "languages", "weekly_hours", "active"}
)


def _save(adviser: Adviser) -> None:
    adviser.email = adviser.email.strip().lower()
    adviser.fields, adviser.languages = list(adviser.fields), list(adviser.languages)
    validate(adviser)
    with refusing({"consulting_adviser_email": AddressUsed}):
        adviser.save()


@transaction.atomic
def register_adviser(
    *,
    name: str,
    email: str,
    affiliation: str,
    fields: Sequence[str],
    languages: Sequence[str],
    weekly_hours: int,
    firm: Firm | None = None,
    active: bool = True,
    actor: Any,
) -> Adviser:
    """Add an adviser. They act as one once they accept an invitation to it.

    Raises NotAllowed, Invalid, AddressUsed.
    """
    if not rules.may_manage_advisers(actor):
        raise NotAllowed
    adviser = Adviser(
        name=name,
        email=email,
        affiliation=affiliation,
        fields=fields,
        languages=languages,
        weekly_hours=weekly_hours,
        firm=firm,
        active=active,
    )
    _save(adviser)
    return adviser


@transaction.atomic
def update_adviser(*, adviser: Adviser, actor: Any, **changes: Any) -> Adviser:
    """Change what is in EDITABLE. One who is no longer active keeps their sessions but cannot be booked or sign in as adviser.

    Raises NotAllowed, Invalid, AddressUsed; TypeError for another name.
    """
    if unknown := changes.keys() - EDITABLE:
        raise TypeError(f"not to be changed here: {', '.join(sorted(unknown))}")
    if not rules.may_manage_advisers(actor):
        raise NotAllowed
    for name, value in changes.items():
        setattr(adviser, name, value)
    _save(adviser)
    return adviser


@transaction.atomic
def link_adviser(user: Any, adviser_id: int, level: str) -> Adviser:
    """Let the person act as this adviser, as an accepted invitation says. A link that exists is left as it is.

    Raises UnknownScope when the adviser is gone, AdviserTaken, PersonIsAdviser.
    """
    adviser = Adviser.objects.select_for_update().filter(pk=adviser_id).first()
    if adviser is None:
        raise UnknownScope
    if adviser.user_id not in (None, user.pk):
        raise AdviserTaken
    adviser.user = user
    with refusing({"consulting_adviser_user": PersonIsAdviser}):
        adviser.save(update_fields=["user", "updated_at"])
    return adviser
