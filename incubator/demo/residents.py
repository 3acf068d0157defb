"""The companies, their people and their stays."""

from datetime import date
from random import Random
from typing import Any

from incubator.common.enums import Region, Sector, Stage
from tenants.companies.enums import MemberLevel, ResidencyState
from tenants.companies.services import admit_member, change_member, create_company, open_residency

from .camp import Camp, as_owner
from .names import business_number, company_name
from .parts import NEWCOMERS
from .people import MANY, has_second_member
from .texts import MEMBER_TITLES, SUMMARIES

MILLION = 1_000_000
GRANTED = 65
_STAGES = (Stage.PRE, *[Stage.SEED] * 4, *[Stage.PRE_A] * 3, *[Stage.SERIES_A] * 2, Stage.SERIES_B)
_ASKS = {
    Stage.PRE: (50, 300),
    Stage.SEED: (200, 1_000),
    Stage.PRE_A: (500, 2_000),
    Stage.SERIES_A: (2_000, 8_000),
    Stage.SERIES_B: (8_000, 20_000),
}
_REGIONS = (*[Region.GWANGJU_JEONNAM] * 7, *[Region.CAPITAL_AREA] * 2, Region.OTHER)


def make_companies(camp: Camp) -> int:
    dice, taken = camp.dice("companies"), set[str]()
    sectors = list(Sector.values)
    for at in range(camp.size):
        sector = sectors[at % len(sectors)]
        name, name_en = company_name(dice, sector, at, taken)
        taken.add(name)
        owner = camp.users[f"founder{at + 1:02d}"]
        company = create_company(
            name=name,
            name_en=name_en,
            business_number=business_number(at),
            corporate_number=f"20{dice.randrange(10**11):011d}" if at % 9 else "",
            representative=owner.name,
            email=owner.email,
            homepage=f"https://company{at + 1:02d}.example" if at % 4 else "",
            cluster_account=cluster_account(at) if is_granted(camp, at) else None,
            visible_to_investors=at % 6 != 5,
            actor=camp.director,
            now=camp.now,
            **_profile(camp, dice, sector, at),
        )
        camp.companies.append(company)
        camp.owners.append(as_owner(owner, company))
        camp.members[company.pk] = [owner]
        _join(camp, at, dice)
    _many_roles(camp)
    return camp.size


def cluster_account(at: int) -> str:
    return f"gj{at + 1:03d}"


def is_granted(camp: Camp, at: int) -> bool:
    """Whether the company at this place has credits: neither who has just come, nor the last few."""
    if not camp.has_grown():
        return True
    return at not in {camp.role(place) for place in NEWCOMERS} and at < camp.share(GRANTED + len(NEWCOMERS))


def _profile(camp: Camp, dice: Random, sector: str, at: int) -> dict[str, Any]:
    stage = Stage.SEED if at == 0 else dice.choice(_STAGES)
    low, high = _ASKS[stage]
    also = dice.choice([each for each in Sector.values if each != sector])
    summary = SUMMARIES[Sector(sector)][at // len(Sector.values) % 3]
    founded = date(camp.today.year - 1 - dice.randrange(6), dice.randint(1, 12), dice.randint(1, 28))
    employees = dice.randint(2, 9) if stage in (Stage.PRE, Stage.SEED) else dice.randint(8, 46)
    return {
        "sectors": [sector, also] if at % 3 == 0 else [sector],
        "stage": stage,
        "region": Region.GWANGJU_JEONNAM if at == 0 else dice.choice(_REGIONS),
        "summary": "" if at % 19 == 18 else summary,
        "founded_on": founded,
        "employees": employees,
        "revenue_krw": None if at % 10 == 9 else dice.randrange(0, 60) * employees * MILLION,
        "ask_krw": dice.randrange(low, high + 1, 50) * MILLION if at % 8 != 7 else None,
    }


def _join(camp: Camp, at: int, dice: Random) -> None:
    company, owner = camp.companies[at], camp.owners[at]
    admit_member(owner, company.pk, MemberLevel.OWNER)
    if has_second_member(at):
        member = camp.users[f"member{at + 1:02d}"]
        membership = admit_member(member, company.pk, MemberLevel.MEMBER)
        change_member(
            membership=membership,
            level=MemberLevel.MEMBER,
            title=dice.choice(MEMBER_TITLES),
            actor=camp.director,
            now=camp.now,
        )
        camp.members[company.pk].append(member)


def _many_roles(camp: Camp) -> None:
    for company in {camp.companies[camp.role(place)].pk: None for place in (1, 2)}:
        admit_member(camp.users[MANY], company, MemberLevel.MEMBER)


def settle(camp: Camp, at: int, first_day: date) -> None:
    """The company at this place has lived in the camp since that day."""
    open_residency(
        company=camp.companies[at],
        first_day=first_day,
        state=ResidencyState.RESIDENT,
        actor=camp.director,
        now=camp.at(first_day, 9),
    )
