"""The investors' list of companies: what can be asked of it, and in which order it comes."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, OrderBy, Q, QuerySet, Value, When

from incubator.common.enums import Sector, Stage
from tenants.companies.models import Company

LONGEST_QUERY = 100
_STAGE_ORDER = Case(*(When(stage=stage, then=Value(at)) for at, stage in enumerate(Stage.values)))
_ORDERS: dict[str, Any] = {
    "name": F("name"),
    "stage": _STAGE_ORDER,
    "founded": F("founded_on"),
    "employees": F("employees"),
    "ask": F("ask_krw"),
}


@dataclass(frozen=True)
class Listing:
    """A reading of the address. Whatever is unknown in it is left out, never an error."""

    q: str
    sector: str
    stage: str
    sort: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Listing":
        sector, stage, sort = query.get("sector", ""), query.get("stage", ""), query.get("sort", "")
        return cls(
            q=unicodedata.normalize("NFC", query.get("q", "")[:LONGEST_QUERY]).strip(),
            sector=sector if sector in Sector.values else "",
            stage=stage if stage in Stage.values else "",
            sort=sort if sort.removeprefix("-") in _ORDERS else "name",
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.sector or self.stage)

    def filtered(self, companies: QuerySet[Company]) -> QuerySet[Company]:
        if self.q:
            companies = companies.filter(
                Q(name__icontains=self.q) | Q(name_en__icontains=self.q) | Q(summary__icontains=self.q)
            )
        if self.sector:
            companies = companies.filter(sectors__contains=[self.sector])
        if self.stage:
            companies = companies.filter(stage=self.stage)
        order = OrderBy(
            _ORDERS[self.sort.removeprefix("-")], descending=self.sort.startswith("-"), nulls_last=True
        )
        return companies.order_by(order, "name", "pk")
