"""The programme managers' spreadsheets: firms with mandates and holdings, their funds, holdings in full, and tags."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Region
from incubator.common.sheets import (
    Column,
    Issue,
    Row,
    choice,
    choices,
    day,
    email,
    listed,
    text,
    whole,
    won,
)
from incubator.common.sheets.loader import Loader
from incubator.common.sheets.plan import Change
from incubator.common.sheets.vocabulary import SECTORS, STAGES

from .enums import FirmKind, RoundRole
from .errors import TagParentLater
from .models import Firm, Fund, Holding, Tag
from .services import (
    FIRM_FIELDS,
    MANDATE_FIELDS,
    change_firm,
    enrol_firm,
    keep_fund,
    keep_holding,
    name_key,
    set_holdings,
    set_mandate,
)
from .tagging import keep_tag
from .vocabulary import composed, key_of

KINDS = {
    "AC": FirmKind.AC,
    "VC": FirmKind.VC,
    "CVC": FirmKind.CVC,
    "엔젤": FirmKind.ANGEL,
    "Angel": FirmKind.ANGEL,
}
ROLES = {
    "리드": RoundRole.LEAD,
    "팔로우": RoundRole.FOLLOW,
    "리드·팔로우": RoundRole.EITHER,
    "Lead": RoundRole.LEAD,
    "Follow": RoundRole.FOLLOW,
    "Either": RoundRole.EITHER,
}
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
            "role",
            ("투자 역할", "In a round"),
            choice(ROLES),
            required=False,
            blank=True,
            default=RoundRole.EITHER,
        ),
        Column(
            "keywords", ("관심기술", "Technologies"), listed(text(60)), required=False, blank=True, default=()
        ),
        Column(
            "thesis",
            ("투자 방향", "In its own words"),
            text(2000, multiline=True),
            required=False,
            blank=True,
            default="",
        ),
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
            if key == "keywords":
                same = {key_of(word) for word in old or ()} == {key_of(word) for word in new}
            elif key == "thesis":
                same = (old or "") == composed(new)
            else:
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


class _OfFirm(Loader[Any]):
    """Rows that name a firm, which has to be on the list already."""

    def _prepare_firms(self, rows: Sequence[Row], *, prefetch: str) -> None:
        names = {row["firm"] for row in rows}
        firms = Firm.objects.filter(name__in=names).prefetch_related(prefetch)
        self.firms = {firm.name: firm for firm in firms}

    def check(self, row: Row, existing: Any) -> Iterable[Issue]:
        if row["firm"] not in self.firms:
            yield row.issue("firm", _("No firm of this name is on the list."), code="unknown_firm")


class FundLoader(_OfFirm):
    """Funds by firm and name."""

    subject = _("funds")
    columns = (
        Column("firm", ("투자사명", "Firm"), text(120)),
        Column("name", ("펀드명", "Fund"), text(120)),
        Column("vintage_year", ("결성연도", "Vintage"), whole(min=1986, max=2100)),
        Column("size_krw", ("규모(원)", "Size (KRW)"), won(min=1)),
        Column("left_krw", ("투자여력(원)", "Left to invest (KRW)"), won(min=0), required=False, blank=True),
        Column("left_as_of", ("기준일", "As of"), day(), required=False, blank=True),
    )
    key = ("firm", "name")
    compared: ClassVar = {key: key for key in ("vintage_year", "size_krw", "left_krw", "left_as_of")}

    def prepare(self, rows: Sequence[Row]) -> None:
        self._prepare_firms(rows, prefetch="funds")

    def find(self, row: Row) -> Fund | None:
        firm = self.firms.get(row["firm"])
        funds = firm.funds.all() if firm else ()
        return next((fund for fund in funds if fund.name == composed(row["name"])), None)

    def create(self, row: Row, *, actor: Any, now: datetime) -> Fund:
        values = {key: row[key] for key in ("name", *self.compared) if key in row.given}
        return keep_fund(fund=Fund(firm=self.firms[row["firm"]]), actor=actor, **values)

    def change(
        self, existing: Fund, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Fund:
        return keep_fund(fund=existing, actor=actor, **{change.field: change.new for change in changes})


class HoldingLoader(_OfFirm):
    """Holdings in full, by firm and company: what a firm's own list says of each."""

    subject = _("holdings")
    columns = (
        Column("firm", ("투자사명", "Firm"), text(120)),
        Column("company_name", ("기업명", "Company"), text(120)),
        Column("sectors", ("분야", "Sectors"), choices(SECTORS), required=False, blank=True, default=()),
        Column(
            "keywords", ("기술", "Technologies"), listed(text(60)), required=False, blank=True, default=()
        ),
        Column("founded_on", ("설립일", "Founded"), day(), required=False, blank=True),
        Column("invested_on", ("투자일", "Invested"), day(), required=False, blank=True),
    )
    key = ("firm", "company_name")
    compared: ClassVar = {key: key for key in ("sectors", "keywords", "founded_on", "invested_on")}

    def prepare(self, rows: Sequence[Row]) -> None:
        self._prepare_firms(rows, prefetch="holdings")

    def find(self, row: Row) -> Holding | None:
        firm = self.firms.get(row["firm"])
        held = firm.holdings.all() if firm else ()
        key = name_key(row["company_name"])
        return next((holding for holding in held if holding.name_key == key), None)

    def create(self, row: Row, *, actor: Any, now: datetime) -> Holding:
        values = {key: row[key] for key in self.compared if key in row.given}
        holding = Holding(firm=self.firms[row["firm"]])
        return keep_holding(holding=holding, company_name=row["company_name"], actor=actor, **values)

    def change(
        self, existing: Holding, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Holding:
        values = {change.field: change.new for change in changes}
        return keep_holding(holding=existing, company_name=existing.company_name, actor=actor, **values)


class TagLoader(Loader[Tag]):
    """The list of technologies by code. A row's synonyms are all that the tag has beside its names."""

    subject = _("tags")
    columns = (
        Column("code", ("코드", "Code"), text(40)),
        Column("ko", ("한국어", "Korean"), text(60)),
        Column("en", ("영어", "English"), text(60)),
        Column("parent", ("상위 코드", "Part of"), text(40), required=False, blank=True, default=""),
        Column("synonyms", ("동의어", "Synonyms"), listed(text(60)), required=False, blank=True, default=()),
    )
    key = ("code",)

    def prepare(self, rows: Sequence[Row]) -> None:
        self.known = {tag.code: tag for tag in Tag.objects.select_related("parent").prefetch_related("words")}
        self.coming = {row["code"] for row in rows}

    def find(self, row: Row) -> Tag | None:
        return self.known.get(row["code"])

    def check(self, row: Row, existing: Tag | None) -> Iterable[Issue]:
        if row["parent"] and row["parent"] not in self.known.keys() | self.coming:
            yield row.issue("parent", _("No tag has this code."), code="unknown_tag")

    def compare(self, existing: Tag, row: Row) -> Iterable[Change]:
        for key in ("ko", "en"):
            if getattr(existing, key) != composed(row[key]):
                yield self.changed(key, getattr(existing, key), row[key])
        parent = existing.parent.code if existing.parent else ""
        if "parent" in row.given and parent != row["parent"]:
            yield self.changed("parent", parent, row["parent"])
        names = {key_of(existing.ko), key_of(existing.en), key_of(row["ko"]), key_of(row["en"])}
        held = {word.key: word.word for word in existing.words.all() if word.key not in names}
        wanted = {key_of(word) for word in row["synonyms"]} - names
        if "synonyms" in row.given and held.keys() != wanted:
            yield self.changed("synonyms", tuple(held.values()), row["synonyms"])

    def create(self, row: Row, *, actor: Any, now: datetime) -> Tag:
        return self._keep(Tag(), row, row["synonyms"], actor)

    def change(
        self, existing: Tag, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Tag:
        words = row["synonyms"] if "synonyms" in row.given else [word.word for word in existing.words.all()]
        return self._keep(existing, row, words, actor)

    def _keep(self, tag: Tag, row: Row, synonyms: Iterable[str], actor: Any) -> Tag:
        """A tag may stand before the one that it is part of only when that is on the list: rows come in their order."""
        parent = Tag.objects.filter(code=row["parent"]).first() if row["parent"] else None
        if row["parent"] and parent is None:
            raise TagParentLater(code_named=row["parent"])
        if "parent" not in row.given:
            parent = tag.parent
        return keep_tag(
            tag=tag,
            code=row["code"],
            ko=row["ko"],
            en=row["en"],
            parent=parent,
            synonyms=synonyms,
            actor=actor,
        )
