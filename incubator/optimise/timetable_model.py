"""A day of meetings by positions, in an order that no input order can change, and its programs for HiGHS.

Positions follow a hash of the ids, so that what is equal for the solver is drawn by lot and not by the
alphabet. Sets of slots are whole numbers, one bit a slot. Knows no Django.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from incubator.optimise.lots import lot_of
from incubator.optimise.solver import INFINITY, LinearProgram
from incubator.optimise.timetable_types import Day, Id, Proof, Table, share_steps, wish_unit

# (kind, position, slot): "company", "host" and "share" limit the day, "company_at", "host_at" and "seat_at" a
# slot, "pair" a pair; the flow has "company_slots", "host_slots", "company_seats" and "host_seats" instead.
Row = tuple[str, int, int]
_AT_LEAST = {"share", "company_seats", "host_seats"}
_Key = TypeVar("_Key")
PROOF_SCALE = 1 << 10


@dataclass(frozen=True, slots=True)
class Model:
    """`pairs` are (company, host) with their `worths` in points and the slots in which both are there."""

    slots: Sequence[Id]
    companies: Sequence[Id]
    hosts: Sequence[Id]
    tables: Sequence[Table]
    company_masks: Sequence[int]
    host_masks: Sequence[int]
    company_places: Sequence[int]
    host_places: Sequence[int]
    steps: Sequence[Sequence[int]]
    seats: Sequence[int]
    pairs: Sequence[tuple[int, int]]
    worths: Sequence[int]
    masks: Sequence[int]
    fixed: Mapping[int, int]
    # Slots that stand right before the next one, without a break between.
    joined: int
    in_a_row: int | None

    @classmethod
    def of(cls, day: Day) -> "Model":
        slot_at = {slot.id: at for at, slot in enumerate(day.slots)}
        every = (1 << len(day.slots)) - 1
        companies = sorted(day.companies, key=lambda each: _lot("company", each.id))
        hosts = sorted(day.hosts, key=lambda each: _lot("host", each.id))
        tables = sorted(day.tables, key=lambda each: _lot("table", each.id))
        company_at = {each.id: at for at, each in enumerate(companies)}
        host_at = {each.id: at for at, each in enumerate(hosts)}
        open_tables = [every & ~_mask(slot_at, table.closed) for table in tables]
        company_masks = [every & ~_mask(slot_at, each.absent) for each in companies]
        host_masks = [every & ~_mask(slot_at, each.absent) for each in hosts]
        seats = []
        for slot in range(len(day.slots)):
            there = [sum(mask >> slot & 1 for mask in masks) for masks in (company_masks, host_masks)]
            seats.append(min(sum(mask >> slot & 1 for mask in open_tables), *there))
        open_slots = sum(1 << slot for slot, count in enumerate(seats) if count)
        wishes = sorted(day.wishes, key=lambda each: _lot("wish", each.company, each.host))
        ends = [(company_at[each.company], host_at[each.host]) for each in wishes]
        pair_at = {(each.company, each.host): at for at, each in enumerate(wishes)}
        unit = wish_unit(day)
        return cls(
            slots=[slot.id for slot in day.slots],
            companies=[each.id for each in companies],
            hosts=[each.id for each in hosts],
            tables=tables,
            company_masks=company_masks,
            host_masks=host_masks,
            company_places=[
                min(each.maximum, mask.bit_count())
                for each, mask in zip(companies, company_masks, strict=True)
            ],
            host_places=[
                min(each.maximum, mask.bit_count()) for each, mask in zip(hosts, host_masks, strict=True)
            ],
            steps=[share_steps(day, each) for each in companies],
            seats=seats,
            pairs=ends,
            worths=[each.worth * (1 if each.spare else unit) for each in wishes],
            masks=[company_masks[left] & host_masks[right] & open_slots for left, right in ends],
            fixed={pair_at[lock.company, lock.host]: slot_at[lock.slot] for lock in day.locked},
            joined=sum(
                1 << at
                for at, (slot, after) in enumerate(zip(day.slots, day.slots[1:], strict=False))
                if slot.block == after.block
            ),
            in_a_row=day.in_a_row,
        )

    def objective(self, placed: Iterable[int]) -> int:
        """What the pairs at these positions are worth, shares included."""
        held = [0] * len(self.companies)
        total = 0
        for pair in placed:
            held[self.pairs[pair][0]] += 1
            total += self.worths[pair]
        return total + sum(
            sum(steps[:count]) for steps, count in zip(self.steps, held, strict=True) if steps and count
        )

    def selection(self) -> tuple[LinearProgram, list[Row]]:
        """The relaxation in which companies clash with one another but not with hosts: a flow.

        A meeting takes one of its company's slots and one of its host's, not necessarily the same; each slot
        has its seats on either side. A column for a short slot says that somebody leaves it unused.
        """
        columns = [at for at, mask in enumerate(self.masks) if mask]
        rows = _Rows()
        entries = []
        for at in columns:
            company, host = self.pairs[at]
            entries.append(
                [
                    rows.at_most(("company", company, 0), self.company_places[company]),
                    rows.at_most(("host", host, 0), self.host_places[host]),
                    rows.at_most(("company_slots", company, 0), self.company_masks[company].bit_count()),
                    rows.at_most(("host_slots", host, 0), self.host_masks[host].bit_count()),
                    *self._share(rows, company, self.steps[company]),
                ]
            )
        unused = []
        for side, masks in (("company", self.company_masks), ("host", self.host_masks)):
            for slot, seats in enumerate(self.seats):
                there = [at for at, mask in enumerate(masks) if mask >> slot & 1]
                if len(there) > seats:
                    seat = rows.at_least((f"{side}_seats", 0, slot), len(there) - seats)
                    unused += [
                        [rows.at_most((f"{side}_slots", at, 0), masks[at].bit_count()), seat] for at in there
                    ]
        return rows.program(
            costs=[float(self.worths[at]) for at in columns] + [0.0] * len(unused),
            entries=entries + unused,
            lower=[float(at in self.fixed) for at in columns] + [0.0] * len(unused),
        )

    def window(
        self,
        columns: Sequence[tuple[int, int]],
        *,
        seats: Sequence[int],
        company_held: Sequence[int] | None = None,
        host_held: Sequence[int] | None = None,
        must: frozenset[int] = frozenset(),
        extra: Mapping[tuple[int, int], int] | None = None,
        plain: bool = False,
    ) -> tuple[LinearProgram, list[Row]]:
        """Which of the (pair, slot) take place, when `seats` are left and others hold meetings already.

        Pairs of `must` take place in any case. `extra` adds points to a column; `plain` leaves all others out.
        """
        rows = _Rows()
        entries = []
        for pair, slot in columns:
            company, host = self.pairs[pair]
            held = company_held[company] if company_held else 0
            entry = [
                rows.at_most(("pair", pair, 0), 1, at_least=float(pair in must)),
                rows.at_most(("company_at", company, slot), 1),
                rows.at_most(("host_at", host, slot), 1),
                rows.at_most(("seat_at", 0, slot), seats[slot]),
                rows.at_most(("company", company, 0), self.company_places[company] - held),
                rows.at_most(
                    ("host", host, 0), self.host_places[host] - (host_held[host] if host_held else 0)
                ),
            ]
            if not plain:
                entry += self._share(rows, company, self.steps[company][held:])
            entries.append(entry)
        return rows.program(
            costs=[
                (0 if plain else self.worths[column[0]]) + (extra.get(column, 0) if extra else 0)
                for column in columns
            ],
            entries=entries,
            lower=[float(self.fixed.get(pair) == slot) for pair, slot in columns],
        )

    def _share(self, rows: "_Rows", company: int, steps: Sequence[int]) -> list[int]:
        return [rows.share(("share", company, 0), steps)] if steps else []

    def proof(self, rows: Sequence[Row], duals: Sequence[float], scale: int) -> Proof:
        """The prices of these rows as a proof of the bound; those of pairs follow from the others."""
        prices: dict[str, dict[tuple[int, int], int]] = {}
        for (kind, at, slot), dual in zip(rows, duals, strict=True):
            paid = round((-dual if kind in _AT_LEAST else dual) * scale)
            if paid > 0:
                prices.setdefault(kind, {})[at, slot] = paid

        # A company without any meeting to choose loses its share whatever happens.
        with_row = {at for kind, at, _slot in rows if kind == "share"}
        shares = prices.setdefault("share", {})
        for at, steps in enumerate(self.steps):
            if steps and at not in with_row:
                shares[at, 0] = steps[0] * scale

        def price(kind: str, at: int = 0, slot: int = 0) -> int:
            return prices.get(kind, {}).get((at, slot), 0)

        def by_slot(side: str, masks: Sequence[int], at: int, slot: int) -> int:
            """What a slot costs somebody: as a row of its own, or by the flow what it is worth over its seat."""
            over = price(f"{side}_slots", at) - price(f"{side}_seats", 0, slot)
            return price(f"{side}_at", at, slot) + (max(over, 0) if masks[at] >> slot & 1 else 0)

        slots = range(len(self.slots))
        seat_at = {
            self.slots[slot]: price("seat_at", 0, slot)
            + price("company_seats", 0, slot)
            + price("host_seats", 0, slot)
            for slot in slots
        }
        return Proof(
            scale=scale,
            company=_paid({each: price("company", at) for at, each in enumerate(self.companies)}),
            host=_paid({each: price("host", at) for at, each in enumerate(self.hosts)}),
            share=_paid({each: price("share", at) for at, each in enumerate(self.companies)}),
            company_at=_paid(
                {
                    (each, self.slots[slot]): by_slot("company", self.company_masks, at, slot)
                    for at, each in enumerate(self.companies)
                    for slot in slots
                }
            ),
            host_at=_paid(
                {
                    (each, self.slots[slot]): by_slot("host", self.host_masks, at, slot)
                    for at, each in enumerate(self.hosts)
                    for slot in slots
                }
            ),
            seat_at=_paid(seat_at),
        )

    def gains(self, proof: Proof) -> list[dict[int, int]]:
        """By pair and slot, what the meeting is worth over the price of its places (0: an equal choice)."""
        company = [proof.company.get(each, 0) - proof.share.get(each, 0) for each in self.companies]
        host = [proof.host.get(each, 0) for each in self.hosts]
        by_company = [
            [proof.company_at.get((each, slot), 0) for slot in self.slots] for each in self.companies
        ]
        by_host = [[proof.host_at.get((each, slot), 0) for slot in self.slots] for each in self.hosts]
        seat = [proof.seat_at.get(slot, 0) for slot in self.slots]
        found = []
        for at, (left, right) in enumerate(self.pairs):
            gain = self.worths[at] * proof.scale - company[left] - host[right]
            held = self.fixed.get(at)
            found.append(
                {
                    slot: gain - by_company[left][slot] - by_host[right][slot] - seat[slot]
                    for slot in (bits(self.masks[at]) if held is None else [held])
                }
            )
        return found

    def bound(self, proof: Proof) -> int:
        """What no timetable exceeds, whatever the prices are: each place at its price, and what is over."""
        total = sum(
            proof.seat_at.get(slot, 0) * seats for slot, seats in zip(self.slots, self.seats, strict=True)
        )
        for each, places in zip(self.companies, self.company_places, strict=True):
            total += proof.company.get(each, 0) * places
        for each, places in zip(self.hosts, self.host_places, strict=True):
            total += proof.host.get(each, 0) * places
        total += sum(proof.company_at.values()) + sum(proof.host_at.values())
        for each, steps in zip(self.companies, self.steps, strict=True):
            price = proof.share.get(each, 0)
            total += sum(max(step * proof.scale - price, 0) for step in steps)
        for at, gains in enumerate(self.gains(proof)):
            if at in self.fixed:
                total += gains[self.fixed[at]]
            else:
                total += max(0, *gains.values()) if gains else 0
        return total // proof.scale


class _Rows:
    """Rows that appear as columns name them."""

    def __init__(self) -> None:
        self.names: list[Row] = []
        self._at: dict[Row, int] = {}
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._steps: list[tuple[int, int]] = []

    def at_most(self, name: Row, most: float, *, at_least: float = -INFINITY) -> int:
        at = self._at.get(name)
        if at is None:
            at = self._new(name, max(at_least, 0.0) if at_least > 0 else -INFINITY, float(most))
        return at

    def at_least(self, name: Row, least: float) -> int:
        at = self._at.get(name)
        return self._new(name, float(least), INFINITY) if at is None else at

    def share(self, name: Row, steps: Sequence[int]) -> int:
        """The row of a company's share: each of its steps is met, or its points are lost."""
        at = self._at.get(name)
        if at is None:
            at = self._new(name, float(len(steps)), INFINITY)
            self._steps.extend((at, step) for step in steps)
        return at

    def _new(self, name: Row, lower: float, upper: float) -> int:
        at = self._at[name] = len(self.names)
        self.names.append(name)
        self._lower.append(lower)
        self._upper.append(upper)
        return at

    def program(
        self, *, costs: Sequence[float], entries: list[list[int]], lower: Sequence[float]
    ) -> tuple[LinearProgram, list[Row]]:
        lost = len(self._steps)
        return (
            LinearProgram(
                costs=[*costs, *(-step for _at, step in self._steps)],
                column_lower=[*lower, *([0.0] * lost)],
                column_upper=[1.0] * (len(entries) + lost),
                row_lower=self._lower,
                row_upper=self._upper,
                entries=[*entries, *([at] for at, _step in self._steps)],
            ),
            self.names,
        )


def _paid(prices: dict[_Key, int]) -> dict[_Key, int]:
    return {key: price for key, price in prices.items() if price}


def bits(mask: int) -> list[int]:
    """The slots of a set, in order."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _mask(slot_at: Mapping[Id, int], slots: Iterable[Id]) -> int:
    return sum(1 << slot_at[slot] for slot in slots)


def _lot(*parts: Id) -> tuple[int, list[str]]:
    return lot_of(*parts), [repr(part) for part in parts]
