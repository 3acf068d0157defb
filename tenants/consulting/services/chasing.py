"""Mails about what is still owed after a session: reports that are missing, and next steps that are due."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import User
from incubator.mailing.errors import WrittenBefore
from incubator.mailing.services import write_mail
from tenants.companies.models import Membership
from tenants.consulting import policy
from tenants.consulting.enums import BookingState, ReminderKind, Side
from tenants.consulting.models import Attendee, Booking, NextStep, Reminder

TOPIC = "consulting"


def _stage(booking: Booking, now: datetime) -> ReminderKind | None:
    """The reminder that is due: the last one whose day has come, so that a run after an outage sends one, not all."""
    days = (timezone.localdate(now) - timezone.localdate(booking.ends)).days
    passed = [stage for stage in policy.REPORT_REMINDERS if days >= stage]
    return ReminderKind(f"rep{passed[-1]}") if passed else None


def chase_reports(*, now: datetime) -> int:
    """Remind advisers of sessions whose report is missing, `policy.REPORT_REMINDERS` days after each, every stage once and an
    adviser at most once a day. Returns the number of mails. Safe to run twice, late, and several at once."""
    owed = (
        Booking.objects.filter(
            state__in=[BookingState.BOOKED, BookingState.HELD],
            report=None,
            adviser__active=True,
            period__endswith__lte=now,
            period__endswith__gt=now - policy.REMINDED_FOR,
        )
        .select_related("adviser__user", "company")
        .order_by("adviser_id", "period", "pk")
    )
    sent = 0
    for _adviser_id, bookings in groupby(owed, key=lambda booking: booking.adviser_id):
        sent += _remind(list(bookings), now)
    return sent


def _remind(bookings: list[Booking], now: datetime) -> int:
    """One mail of all sessions of one adviser that have come to a stage; those of a day that had its mail wait for the next."""
    adviser = bookings[0].adviser
    try:
        with transaction.atomic():
            due = []
            for booking in bookings:
                kind = _stage(booking, now)
                if kind is None:
                    continue
                _row, made = Reminder.objects.get_or_create(
                    booking=booking, kind=kind, defaults={"made_at": now}
                )
                if made:
                    due.append(booking)
            if due:
                write_mail(
                    topic=TOPIC,
                    key=f"{TOPIC}/report/{adviser.pk}/{timezone.localdate(now):%Y%m%d}",
                    user=adviser.user,
                    address=adviser.email,
                    template="consulting_report",
                    context={"bookings": due, "name": adviser.name},
                    now=now,
                )
    except WrittenBefore:
        return 0
    return 1 if due else 0


def remind_of_steps(*, now: datetime) -> int:
    """Remind whoever owns a step of it, once, when it is due. Returns the number of steps. Safe to run twice and late."""
    today = timezone.localdate(now)
    due = NextStep.objects.open().filter(
        reminded_at=None, due_on__lte=today, due_on__gt=today - policy.REMINDED_FOR
    )
    reminded = 0
    for step_id in due.order_by("due_on", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            if NextStep.objects.open().filter(pk=step_id, reminded_at=None).update(reminded_at=now):
                _tell_owner(step_id, now)
                reminded += 1
    return reminded


def _tell_owner(step_id: int, now: datetime) -> None:
    step = NextStep.objects.select_related("company", "adviser__user", "report").get(pk=step_id)
    people: Iterable[tuple[Any, str, str]] = []
    if step.owner == Side.ADVISER:
        people = [(step.adviser.user, step.adviser.email, step.adviser.name)]
    else:
        members = _of_company(step) if step.owner == Side.COMPANY else _of_camp()
        people = [(user, user.email, user.name) for user in members]
    for user, address, name in people:
        write_mail(
            topic=TOPIC,
            key=f"{TOPIC}/step/{step.pk}/{step.due_on:%Y%m%d}/{user.pk if user else address}",
            user=user,
            address=address,
            template="consulting_step",
            context={"step": step, "name": name},
            now=now,
        )


def _of_company(step: NextStep) -> list[User]:
    """Who was at the session, while they are of the company; else its owners."""
    members = Membership.objects.filter(company_id=step.company_id, user__is_active=True)
    people = list(members.select_related("user").order_by("pk"))
    there = set(Attendee.objects.filter(booking_id=step.report_id).values_list("person", flat=True))
    came = [each.user for each in people if each.user_id in there]
    return list(dict.fromkeys(came or [each.user for each in people if each.level == "owner"]))


def _of_camp() -> list[User]:
    """The managers of consulting, else the directors."""
    active = User.objects.filter(is_active=True).order_by("pk")
    for group in (StaffGroup.CONSULTING, StaffGroup.DIRECTOR):
        if people := list(active.filter(staff_memberships__group=group)):
            return people
    return []
