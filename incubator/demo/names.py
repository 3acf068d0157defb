"""Invented names of companies, people and firms. Whoever finds their own here: it is chance."""

from collections.abc import Collection
from random import Random

from incubator.common.enums import Sector

_STEMS = (
    ("무등산", "Mudeungsan"),
    ("빛고을", "Bitgoeul"),
    ("영산", "Yeongsan"),
    ("가온", "Gaon"),
    ("온새", "Onsae"),
    ("다솜", "Dasom"),
    ("새론", "Saeron"),
    ("이든", "Ideun"),
    ("아라", "Ara"),
    ("미르", "Mir"),
    ("나래", "Narae"),
    ("도담", "Dodam"),
    ("라온", "Raon"),
    ("마루", "Maru"),
    ("바론", "Baron"),
    ("윤슬", "Yunseul"),
    ("해온", "Haeon"),
    ("초롱", "Chorong"),
    ("큰별", "Keunbyeol"),
    ("늘봄", "Neulbom"),
    ("단비", "Danbi"),
    ("여울", "Yeoul"),
    ("슬기", "Seulgi"),
    ("샛별", "Saetbyeol"),
    ("물결", "Mulgyeol"),
    ("별하", "Byeolha"),
    ("두레", "Dure"),
    ("벼리", "Byeori"),
    ("고운", "Goun"),
    ("담아", "Dama"),
    ("새벽", "Saebyeok"),
    ("온누리", "Onnuri"),
    ("하람", "Haram"),
    ("시나브로", "Sinabro"),
    ("첨단골", "Cheomdangol"),
    ("어등", "Eodeung"),
    ("풍암", "Pungam"),
    ("수완들", "Suwandeul"),
    ("달보드레", "Dalbodeure"),
    ("은가람", "Eungaram"),
)
_TRADES = {
    Sector.HEALTHCARE: (("메디", "Medi"), ("케어랩", "Care Lab"), ("바이오닉스", "Bionics")),
    Sector.MANUFACTURING: (("팩토리", "Factory"), ("머신비전", "Machine Vision"), ("정밀", "Precision")),
    Sector.ROBOTICS: (("로보틱스", "Robotics"), ("오토메이션", "Automation"), ("로봇공방", "Robot Works")),
    Sector.MOBILITY: (("모빌리티", "Mobility"), ("드라이브", "Drive"), ("자율주행", "Autonomous")),
    Sector.ENERGY: (("에너지", "Energy"), ("그리드", "Grid"), ("전력시스템", "Power Systems")),
    Sector.SECURITY: (("시큐어", "Secure"), ("가드", "Guard"), ("보안연구소", "Security Research")),
    Sector.EDUCATION: (("에듀", "Edu"), ("러닝", "Learning"), ("배움터", "Classroom")),
    Sector.CULTURE: (("스튜디오", "Studio"), ("사운드", "Sound"), ("이야기", "Stories")),
    Sector.AGRICULTURE: (("팜", "Farm"), ("그린텍", "Greentech"), ("스마트농업", "Smart Agriculture")),
    Sector.SEMICONDUCTOR: (("세미", "Semi"), ("실리콘", "Silicon"), ("칩디자인", "Chip Design")),
    Sector.SPEECH_LANGUAGE: (("랭귀지", "Language"), ("보이스", "Voice"), ("말글", "Words")),
    Sector.SAFETY: (("세이프티", "Safety"), ("센싱", "Sensing"), ("재난안전", "Disaster Safety")),
}
_FORMS = ("{}", "{}", "주식회사 {}", "{} 주식회사", "(주){}")
_FIRM_WORDS = {
    "ac": (("액셀러레이터", "Accelerator"), ("창업기획", "Venture Builders"), ("스파크", "Spark")),
    "vc": (("벤처스", "Ventures"), ("인베스트먼트", "Investment"), ("파트너스", "Partners")),
    "cvc": (("전략투자", "Strategic Capital"), ("테크펀드", "Tech Fund"), ("이노베이션", "Innovation")),
}
_SURNAMES = tuple(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민나진지엄채원천방공"
)
_GIVEN = (
    *(
        "서연",
        "도윤",
        "하은",
        "예준",
        "지우",
        "민서",
        "시우",
        "다은",
        "건우",
        "수아",
        "유찬",
        "채원",
        "현우",
        "지민",
    ),
    *(
        "소율",
        "태윤",
        "나연",
        "재윤",
        "가은",
        "승현",
        "보람",
        "은재",
        "하람",
        "세진",
        "라희",
        "준호",
        "미경",
        "상철",
    ),
    *(
        "영숙",
        "동혁",
        "혜진",
        "기태",
        "윤서",
        "정훈",
        "아인",
        "선우",
        "경민",
        "유나",
        "규빈",
        "효주",
        "진솔",
        "원석",
    ),
)
# Names that a page must bear as well: two letters, four, six, and other scripts' customs.
_UNUSUAL = (
    "김솔",
    "남궁서윤",
    "황보예나",
    "선우 진",
    "응우옌티란",
    "아딜 라흐만",
    "제갈민",
    "이으뜸",
    "Maria Oliveira",
)
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def company_name(dice: Random, sector: str, at: int, taken: Collection[str]) -> tuple[str, str]:
    """The Korean and the English name of the company at place `at`, not among `taken` Korean ones.

    Every twelfth is very short and every thirteenth very long, as real ones are.
    """
    (stem, stem_en), (trade, trade_en) = dice.choice(_STEMS), dice.choice(_TRADES[Sector(sector)])
    if at % 12 == 11:
        name, name_en = stem, f"{stem_en} AI"
    elif at % 13 == 12:
        name = f"주식회사 {stem}인공지능융합{trade}기술연구소"
        name_en = f"{stem_en} Institute of Applied Artificial Intelligence and {trade_en}"
    else:
        name, name_en = dice.choice(_FORMS).format(stem + trade), f"{stem_en} {trade_en}"
    return _fresh(name, name_en, taken)


def firm_name(dice: Random, kind: str, taken: Collection[str]) -> tuple[str, str]:
    """The Korean and the English name of a firm."""
    (stem, stem_en), (word, word_en) = dice.choice(_STEMS), dice.choice(_FIRM_WORDS[kind])
    return _fresh(stem + word, f"{stem_en} {word_en}", taken)


def _fresh(name: str, name_en: str, taken: Collection[str]) -> tuple[str, str]:
    number = 1
    while (shown := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return shown, name_en if number == 1 else f"{name_en} {number}"


def person_name(dice: Random, at: int) -> str:
    if at % 11 == 10:
        return _UNUSUAL[at // 11 % len(_UNUSUAL)]
    return dice.choice(_SURNAMES) + dice.choice(_GIVEN)


def business_number(at: int) -> str:
    """The business number of the company at place `at`, its check digit right."""
    nine = f"{409 + at // 9000:03d}8{1 + at % 8}{1000 + at % 9000:04d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(nine, _WEIGHTS, strict=True))
    return f"{nine}{(10 - (weighted + int(nine[8]) * 5 // 10) % 10) % 10}"
