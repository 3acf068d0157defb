"""The link in a mail to a firm: signed, good for two weeks, and of no use without the session of one of the firm's people."""

from datetime import timedelta

from django.core import signing

GOOD_FOR = timedelta(days=14)
_SALT = "investors.matching.links"


class LinkExpired(Exception):
    """It was ours once."""


class LinkUnknown(Exception):
    """It never was ours."""


def make_link(introduction_id: int) -> str:
    return signing.dumps(introduction_id, salt=_SALT)


def read_link(token: str) -> int:
    """The introduction's id. Raises LinkExpired, LinkUnknown."""
    try:
        return int(signing.loads(token, salt=_SALT, max_age=GOOD_FOR))
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise LinkUnknown from error
