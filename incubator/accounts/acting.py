"""As whom a person acts: the grants they hold, and the one grant in force for a request.

A grant is a row somewhere (a membership, a firm's member, an adviser, a staff group). The app that owns the
row registers a queryset of it here, so that all grants of a person come in one query without this app knowing
the others.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from incubator.common.dbroles import Role, acting_as_system, current_role

from .enums import ALUMNI, Kind, StaffGroup


@dataclass(frozen=True)
class Grant:
    """`scope_id` is the company, firm or adviser (the row for staff); `level` is owner, member, alumni, or the staff group."""

    kind: str
    scope_id: int
    level: str
    label: str

    @property
    def value(self) -> str:
        return "staff" if self.kind == Kind.STAFF else f"{self.kind}:{self.scope_id}"


@dataclass(frozen=True)
class Acting:
    """The role in force: decides the database role, the visible rows and every permission."""

    kind: str = "public"
    user_id: int | None = None
    scope_id: int | None = None
    level: str = ""
    label: str = ""
    groups: frozenset[str] = field(default_factory=frozenset)

    @property
    def company_ids(self) -> tuple[int, ...]:
        return (self.scope_id,) if self.kind == Kind.FOUNDER and self.scope_id else ()

    @property
    def firm_ids(self) -> tuple[int, ...]:
        return (self.scope_id,) if self.kind == Kind.INVESTOR and self.scope_id else ()

    @property
    def adviser_id(self) -> int | None:
        return self.scope_id if self.kind == Kind.ADVISER else None

    @property
    def database_role(self) -> Role:
        return Role(f"camp_{self.kind}")

    @property
    def read_only(self) -> bool:
        return (
            self.kind == Kind.INVESTOR
            or (self.kind == Kind.STAFF and self.groups == {StaffGroup.AUDITOR})
            or (self.kind == Kind.FOUNDER and self.level == ALUMNI)
        )

    @property
    def value(self) -> str:
        return "staff" if self.kind == Kind.STAFF else f"{self.kind}:{self.scope_id}"

    @property
    def role_label(self) -> str:
        if self.kind == "public":
            return ""
        if self.kind == Kind.FOUNDER and self.level == ALUMNI:
            return str(_("Alumni"))
        if self.kind == Kind.FOUNDER:
            return str(_("Owner") if self.level == "owner" else _("Member"))
        return str(Kind(self.kind).label)

    def in_group(self, *groups: str) -> bool:
        """Staff of one of these groups, or the director."""
        return self.kind == Kind.STAFF and bool(self.groups & {*groups, StaffGroup.DIRECTOR})


PUBLIC = Acting()
# Commands, tasks and loaders act for no person.
SYSTEM = Acting(Kind.STAFF, groups=frozenset({StaffGroup.DIRECTOR}))

_sources: list[Callable[[int], QuerySet]] = []


def register_grants(source: Callable[[int], QuerySet]) -> None:
    """Add a source of grants: `source(user_id)` gives a queryset made by `grant_columns`."""
    _sources.append(source)


def grant_columns(queryset: QuerySet, *, kind: str, scope: str, label: str, level: Any = None) -> QuerySet:
    """The four columns of a grant out of any queryset: `scope`, `label` and `level` name its fields (`level` may be any
    expression)."""
    text: Any = CharField()
    return queryset.order_by().values_list(
        Value(kind, output_field=text),
        F(scope),
        (F(level) if isinstance(level, str) else level) if level else Value("", output_field=text),
        F(label),
        named=False,
    )


def grants_of(user: Any) -> list[Grant]:
    """Every grant the person holds, in one query, kept on the user object. None for whoever is signed out."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    cached = getattr(user, "_camp_grants", None)
    if cached is None:
        from .models import StaffMembership

        own = grant_columns(
            StaffMembership.objects.filter(user_id=user.pk),
            kind=Kind.STAFF,
            scope="pk",
            label="group",
            level="group",
        )
        others = [source(user.pk) for source in _sources]
        rows = reduce(lambda left, right: left.union(right, all=True), others, own)
        # Only staff may read grants; for anyone else the middleware asks before it takes their role.
        with nullcontext() if current_role() in (None, Role.STAFF) else acting_as_system():
            found = list(rows)
        cached = sorted(
            (Grant(*row) for row in found), key=lambda grant: (grant.kind, grant.label, grant.scope_id)
        )
        user._camp_grants = cached
    return cached


def roles_of(user: Any) -> list[Acting]:
    """The roles a person can switch between: each company, firm and adviser, and all staff groups as one."""
    grants = grants_of(user)
    groups = frozenset(grant.level for grant in grants if grant.kind == Kind.STAFF)
    roles = []
    if groups:
        roles.append(Acting(Kind.STAFF, user.pk, None, "", str(_("Camp office")), groups))
    roles += [
        Acting(grant.kind, user.pk, grant.scope_id, grant.level, grant.label)
        for grant in grants
        if grant.kind != Kind.STAFF
    ]
    return roles


def choose(roles: Sequence[Acting], *, kind: str | None = None, wanted: str = "") -> Acting:
    """The role among `roles` that a place of `kind` asks for, the `wanted` one if several do; else PUBLIC."""
    fitting = [role for role in roles if kind in (None, role.kind)]
    for role in fitting:
        if role.value == wanted:
            return role
    return fitting[0] if fitting else PUBLIC


def acting_of(user: Any) -> Acting:
    """The role in force for this user object: what the middleware (or a test) put there, else their first role.

    None is the system itself. A request's user is never None: whoever is signed out is an AnonymousUser.
    """
    if user is None:
        return SYSTEM
    acting = getattr(user, "acting", None)
    return acting if acting is not None else choose(roles_of(user))
