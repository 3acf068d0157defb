"""The link in a mail to a firm: signed, good for two weeks, and of no use without the session of one of the firm's people."""

from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer

GOOD_FOR = timedelta(days=14)
_SALT = "investors.matching.links"


class LinkExpired(Exception):
    """It was ours once."""


class LinkUnknown(Exception):
    """It never was ours."""


def make_link(introduction_id: int, *, now: datetime) -> str:
    return Signer(salt=_SALT).sign_object([introduction_id, int((now + GOOD_FOR).timestamp())])


def read_link(token: str, *, now: datetime) -> int:
    """The introduction's id. Raises LinkExpired, LinkUnknown."""
    try:
        introduction_id, until = map(int, Signer(salt=_SALT).unsign_object(token))
    except (BadSignature, TypeError, ValueError) as error:
        raise LinkUnknown from error
    if now.timestamp() >= until:
        raise LinkExpired
    return introduction_id
