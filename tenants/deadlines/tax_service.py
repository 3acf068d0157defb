"""The National Tax Service's answer to "is this company in business?": its request and its answer as pure functions, and one
that carries them. Off unless an operator has set an address and a key."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from .enums import RegistrationStatus
from .errors import StatusServiceFailed

MOST = 100
TIMEOUT = 20
NUMBER = re.compile(r"[0-9]{10}", re.ASCII)
_STATUS = {
    "01": RegistrationStatus.ACTIVE,
    "02": RegistrationStatus.SUSPENDED,
    "03": RegistrationStatus.CLOSED,
    "": RegistrationStatus.UNKNOWN,
}


@dataclass(frozen=True)
class Answer:
    """What the service says of one number; `note` has the kind of tax and the day of closing, in its own words."""

    status: str
    note: str = ""


def request_body(numbers: Sequence[str]) -> bytes:
    """The body that asks for these business numbers. Raises ValueError for none, for more than 100 and for what is no number."""
    if not 0 < len(numbers) <= MOST:
        raise ValueError(f"1 to {MOST} numbers can be asked for, not {len(numbers)}")
    wrong = [number for number in numbers if not NUMBER.fullmatch(number)]
    if wrong:
        raise ValueError(f"no business numbers: {', '.join(wrong)}")
    return json.dumps({"b_no": list(numbers)}).encode()


def read_answer(body: bytes, asked: Sequence[str]) -> dict[str, Answer]:
    """The answers by number; numbers that nobody asked for are left out. Raises StatusServiceFailed."""
    try:
        told = json.loads(body)
        rows = told["data"] if told.get("status_code") == "OK" else None
        if rows is None:
            raise StatusServiceFailed(said=str(told.get("status_code", "?"))[:80])
        found = {str(row["b_no"]): _answer(row) for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StatusServiceFailed(said=type(error).__name__) from error
    return {number: answer for number, answer in found.items() if number in set(asked)}


def _answer(row: Mapping[str, Any]) -> Answer:
    code = str(row.get("b_stt_cd") or "")
    if code not in _STATUS:
        raise StatusServiceFailed(said=f"b_stt_cd={code[:10]}")
    said = [str(row.get(name) or "").strip() for name in ("b_stt", "tax_type", "end_dt")]
    return Answer(_STATUS[code], " · ".join(filter(None, said))[:400])


def ask_service(numbers: Sequence[str], *, url: str, key: str) -> dict[str, Answer]:
    """Carry one question to the service. Raises StatusServiceFailed, ValueError."""
    if not url.startswith("https://"):
        raise StatusServiceFailed(said="https")
    address = f"{url}?{urlencode({'serviceKey': key, 'returnType': 'JSON'})}"
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = Request(address, data=request_body(numbers), headers=headers)  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            body: bytes = response.read(2_000_000)
    # The address carries the key: what the library says of it stays out of the words.
    except (URLError, OSError) as error:
        raise StatusServiceFailed(said=type(error).__name__) from None
    return read_answer(body, numbers)
