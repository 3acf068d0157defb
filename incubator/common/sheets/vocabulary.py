"""How spreadsheets write the codes that several domains share: in Korean, in English, or as the code itself."""

from collections.abc import Mapping

from incubator.common.enums import Sector, Stage


def _with_codes(korean: Mapping[str, str], english: Mapping[str, str]) -> dict[str, str]:
    return {**korean, **english, **{code: code for code in korean.values()}}


SECTORS = _with_codes(
    {
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
    },
    {
        "Autonomous driving": Sector.MOBILITY,
        "Culture and content": Sector.CULTURE,
        "Semiconductors": Sector.SEMICONDUCTOR,
        "Speech and language": Sector.SPEECH_LANGUAGE,
    },
)
STAGES = _with_codes(
    {
        "예비": Stage.PRE,
        "시드": Stage.SEED,
        "프리A": Stage.PRE_A,
        "시리즈A": Stage.SERIES_A,
        "시리즈B": Stage.SERIES_B,
    },
    {"Pre-founding": Stage.PRE, "Pre-A": Stage.PRE_A, "Series A": Stage.SERIES_A, "Series B": Stage.SERIES_B},
)
