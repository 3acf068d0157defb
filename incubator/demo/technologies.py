"""The list of technologies, what firms write of themselves, their funds, and the weights of the second run."""

from datetime import date
from random import Random
from typing import Any

from django.conf import settings

from incubator.common.enums import Sector
from incubator.common.sheets.reading import read_sheet
from investors.firms.enums import FirmKind, RoundRole
from investors.firms.loaders import TagLoader
from investors.firms.models import Firm, Fund, Tag
from investors.firms.services import decide_proposal, keep_fund, record_proposal
from investors.matching.scoring import STANDARD_WEIGHTS
from investors.matching.services import use_weights

from .camp import Camp
from .days import days_before

MILLION = 1_000_000
_FILE = settings.BASE_DIR / "investors/firms/data/technologies.csv"
# What firms of a sector write, in the languages in which they write it; the last ones are on no list yet.
_WORDS = {
    Sector.HEALTHCARE: ("의료 영상", "digital health", "만성질환"),
    Sector.MANUFACTURING: ("machine vision", "예지보전", "스마트팩토리"),
    Sector.ROBOTICS: ("robotics", "이동 로봇", "협동로봇"),
    Sector.MOBILITY: ("자율주행", "LiDAR", "UAM"),
    Sector.ENERGY: ("VPP", "배터리", "수소"),
    Sector.SECURITY: ("zero trust", "딥페이크", "양자암호"),
    Sector.EDUCATION: ("edtech", "가상 훈련", "평생교육"),
    Sector.CULTURE: ("웹툰", "음원 복원", "K-pop"),
    Sector.AGRICULTURE: ("스마트팜", "drone", "푸드테크"),
    Sector.SEMICONDUCTOR: ("NPU", "팹리스", "chiplet"),
    Sector.SPEECH_LANGUAGE: ("LLM", "음성 인식", "digital twin"),
    Sector.SAFETY: ("worker safety", "재난 예측", "디지털 트윈"),
}
_THESES = (
    "현장 데이터를 오래 모은 팀을 좋아합니다. 병원과 공장에서 이미 쓰이는 제품, 판독 시간이나 불량을 숫자로 줄인 사례를 봅니다.",
    "로봇과 자율주행처럼 하드웨어가 섞인 팀에 먼저 투자하고, 검증이 끝날 때까지 함께 기다립니다.",
    "We back teams that turn forecasts into lower bills: solar, storage and buildings first, with paying customers.",
    "지역에서 시작해 전국으로 가는 팀을 찾습니다. 음성과 언어, 교육과 문화 자료를 다루는 제품을 특히 봅니다.",
    "농가와 건설 현장의 사고와 손실을 영상과 드론으로 먼저 알려 주는 제품에 관심이 있습니다.",
)
_ROLES = (RoundRole.LEAD, RoundRole.FOLLOW, RoundRole.EITHER)


def make_technologies(camp: Camp) -> int:
    """How many tags the list has."""
    with _FILE.open("rb") as file:
        sheet = read_sheet(file, _FILE.name, TagLoader.columns)
    TagLoader().load(sheet, actor=camp.director, now=camp.now)
    return Tag.objects.count()


def own_words(dice: Random, sectors: list[str], at: int) -> dict[str, Any]:
    """Technologies in both languages and, of most firms, what they write of themselves. Some have said nothing."""
    words = [word for sector in sectors for word in dice.sample(_WORDS[Sector(sector)], 2)]
    return {
        "keywords": [] if at % 9 == 8 else words[:5],
        "thesis": "" if at % 4 == 3 else _THESES[at % len(_THESES)],
        "role": _ROLES[at % len(_ROLES)],
    }


def raise_funds(camp: Camp, dice: Random, firm: Firm, at: int) -> None:
    """One or two funds of all but angels; what is left of the older one is told, of a few it is not."""
    if firm.kind == FirmKind.ANGEL:
        return
    for number in range(1, 2 + at % 2):
        size = dice.randrange(50, 600, 10) * 100 * MILLION
        told = (at + number) % 5 != 0
        keep_fund(
            fund=Fund(firm=firm),
            name=f"{firm.name} {number}호 조합",
            vintage_year=camp.today.year - dice.randint(1, 3) * number,
            size_krw=size,
            left_krw=size * dice.randint(1, 9) // 10 if told else None,
            left_as_of=days_before(camp.today, dice.randint(20, 90)) if told else None,
            actor=camp.director,
        )


def founded(camp: Camp, dice: Random, at: int) -> dict[str, date | None]:
    """The days of a holding, of which most firms' lists know."""
    if at % 5 == 4:
        return {"founded_on": None, "invested_on": None}
    invested = days_before(camp.today, dice.randint(200, 1500))
    return {"founded_on": days_before(invested, dice.randint(100, 2400)), "invested_on": invested}


def make_proposals(camp: Camp) -> int:
    """One waits, one was taken over."""
    wrote = days_before(camp.today, 6)
    for at, text in enumerate(
        (
            "2호 조합 결성으로 티켓 상한을 올리고 싶습니다. 최대 20억 원까지 검토하겠습니다.",
            "Please add on-device AI and chiplets to our technologies; we no longer look at Series B.",
        )
    ):
        firm = camp.firms[at % len(camp.firms)]
        proposal = record_proposal(
            firm=firm,
            written_by=firm.contact_name or firm.name,
            written_on=wrote,
            text=text,
            actor=camp.director,
            now=camp.at(days_before(camp.today, 5), 11),
        )
    decide_proposal(
        proposal=proposal,
        taken=True,
        decision="관심기술에 반영했습니다.",
        actor=camp.director,
        now=camp.at(days_before(camp.today, 3), 11),
    )
    return 2


def weigh_technologies_more(camp: Camp) -> None:
    """A second version of the weights, after a look at what it changes: the next run uses it."""
    numbers: dict[str, int | None] = {str(key): each for key, each in STANDARD_WEIGHTS.numbers.items()}
    numbers |= {"technology": 25, "stage": 10}
    use_weights(
        numbers=numbers,
        note="기술 적합을 더 보고 단계는 덜 봅니다. 미리보기로 확인한 뒤 적용했습니다.",
        instead_of=STANDARD_WEIGHTS.version,
        actor=camp.director,
        now=camp.at(days_before(camp.today, 2), 16),
    )
