"""What a session is worth and what is withheld of a payment, to the won. Knows no Django.

The rules and their sources stand in docs/decisions/0022-honoraria.md.
"""

from dataclasses import dataclass

# Other income (기타소득): of the gross, 60 per cent count as expenses; up to this taxable amount a payment is free of tax.
EXPENSES_PER_CENT = 60
TAX_FREE = 50_000
OTHER_PER_CENT, BUSINESS_PER_CENT, LOCAL_PER_CENT = 20, 3, 10
MINUTES_AN_HOUR = 60


@dataclass(frozen=True)
class Withholding:
    """Of one payment, in won. `taxable` is what the tax is a share of."""

    gross: int
    taxable: int
    income_tax: int
    local_tax: int

    @property
    def withheld(self) -> int:
        return self.income_tax + self.local_tax

    @property
    def net(self) -> int:
        return self.gross - self.withheld


def _tens(amount: int) -> int:
    """Won below ten are not reckoned, of each tax apart."""
    return amount // 10 * 10


def worth(amount: int, *, by_hour: bool, minutes: int) -> int:
    """What a session comes to: the rate, or the rate an hour by the minute, less than a won left out."""
    return amount * minutes // MINUTES_AN_HOUR if by_hour else amount


def withheld(kind: str, gross: int) -> Withholding:
    """What is withheld of one payment of this kind: `other`, `business` or `corporation`.

    Of a payment below zero, which is a claim back, nothing is: the taxes of the earlier payment are settled with the tax office.
    """
    if gross <= 0 or kind == "corporation":
        return Withholding(gross, 0, 0, 0)
    if kind == "business":
        tax = _tens(gross * BUSINESS_PER_CENT // 100)
        return Withholding(gross, gross, tax, _tens(tax * LOCAL_PER_CENT // 100))
    if kind != "other":
        raise ValueError(f"no income of the kind {kind!r} is known")
    taxable = gross * (100 - EXPENSES_PER_CENT) // 100
    tax = _tens(taxable * OTHER_PER_CENT // 100) if taxable > TAX_FREE else 0
    return Withholding(gross, taxable, tax, _tens(tax * LOCAL_PER_CENT // 100))
