"""Which company plays which part. Places count from 1, the second company; `Camp.role` gives the company at a place."""

# Extension requests.
OPEN, APPROVED, REFUSED, WITHDRAWN = (1, 7, 8), (2, 9), (3, 10), (11,)
# Newly admitted, their leases drawn up, offered, signed.
DRAFT, OFFERED, SIGNED = 4, 5, 6
NEWCOMERS = (DRAFT, OFFERED, SIGNED)
# A former lease that was ended early, and a move to another room.
TERMINATED, MOVED = 12, 13
# Leases by the days until their end.
ENDING = {14: 12, 15: 21, 16: 27, 17: 38, 18: 49, 19: 57, 20: 66, 21: 75, 22: 88}
PREDECESSORS = range(23, 41)
# More credits used than granted, none used, nearly all used.
IN_DEBT, HOARDS, NEAR_END = 45, 46, 47
# A job that runs now, besides the first company's.
RUNNING = 48
# Nearly all consulting hours of the quarter booked.
FULLY_BOOKED = 49
# Requests for credits: under review, agreed to by one of two, declined.
ASKED, AGREED, DECLINED = (50, 51), 52, 53
