"""The camp's own rules of consulting, as numbers."""

from datetime import timedelta

# Cancelled closer to its beginning than this, a session counts as cancelled late.
LATE = timedelta(hours=24)
# How long a freed time is held for a company that waits, and how far ahead it must lie to be offered at all.
OFFER_STANDS = timedelta(hours=12)
OFFER_AHEAD = timedelta(hours=2)
PROPOSAL_STANDS = timedelta(hours=72)
MOST_WEEKS = 12
MOST_FILES = 5
MOST_WAITING = 10
WAITING_AHEAD = timedelta(days=184)
MOST_ATTENDEES = 10
# An external calendar that has not been read for this long no longer protects its adviser.
CALENDAR_IS_STALE = timedelta(hours=6)
