"""Working days of Korea: not a Saturday, a Sunday or a public holiday, substitute holidays included."""

from datetime import date, timedelta

from incubator.common.holiday import holidays_between

ONE_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays_between(day, day)


def after_working_days(day: date, count: int) -> date:
    """The working day that is `count` of them after `day`, which itself does not count; the next one for 0 on a day off."""
    while count > 0 or not is_working_day(day):
        day += ONE_DAY
        if is_working_day(day):
            count -= 1
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after `first` and not after `last`; negative when `last` is earlier."""
    if last < first:
        return -working_days_between(last, first)
    days = (last - first).days
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, days + 1))
