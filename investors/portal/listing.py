"""The investors' lists of companies: what can be asked of them, and in which order they come."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, OrderBy, Q, QuerySet, Value, When

from incubator.common.enums import Region, Sector, Stage
from tenants.companies.enums import AskBand
from tenants.companies.models import Company, ShownTeaser

LONGEST_QUERY = 100
MOST_WORDS = 8
_STAGE_ORDER = Case(*(When(stage=stage, then=Value(at)) for at, stage in enumerate(Stage.values)))
_ORDERS: dict[str, Any] = {
    "name": F("name"),
    "stage": _STAGE_ORDER,
    "founded": F("founded_on"),
    "employees": F("employees"),
    "ask": F("ask_krw"),
}
# The same bands as the database's view of teasers: from, and below.
_ASKS: Mapping[str, tuple[int, int | None]] = {
    AskBand.LEAST: (0, 10**8),
    AskBand.SMALL: (10**8, 5 * 10**8),
    AskBand.MIDDLE: (5 * 10**8, 20 * 10**8),
    AskBand.LARGE: (20 * 10**8, 50 * 10**8),
    AskBand.MOST: (50 * 10**8, None),
}
# Words by which people look for a sector, whichever language the page is in.
_SECTOR_WORDS: Mapping[str, str] = {
    Sector.HEALTHCARE: "healthcare health medical medicine bio 헬스케어 의료 건강 바이오 병원",
    Sector.MANUFACTURING: "manufacturing factory industrial 제조 공장 스마트팩토리 산업",
    Sector.ROBOTICS: "robotics robots robot 로봇 로보틱스",
    Sector.MOBILITY: "mobility autonomous driving car vehicle 자율주행 모빌리티 자동차 차량",
    Sector.ENERGY: "energy power battery solar 에너지 전력 배터리 태양광",
    Sector.SECURITY: "security cyber 보안 사이버",
    Sector.EDUCATION: "education edtech learning school 교육 에듀테크 학습",
    Sector.CULTURE: "culture content media game 문화 콘텐츠 미디어 게임",
    Sector.AGRICULTURE: "agriculture agritech farm farming 농업 농식품 스마트팜 팜",
    Sector.SEMICONDUCTOR: "semiconductors semiconductor chip npu 반도체 칩",
    Sector.SPEECH_LANGUAGE: "speech language voice nlp llm 음성 언어 자연어 말",
    Sector.SAFETY: "safety disaster 안전 재난",
}


def sectors_of_word(word: str) -> list[str]:
    """The sectors that a word of either language means; its beginning is enough from two letters on."""
    word = word.casefold()
    if len(word) < 2:
        return [code for code, words in _SECTOR_WORDS.items() if word in words.split()]
    return [
        code
        for code, words in _SECTOR_WORDS.items()
        if any(known.startswith(word) for known in words.split())
    ]


@dataclass(frozen=True)
class Listing:
    """A reading of the address. Whatever is unknown in it is left out, never an error."""

    q: str
    sector: str
    stage: str
    region: str
    ask: str
    sort: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Listing":
        def known(name: str, values: list[str]) -> str:
            value = query.get(name, "")
            return value if value in values else ""

        sort = query.get("sort", "")
        return cls(
            q=unicodedata.normalize("NFC", query.get("q", "")[:LONGEST_QUERY]).replace("\0", "").strip(),
            sector=known("sector", Sector.values),
            stage=known("stage", Stage.values),
            region=known("region", Region.values),
            ask=known("ask", AskBand.values),
            sort=sort if sort.removeprefix("-") in _ORDERS else "name",
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.sector or self.stage or self.region or self.ask)

    def _common(self, found: QuerySet[Any], *texts: str) -> QuerySet[Any]:
        """By words, each of which has to be found in a text or to mean a sector, and by what both lists have."""
        for word in self.q.split()[:MOST_WORDS]:
            fits = Q()
            for text in texts:
                fits |= Q(**{f"{text}__icontains": word})
            if sectors := sectors_of_word(word):
                fits |= Q(sectors__overlap=sectors)
            found = found.filter(fits)
        if self.sector:
            found = found.filter(sectors__contains=[self.sector])
        if self.stage:
            found = found.filter(stage=self.stage)
        if self.region:
            found = found.filter(region=self.region)
        return found

    def filtered(self, companies: QuerySet[Company]) -> QuerySet[Company]:
        companies = self._common(companies, "name", "name_en", "summary")
        if self.ask == AskBand.NONE:
            companies = companies.filter(ask_krw=None)
        elif self.ask:
            least, below = _ASKS[self.ask]
            companies = companies.filter(ask_krw__gte=least)
            companies = companies.filter(ask_krw__lt=below) if below else companies
        order = OrderBy(
            _ORDERS[self.sort.removeprefix("-")], descending=self.sort.startswith("-"), nulls_last=True
        )
        return companies.order_by(order, "name", "pk")

    def filtered_teasers(self, teasers: QuerySet[ShownTeaser]) -> QuerySet[ShownTeaser]:
        """In the order of their codes, which says nothing of the companies."""
        teasers = self._common(teasers, "text")
        return (teasers.filter(ask=self.ask) if self.ask else teasers).order_by("code")
