"""The programme managers' list of firms, as a spreadsheet: one row makes a firm, its mandate and its holdings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Region
from incubator.common.sheets import (
    Column,
    Issue,
    Row,
    choice,
    choices,
    email,
    listed,
    text,
    whole,
    won,
)
from incubator.common.sheets.loader import Loader
from incubator.common.sheets.plan import Change
from incubator.common.sheets.vocabulary import SECTORS, STAGES

from .enums import FirmKind
from .models import Firm
from .services import (
    FIRM_FIELDS,
    MANDATE_FIELDS,
    change_firm,
    enrol_firm,
    name_key,
    set_holdings,
    set_mandate,
)

KINDS = {"AC": FirmKind.AC, "VC": FirmKind.VC, "CVC": FirmKind.CVC}
REGIONS = {
    "전국": Region.NATIONWIDE,
    "광주·전남": Region.GWANGJU_JEONNAM,
    "수도권": Region.CAPITAL_AREA,
    "기타": Region.OTHER,
    "Nationwide": Region.NATIONWIDE,
    "Gwangju and Jeonnam": Region.GWANGJU_JEONNAM,
    "Capital area": Region.CAPITAL_AREA,
    "Other": Region.OTHER,
}
_HOLDINGS = "holdings"
_LISTS = ("sectors", "stages", "regions")
_MOST_WON = 10**15


class FirmLoader(Loader[Firm]):
    """A firm by its name, what it looks for, what it holds, and its contact's invitation, mailed only by a manager."""

    subject = _("firms")
    columns = (
        Column("name", ("투자사명", "Firm", "Firm name"), text(120)),
        Column("kind", ("유형", "Kind"), choice(KINDS)),
        Column("contact_name", ("담당자", "Contact"), text(80), required=False, blank=True, default=""),
        Column("email", ("이메일", "E-mail", "Email"), email()),
        Column("sectors", ("관심분야", "Sectors"), choices(SECTORS)),
        Column("stages", ("투자단계", "Stages"), choices(STAGES)),
        Column("ticket_min_krw", ("최소투자(원)", "Smallest ticket (KRW)"), won(min=0)),
        Column("ticket_max_krw", ("최대투자(원)", "Largest ticket (KRW)"), won(min=0)),
        Column(
            "max_company_age_years",
            ("업력상한(년)", "Company age at most (years)"),
            whole(min=0, max=100),
            required=False,
            blank=True,
        ),
        Column("regions", ("지역", "Regions", "Region"), choices(REGIONS)),
        Column("capacity", ("미팅상한", "Introductions at most"), whole(min=0, max=1000)),
        Column(
            _HOLDINGS, ("보유기업", "Holdings"), listed(text(120)), required=False, blank=True, default=()
        ),
    )
    key = ("name",)

    def prepare(self, rows: Sequence[Row]) -> None:
        names = [row["name"] for row in rows]
        firms = Firm.objects.filter(name__in=names).select_related("mandate").prefetch_related("holdings")
        self.known = {firm.name: firm for firm in firms}

    def find(self, row: Row) -> Firm | None:
        return self.known.get(row["name"])

    def check(self, row: Row, existing: Firm | None) -> Iterable[Issue]:
        if row["ticket_min_krw"] > row["ticket_max_krw"]:
            yield row.issue(
                "ticket_min_krw",
                _("The smallest ticket is larger than the largest."),
                code="ticket_out_of_order",
            )
        if row["ticket_max_krw"] > _MOST_WON:
            yield row.issue("ticket_max_krw", _("No firm invests this much."), code="too_large")

    def compare(self, existing: Firm, row: Row) -> Iterable[Change]:
        mandate = getattr(existing, "mandate", None)
        for key in (*FIRM_FIELDS, *MANDATE_FIELDS):
            if key not in row.given:
                continue
            old = getattr(existing if key in FIRM_FIELDS else mandate, key, None)
            new = row[key]
            same = set(old or ()) == set(new) if key in _LISTS else old == new
            if not same:
                yield self.changed(key, old, new)
        if _HOLDINGS in row.given:
            held = [holding.company_name for holding in existing.holdings.all()]
            if set(map(name_key, held)) != set(map(name_key, row[_HOLDINGS])):
                yield self.changed(_HOLDINGS, held, row[_HOLDINGS])

    def create(self, row: Row, *, actor: Any, now: datetime) -> Firm:
        values = {key: row[key] for key in (*FIRM_FIELDS, *MANDATE_FIELDS) if key in row.given}
        return enrol_firm(holdings=row[_HOLDINGS], actor=actor, now=now, **values)

    def change(
        self, existing: Firm, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Firm:
        values = {change.field: change.new for change in changes}
        names = values.pop(_HOLDINGS, None)
        of_firm = {key: value for key, value in values.items() if key in FIRM_FIELDS}
        of_mandate = {key: value for key, value in values.items() if key in MANDATE_FIELDS}
        if of_firm:
            change_firm(firm=existing, actor=actor, **of_firm)
        if of_mandate:
            set_mandate(firm=existing, actor=actor, **of_mandate)
        if names is not None:
            set_holdings(firm=existing, names=names, actor=actor)
        return existing
