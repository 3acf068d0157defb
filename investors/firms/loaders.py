"""The programme manager's spreadsheet of firms: one row makes a firm, its mandate and its holdings."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Region, Sector, Stage
from incubator.common.sheets import Change, Column, Issue, Row
from incubator.common.sheets.loader import Loader
from incubator.common.sheets.parsers import choice, choices, email, listed, text, whole, won

from .enums import FirmKind
from .models import Firm
from .services import FIRM_FIELDS, MANDATE_FIELDS, change_firm, create_firm, name_key, set_holdings, set_mandate

KINDS = {"AC": FirmKind.AC, "VC": FirmKind.VC, "CVC": FirmKind.CVC}
SECTORS = {
    "헬스케어": Sector.HEALTHCARE,
    "제조": Sector.MANUFACTURING,
    "로봇": Sector.ROBOTICS,
    "자율주행": Sector.MOBILITY,
    "에너지": Sector.ENERGY,
    "보안": Sector.SECURITY,
    "교육": Sector.EDUCATION,
    "문화콘텐츠": Sector.CULTURE,
    "농업": Sector.AGRICULTURE,
    "반도체": Sector.SEMICONDUCTOR,
    "음성·언어": Sector.SPEECH_LANGUAGE,
    "안전": Sector.SAFETY,
}
STAGES = {
    "예비": Stage.PRE,
    "시드": Stage.SEED,
    "프리A": Stage.PRE_A,
    "시리즈A": Stage.SERIES_A,
    "시리즈B": Stage.SERIES_B,
}
REGIONS = {
    "전국": Region.NATIONWIDE,
    "광주·전남": Region.GWANGJU_JEONNAM,
    "수도권": Region.CAPITAL_AREA,
    "기타": Region.OTHER,
}
