"""Amounts as people say them: 3억, 2억 5,000만, 5,000만; in English KRW 300M, KRW 1.5B."""

from decimal import Decimal

from django.utils.translation import gettext as _

from incubator.common.display import grouped, korean

EOK = 100_000_000
MAN = 10_000
_ENGLISH = ((10**9, "B"), (10**6, "M"), (10**3, "K"))


def in_words(krw: int) -> str:
    """One amount. What the unit cannot say is written out in full: nothing is rounded."""
    if korean():
        return _korean(krw)
    return f"KRW {_english(krw)}"


def range_in_words(least: int | None, most: int | None) -> str:
    """From one amount to another, either end open: 1–5억, 5,000만–3억; KRW 100M–500M."""
    if least is None and most is None:
        return _("any amount")
    if least is None:
        return _("up to %(amount)s") % {"amount": in_words(most or 0)}
    if most is None:
        return _("%(amount)s and more") % {"amount": in_words(least)}
    if least == most:
        return in_words(least)
    if not korean():
        return f"KRW {_english(least)}–{_english(most)}"
    if least and not least % EOK and not most % EOK:
        return f"{grouped(least // EOK)}–{_korean(most)}"
    return f"{_korean(least)}–{_korean(most)}"


def _korean(krw: int) -> str:
    eok, rest = divmod(krw, EOK)
    man, ones = divmod(rest, MAN)
    if ones or not krw:
        return f"{grouped(krw)}원"
    parts = [f"{grouped(eok)}억" if eok else "", f"{grouped(man)}만" if man else ""]
    return " ".join(part for part in parts if part)


def _english(krw: int) -> str:
    for unit, letter in _ENGLISH:
        amount = Decimal(krw) / unit
        if krw >= unit and amount == amount.quantize(Decimal("0.01")):
            shown = f"{amount:,.2f}".rstrip("0").rstrip(".")
            return f"{shown}{letter}"
    return grouped(krw)
