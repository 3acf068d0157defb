"""Where a well-known host cannot take all who ask for it: which others may be offered instead.

The rule, the same for everybody: a company that asked for a host with more requests than places may be given
meetings with hosts that have fewer requests than places, at most one for each such wish, and never more
meetings in all than it asked for. Any wish outweighs all of them; among them, fit decides. Knows no Django.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from incubator.optimise.inputs import order_of
from incubator.optimise.timetable_types import MAX_SPARE, Day, Id, Timetable, Wish


@dataclass(frozen=True, slots=True)
class Redirected:
    """A meeting that nobody asked for, and the hosts without a place that it stands in for."""

    company: Id
    host: Id
    instead_of: tuple[Id, ...]


def with_redirections(day: Day, fit: Mapping[tuple[Id, Id], int], *, offers: int = 3) -> Day:
    """The day with spare wishes by the rule. `fit` says for (company, host) how well they suit, 1 to MAX_SPARE.

    Pairs without a fit are never offered, of the others the `offers` best for each wish that may overflow. A
    company's maximum becomes the number of its own wishes where it is larger.
    """
    asked = Counter(wish.host for wish in day.wishes)
    places = {each.id: min(each.maximum, len(day.slots) - len(each.absent)) for each in day.hosts}
    known = {(wish.company, wish.host) for wish in day.wishes}
    wanted = Counter(wish.company for wish in day.wishes)
    overflowing = Counter(wish.company for wish in day.wishes if asked[wish.host] > places[wish.host])
    spares = []
    for company in day.companies:
        open_hosts = [
            (fit[company.id, each.id], each.id)
            for each in day.hosts
            if asked[each.id] < places[each.id]
            and fit.get((company.id, each.id), 0) > 0
            and (company.id, each.id) not in known
        ]
        open_hosts.sort(key=lambda each: (-each[0], order_of(each[1])))
        spares += [
            Wish(company.id, host, min(worth, MAX_SPARE), spare=True)
            for worth, host in open_hosts[: offers * overflowing[company.id]]
        ]
    return replace(
        day,
        companies=tuple(
            replace(each, maximum=max(min(each.maximum, wanted[each.id]), each.minimum))
            for each in day.companies
        ),
        wishes=(*day.wishes, *spares),
    )


def redirections_of(day: Day, timetable: Timetable) -> tuple[Redirected, ...]:
    """The meetings that stand in for wishes without a place, sorted by id."""
    spare = {(wish.company, wish.host) for wish in day.wishes if wish.spare}
    missed: dict[Id, list[Id]] = {}
    for unmet in timetable.unmet:
        if unmet.why in ("outbid", "share_of_another"):
            missed.setdefault(unmet.company, []).append(unmet.host)
    return tuple(
        Redirected(each.company, each.host, tuple(missed.get(each.company, ())))
        for each in timetable.meetings
        if (each.company, each.host) in spare
    )
