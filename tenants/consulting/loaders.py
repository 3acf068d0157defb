"""The programme managers' list of advisers, as a spreadsheet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from incubator.common.sheets import Column, Row, choice, choices, email, text, whole
from incubator.common.sheets.loader import Loader
from incubator.common.sheets.plan import Change

from .enums import AdviceField, Affiliation, Language
from .models import HOURS_IN_A_WEEK, Adviser
from .services import register_adviser, update_adviser

AFFILIATIONS = {
    "법무법인": Affiliation.LAW_FIRM,
    "특허법인": Affiliation.PATENT_FIRM,
    "회계법인": Affiliation.ACCOUNTING_FIRM,
    "VC": Affiliation.VC,
    "AC": Affiliation.AC,
    "대학": Affiliation.UNIVERSITY,
    "대기업": Affiliation.CORPORATION,
    "공공기관": Affiliation.PUBLIC_BODY,
    "기타": Affiliation.OTHER,
    "Law firm": Affiliation.LAW_FIRM,
    "Patent firm": Affiliation.PATENT_FIRM,
    "Accounting firm": Affiliation.ACCOUNTING_FIRM,
    "University": Affiliation.UNIVERSITY,
    "Large company": Affiliation.CORPORATION,
    "Public body": Affiliation.PUBLIC_BODY,
    "Other": Affiliation.OTHER,
}
FIELDS = {
    "특허": AdviceField.PATENTS,
    "해외진출": AdviceField.GLOBAL,
    "투자유치": AdviceField.FUNDRAISING,
    "AI기술": AdviceField.AI,
    "법무": AdviceField.LEGAL,
    "인사": AdviceField.HR,
    "마케팅": AdviceField.MARKETING,
    "회계": AdviceField.ACCOUNTING,
    "Patents": AdviceField.PATENTS,
    "Going abroad": AdviceField.GLOBAL,
    "Fundraising": AdviceField.FUNDRAISING,
    "AI technology": AdviceField.AI,
    "Legal matters": AdviceField.LEGAL,
    "Human resources": AdviceField.HR,
    "Marketing": AdviceField.MARKETING,
    "Accounting": AdviceField.ACCOUNTING,
}
LANGUAGES = {
    "한국어": Language.KOREAN,
    "영어": Language.ENGLISH,
    "중국어": Language.CHINESE,
    "일본어": Language.JAPANESE,
    "Korean": Language.KOREAN,
    "English": Language.ENGLISH,
    "Chinese": Language.CHINESE,
    "Japanese": Language.JAPANESE,
}


class AdviserLoader(Loader[Adviser]):
    """Advisers by e-mail address."""

    subject = _("advisers")
    columns = (
        Column("name", ("이름", "Name"), text(80)),
        Column("email", ("이메일", "E-mail", "Email"), email()),
        Column("affiliation", ("소속", "Affiliation"), choice(AFFILIATIONS)),
        Column("fields", ("분야", "Advises on", "Fields"), choices(FIELDS)),
        Column("languages", ("언어", "Languages"), choices(LANGUAGES)),
        Column(
            "weekly_hours",
            ("주당 가능시간", "Hours a week", "Weekly hours"),
            whole(min=0, max=HOURS_IN_A_WEEK),
        ),
    )
    key = ("email",)
    compared = {name: name for name in ("name", "affiliation", "fields", "languages", "weekly_hours")}

    def prepare(self, rows: Sequence[Row]) -> None:
        addresses = [row["email"] for row in rows]
        self.known = {adviser.email: adviser for adviser in Adviser.objects.filter(email__in=addresses)}

    def find(self, row: Row) -> Adviser | None:
        return self.known.get(row["email"])

    def create(self, row: Row, *, actor: Any, now: datetime) -> Adviser:
        return register_adviser(**{key: row[key] for key in (*self.compared, "email")}, actor=actor)

    def change(
        self, existing: Adviser, row: Row, changes: tuple[Change, ...], *, actor: Any, now: datetime
    ) -> Adviser:
        return update_adviser(
            adviser=existing, actor=actor, **{change.field: change.new for change in changes}
        )
