"""The programme managers' list of companies, as a spreadsheet."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from incubator.common.sheets import (
    Column,
    Issue,
    Row,
    business_number,
    choice,
    choices,
    corporate_number,
    day,
    email,
    text,
    whole,
    won,
    yes_no,
)
from incubator.common.sheets.loader import Loader
from incubator.common.sheets.plan import Change
from incubator.common.sheets.vocabulary import SECTORS, STAGES

from .enums import ResidencyState
from .models import Company, Residency
from .services import change_company, change_residency, enrol_company, open_residency

_FIRST_DAY = "first_day"


class CompanyLoader(Loader[Company]):
    """A company, its stay from 입주일 on, and its owner's invitation: prepared, and mailed only by a manager."""

    subject = _("companies")
    columns = (
        Column("name", ("기업명", "Company", "Company name"), text(120)),
        Column("name_en", ("영문명", "English name"), text(120), required=False, blank=True, default=""),
        Column("business_number", ("사업자등록번호", "Business number"), business_number()),
        Column(
            "corporate_number",
            ("법인등록번호", "Corporate number"),
            corporate_number(),
            required=False,
            blank=True,
            default="",
        ),
        Column("representative", ("대표자", "Representative"), text(80)),
        Column("email", ("이메일", "E-mail", "Email"), email()),
        Column("founded_on", ("설립일", "Founded on", "Founded"), day(), required=False, blank=True),
        Column("sectors", ("분야", "Sectors", "Sector"), choices(SECTORS)),
        Column("stage", ("단계", "Stage"), choice(STAGES)),
        Column(
            "summary", ("소개", "Summary"), text(2000, multiline=True), required=False, blank=True, default=""
        ),
        Column("employees", ("임직원수", "Employees"), whole(min=0), required=False, blank=True, default=0),
        Column(
            "revenue_krw", ("연매출(원)", "Revenue (KRW)", "연매출"), won(min=0), required=False, blank=True
        ),
        Column(
            "ask_krw", ("투자희망액(원)", "Ask (KRW)", "투자희망액"), won(min=1), required=False, blank=True
        ),
        Column(_FIRST_DAY, ("입주일", "Resident from"), day()),
        Column(
            "visible_to_investors",
            ("투자사 공개", "Visible to investors"),
            yes_no(),
            required=False,
            blank=True,
            default=False,
        ),
        Column("cluster_account", ("클러스터 계정", "Cluster account"), text(60), required=False, blank=True),
    )
    key = ("business_number",)
    compared = {column.key: column.key for column in columns if column.key != _FIRST_DAY}

    def prepare(self, rows: Sequence[Row]) -> None:
        numbers = [row["business_number"] for row in rows]
        accounts = [account for row in rows if (account := row["cluster_account"])]
        self.known = {
            company.business_number: company
            for company in Company.objects.filter(business_number__in=numbers)
        }
        self.account_holders = dict(
            Company.objects.filter(cluster_account__in=accounts).values_list(
                "cluster_account", "business_number"
            )
        )
        stays = Residency.objects.filter(company__business_number__in=numbers).order_by("period", "pk")
        self.stays: dict[int, Residency] = {stay.company_id: stay for stay in stays}

    def find(self, row: Row) -> Company | None:
        return self.known.get(row["business_number"])

    def check(self, row: Row, existing: Company | None) -> Iterable[Issue]:
        if row["founded_on"] and row["founded_on"] > self.today:
            yield row.issue("founded_on", _("This day lies in the future."), "future_day")
        holder = self.account_holders.get(row["cluster_account"])
        if holder is not None and holder != row["business_number"]:
            yield row.issue(
                "cluster_account",
                _("Another company has this account on the cluster."),
                "cluster_account_taken",
            )

    def compare(self, existing: Company, row: Row) -> Iterable[Change]:
        yield from super().compare(existing, row)
        stay = self.stays.get(existing.pk)
        first_day = stay.period.lower if stay else None
        if first_day != row[_FIRST_DAY]:
            yield self.changed(_FIRST_DAY, first_day, row[_FIRST_DAY])

    def create(self, row: Row, *, actor: Any, now: datetime) -> Company:
        profile = {key: row[key] for key in self.compared}
        return enrol_company(
            first_day=row[_FIRST_DAY], state=ResidencyState.RESIDENT, actor=actor, now=now, **profile
        )

    def change(
        self, existing: Company, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Company:
        values = {change.field: change.new for change in changes}
        first_day = values.pop(_FIRST_DAY, None)
        if "sectors" in values:
            values["sectors"] = list(values["sectors"])
        if values:
            change_company(company=existing, values=values, actor=actor, now=now)
        stay = self.stays.get(existing.pk)
        if first_day and stay:
            change_residency(residency=stay, first_day=first_day, actor=actor, now=now)
        elif first_day:
            open_residency(
                company=existing, first_day=first_day, state=ResidencyState.RESIDENT, actor=actor, now=now
            )
        return existing
