"""The managers' sheets of spaces and of leases."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.sheets.loader import Loader
from incubator.common.sheets.parsers import business_number, choice, day, decimal, text, whole, won
from incubator.common.sheets.plan import Change
from incubator.common.sheets.table import Column, Issue, Row
from tenants.companies.models import Company

from .enums import CLOSED_STATES, LeaseState, SpaceKind
from .models import Lease, Rate, Space
from .selectors import rate_on
from .services import (
    correct_lease,
    create_space,
    ensure_floor,
    lease_space,
    name_programme,
    set_rate,
    update_space,
)

MOST_WON_A_SQUARE_METRE = 2_147_483_647


class SpaceLoader(Loader[Space]):
    """One line a room or desk with its rate.

    A rate of a new space holds for all days, a changed one from the day of the load on.
    """

    subject = _("spaces")
    columns = (
        Column("building", ("건물", "Building"), text(80)),
        Column("floor", ("층", "Floor"), whole(min=-20, max=200)),
        Column("code", ("호실", "Space", "Room"), text(20)),
        Column(
            "kind",
            ("유형", "Kind"),
            choice(
                {
                    "독립형": SpaceKind.ROOM,
                    "Room": SpaceKind.ROOM,
                    "지정석": SpaceKind.DESK,
                    "Fixed desk": SpaceKind.DESK,
                    "Desk": SpaceKind.DESK,
                }
            ),
        ),
        Column(
            "area_m2",
            ("면적(㎡)", "Area (m²)", "면적", "Area"),
            decimal(2, min=Decimal("0.01"), max=Decimal("99999.99")),
        ),
        Column("seats", ("정원", "Seats"), whole(min=1, max=32_767)),
        Column(
            "rent",
            ("㎡당 월임대료(원)", "Monthly rent per m² (KRW)", "㎡당 월임대료", "Monthly rent per m²"),
            won(),
        ),
        Column(
            "fee",
            ("㎡당 월관리비(원)", "Monthly fee per m² (KRW)", "㎡당 월관리비", "Monthly fee per m²"),
            won(),
        ),
    )
    key = ("building", "code")
    compared = {"floor": "floor.level", "kind": "kind", "area_m2": "area_m2", "seats": "seats"}

    def prepare(self, rows: Sequence[Row]) -> None:
        spaces = Space.objects.select_related("building", "floor").filter(
            building__name__in={row["building"] for row in rows}
        )
        self.known = {(space.building.name, space.code): space for space in spaces}
        self.rates: dict[int, list[Rate]] = {space.pk: [] for space in self.known.values()}
        for rate in Rate.objects.filter(space_id__in=self.rates):
            self.rates[rate.space_id].append(rate)

    def find(self, row: Row) -> Space | None:
        return self.known.get((row["building"], row["code"]))

    def check(self, row: Row, existing: Space | None) -> Iterable[Issue]:
        if row["floor"] == 0:
            yield row.issue(
                "floor", _("There is no floor 0. Floors below the ground are negative."), "no_such_floor"
            )
        for key in ("rent", "fee"):
            if row[key] > MOST_WON_A_SQUARE_METRE:
                yield row.issue(key, _("This is more than a square metre can cost."), "too_large")

    def compare(self, existing: Space, row: Row) -> Iterable[Change]:
        yield from super().compare(existing, row)
        rate = rate_on(self.rates[existing.pk], self.today)
        for key, old in (("rent", rate and rate.rent_krw_per_m2), ("fee", rate and rate.fee_krw_per_m2)):
            if old != row[key]:
                yield self.changed(key, old, row[key])

    def create(self, row: Row, *, actor: Any, now: datetime) -> Space:
        floor = ensure_floor(building_name=row["building"], level=row["floor"], actor=actor)
        space = create_space(
            floor=floor,
            code=row["code"],
            kind=row["kind"],
            area_m2=row["area_m2"],
            seats=row["seats"],
            actor=actor,
        )
        self._set_rate(space, row, from_day=None, actor=actor)
        return space

    def change(
        self, existing: Space, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Space:
        values = {change.field: change.new for change in changes}
        rate_changed = {"rent", "fee"} & values.keys()
        if "floor" in values:
            values["floor"] = ensure_floor(building_name=row["building"], level=row["floor"], actor=actor)
        values = {name: value for name, value in values.items() if name not in ("rent", "fee")}
        space = update_space(space=existing, actor=actor, **values) if values else existing
        if rate_changed:
            self._set_rate(space, row, from_day=timezone.localdate(now), actor=actor)
        return space

    def _set_rate(self, space: Space, row: Row, *, from_day: date | None, actor: Any) -> None:
        set_rate(
            space=space,
            rent_krw_per_m2=row["rent"],
            fee_krw_per_m2=row["fee"],
            from_day=from_day,
            actor=actor,
        )


class LeaseLoader(Loader[Lease]):
    """One line a lease of a known company and a known space; 종료일 is the last day held."""

    subject = _("leases")
    columns = (
        Column("company", ("기업명", "Company"), text(120)),
        Column("business_number", ("사업자등록번호", "Business number"), business_number()),
        Column("building", ("건물", "Building"), text(80)),
        Column("space", ("호실", "Space", "Room"), text(20)),
        Column("first_day", ("시작일", "First day", "Start"), day()),
        Column("last_day", ("종료일", "Last day", "End"), day()),
        Column("legal_basis", ("근거", "Legal basis", "Basis"), text(200)),
        Column(
            "state",
            ("상태", "State"),
            choice({"입주중": False, "Active": False, "종료": True, "Ended": True}),
        ),
        Column("programme", ("사업", "Programme"), text(120), required=False, blank=True, default=""),
    )
    key = ("business_number", "building", "space", "first_day")

    def prepare(self, rows: Sequence[Row]) -> None:
        numbers, names = {row["business_number"] for row in rows}, {row["company"] for row in rows}
        companies = list(Company.objects.filter(Q(business_number__in=numbers) | Q(name__in=names)))
        self.companies = {company.business_number: company for company in companies}
        self.names = {company.name for company in companies}
        spaces = Space.objects.select_related("building").filter(
            building__name__in={row["building"] for row in rows}
        )
        self.spaces = {(space.building.name, space.code): space for space in spaces}
        self.buildings = {space.building.name for space in self.spaces.values()}
        leases = Lease.objects.filter(company__in=companies, period__isempty=False).order_by("pk")
        # Where drafts and a lease begin on one day for one company in one space, the lease is what the books mean.
        ordered = sorted(leases, key=lambda lease: lease.state != LeaseState.DRAFT)
        self.leases = {(lease.company_id, lease.space_id, lease.first_day): lease for lease in ordered}

    def find(self, row: Row) -> Lease | None:
        company, space = self._company(row), self._space(row)
        return self.leases.get((company.pk, space.pk, row["first_day"])) if company and space else None

    def _company(self, row: Row) -> Company | None:
        return self.companies.get(row["business_number"])

    def _space(self, row: Row) -> Space | None:
        return self.spaces.get((row["building"], row["space"]))

    def check(self, row: Row, existing: Lease | None) -> Iterable[Issue]:
        company = self._company(row)
        if company is None and row["company"] in self.names:
            yield row.issue(
                "business_number",
                _("The company %(name)s is known by another business number."),
                "wrong_number_of_company",
                name=row["company"],
            )
        elif company is None:
            yield row.issue(
                "business_number",
                _("No company of this business number is known. Load the companies first."),
                "unknown_company",
            )
        elif company.name != row["company"]:
            yield row.issue(
                "company",
                _("This business number belongs to %(name)s."),
                "wrong_name_of_company",
                name=company.name,
            )
        if row["building"] not in self.buildings:
            yield row.issue(
                "building", _("No building of this name is known. Load the spaces first."), "unknown_building"
            )
        elif self._space(row) is None:
            yield row.issue("space", _("This building has no such space."), "unknown_space")
        if row["last_day"] < row["first_day"]:
            yield row.issue("last_day", _("The last day lies before the first day."), "end_before_start")
        if existing and existing.state in CLOSED_STATES and not row["state"] and not self._is_over(row):
            yield row.issue(
                "state",
                _("This lease is closed here (%(state)s); the file calls it a running one."),
                "lease_closed",
                state=existing.get_state_display(),
            )

    def _is_over(self, row: Row) -> bool:
        return bool(row["state"] or row["last_day"] < self.today)

    def compare(self, existing: Lease, row: Row) -> Iterable[Change]:
        told = [("last_day", existing.last_day), ("legal_basis", existing.legal_basis)]
        if "programme" in row.given:
            told.append(("programme", existing.programme))
        for key, old in told:
            if old != row[key]:
                yield self.changed(key, old, row[key])
        running = existing.state in (LeaseState.SIGNED, LeaseState.ACTIVE)
        closed = existing.state in CLOSED_STATES
        # A running lease whose days are over ends by the daily run, not by the file.
        if not (closed if row["state"] else running or (closed and self._is_over(row))):
            yield self.changed("state", existing.get_state_display(), row.cells["state"])

    def create(self, row: Row, *, actor: Any, now: datetime) -> Lease:
        company, space = self._company(row), self._space(row)
        assert company
        assert space
        lease = lease_space(
            company=company,
            space=space,
            first_day=row["first_day"],
            last_day=row["last_day"],
            legal_basis=row["legal_basis"],
            ended=row["state"],
            from_books=True,
            actor=actor,
            now=now,
        )
        name_programme(leases=[lease], programme=row["programme"], actor=actor)
        return lease

    def change(
        self, existing: Lease, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Lease:
        if "programme" in row.given:
            name_programme(leases=[existing], programme=row["programme"], actor=actor)
        if {change.field for change in changes} == {"programme"}:
            return existing
        return correct_lease(
            lease=existing,
            last_day=row["last_day"],
            legal_basis=row["legal_basis"],
            ended=self._is_over(row),
            actor=actor,
            now=now,
        )
