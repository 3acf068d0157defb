"""Investor firms: what they look for, whom they hold, and who reads for them."""

from random import Random
from typing import Any

from incubator.common.enums import Region, Sector, Stage
from investors.firms.enums import FirmKind, FirmMemberLevel
from investors.firms.models import Firm, Holding
from investors.firms.services import admit_firm_member, create_firm, keep_holding, set_mandate

from .camp import Camp
from .names import company_name, firm_name
from .people import MANY, counts
from .technologies import founded, own_words, raise_funds

MILLION = 1_000_000
_TICKETS = ((50, 500), (100, 1_000), (300, 2_000), (1_000, 5_000), (3_000, 20_000))
_STAGES = (
    (Stage.PRE, Stage.SEED),
    (Stage.SEED, Stage.PRE_A),
    (Stage.SEED, Stage.PRE_A, Stage.SERIES_A),
    (Stage.SERIES_A, Stage.SERIES_B),
    (Stage.PRE_A, Stage.SERIES_A),
)
_REGIONS = ([Region.NATIONWIDE], [Region.NATIONWIDE], [Region.GWANGJU_JEONNAM], [Region.CAPITAL_AREA])


def make_firms(camp: Camp) -> int:
    """Each firm with its mandate, holdings and first reader; the first one looks for what the first company is."""
    dice, taken = camp.dice("firms"), set[str]()
    wanted, _advisers = counts(camp)
    kinds = (FirmKind.VC, FirmKind.AC, FirmKind.VC, FirmKind.CVC)
    for at in range(wanted):
        kind = kinds[at % len(kinds)]
        name, _name_en = firm_name(dice, kind, taken)
        # A few of the last are angels, who invest for themselves.
        kind = FirmKind.ANGEL if at >= 12 and at % 8 == 6 else kind
        taken.add(name)
        reader = camp.users[f"investor{at + 1:02d}"]
        firm = create_firm(
            name=name,
            kind=kind,
            email=reader.email,
            contact_name=reader.name,
            actor=camp.director,
        )
        terms = _mandate(camp, dice, at)
        words = own_words(camp.dice(f"own words {at}"), terms["sectors"], at)
        set_mandate(firm=firm, actor=camp.director, **terms, **words)
        _hold(camp, dice, firm, at)
        raise_funds(camp, camp.dice(f"funds {at}"), firm, at)
        admit_firm_member(reader, firm.pk, FirmMemberLevel.LEAD)
        camp.firms.append(firm)
        camp.investors.append(reader)
    admit_firm_member(camp.users[MANY], camp.firms[2].pk, FirmMemberLevel.MEMBER)
    return wanted


def _mandate(camp: Camp, dice: Random, at: int) -> dict[str, Any]:
    if at == 0:
        first = camp.companies[0]
        return {
            "sectors": sorted({*first.sectors, Sector.MANUFACTURING, Sector.SAFETY}),
            "stages": [Stage.SEED, Stage.PRE_A],
            "regions": [Region.NATIONWIDE],
            "ticket_min_krw": 100 * MILLION,
            "ticket_max_krw": 2_000 * MILLION,
            "max_company_age_years": 7,
            "capacity": 8,
        }
    band = dice.randrange(len(_TICKETS))
    low, high = _TICKETS[band]
    return {
        "sectors": dice.sample(list(Sector.values), dice.randint(2, 5)),
        "stages": list(_STAGES[band] if dice.random() < 0.8 else dice.choice(_STAGES)),
        "regions": dice.choice(_REGIONS),
        "ticket_min_krw": low * MILLION,
        "ticket_max_krw": high * MILLION,
        "max_company_age_years": dice.choice((3, 5, 7, 7, None)),
        "capacity": dice.randint(3, 7),
    }


def _hold(camp: Camp, dice: Random, firm: Firm, at: int) -> None:
    """None, one or two companies: some are our residents, and a few are confirmed to be rivals of residents."""
    names: dict[str, str] = {}
    if at % 7 == 3:
        resident = dice.choice(camp.companies[1:] or camp.companies)
        names[resident.name] = resident.sectors[0]
    for _each in range(at % 3):
        sector = dice.choice(Sector.values)
        names[f"{company_name(dice, sector, 0, ())[0]} 홀딩스"] = sector
    for name, sector in names.items():
        keep_holding(
            holding=Holding(firm=firm),
            company_name=name,
            sectors=[sector],
            rival_confirmed=dice.random() < 0.3,
            **founded(camp, camp.dice(f"holding {at} {name}"), at),
            actor=camp.director,
        )
