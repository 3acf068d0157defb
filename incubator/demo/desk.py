"""Requests of companies in every state: some wait, one is overdue, some were solved, one was opened again."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from PIL import Image, ImageDraw

from incubator.mailing.models import Mail
from tenants.helpdesk.enums import Urgency
from tenants.helpdesk.models import Category, HelpRequest
from tenants.helpdesk.services import (
    answer,
    comment,
    confirm_solved,
    decline,
    note,
    report_problem,
    say_unsolved,
    solve,
    start,
    wait_for_company,
)
from tenants.portal.places import own_places

from .camp import Camp, as_director, as_owner
from .days import days_before
from .texts import DESK


class _Story(NamedTuple):
    """What became of a request: the steps that followed it, a day apart."""

    at: int
    days_ago: int
    urgency: str
    steps: tuple[str, ...]


def make_desk(camp: Camp) -> int:
    stories = [
        _Story(0, 3, Urgency.HIGH, ("start", "note")),
        _Story(0, 9, Urgency.NORMAL, ("start", "solve")),
        _Story(0, 40, Urgency.LOW, ("answer", "start", "solve", "confirm")),
        _Story(camp.role(1), 1, Urgency.NORMAL, ()),
        _Story(camp.role(2), 20, Urgency.HIGH, ("start", "note")),
        _Story(camp.role(3), 6, Urgency.NORMAL, ("ask",)),
        _Story(camp.role(4), 30, Urgency.NORMAL, ("start", "solve", "unsolved")),
        _Story(camp.role(5), 25, Urgency.LOW, ("decline",)),
        _Story(camp.role(6), 18, Urgency.NORMAL, ("start", "comment", "solve", "confirm")),
    ]
    for number, story in enumerate(stories):
        _tell(camp, number, story)
    as_if_sent()
    return HelpRequest.objects.count()


def as_if_sent() -> None:
    """Nobody hears of the demonstration, so no mail of it may wait for the mail server."""
    Mail.objects.filter(sent_at=None).update(claimed_at=F("made_at"), sent_at=F("made_at"))


def _tell(camp: Camp, number: int, story: _Story) -> None:
    code, title, text, reply = DESK[number % len(DESK)]
    company = camp.companies[story.at]
    owner = as_owner(camp.owners[story.at], company)
    places = own_places(owner)
    asked_at = camp.at(days_before(camp.today, story.days_ago), 10, 7 * number)
    asked = report_problem(
        company=company,
        category=Category.objects.get(code=code),
        title=title,
        text=text,
        key=f"demo-{number}",
        urgency=story.urgency,
        place=places[0] if places and code == "facility" else "",
        photos=[_photograph()] if number == 0 else [],
        actor=owner,
        now=asked_at,
    )
    director: Any = as_director(camp.director)
    steps: dict[str, Callable[..., Any]] = {
        "answer": lambda **when: answer(request=asked, text=reply, actor=director, **when),
        "start": lambda **when: start(request=asked, actor=director, **when),
        "note": lambda **when: note(
            request=asked, text="시설 업체에 견적을 요청했습니다.", actor=director, **when
        ),
        "ask": lambda **when: wait_for_company(request=asked, text=reply, actor=director, **when),
        "solve": lambda **when: solve(request=asked, text=reply, actor=director, **when),
        "decline": lambda **when: decline(request=asked, text=reply, actor=director, **when),
        "comment": lambda **when: comment(
            request=asked, text="오후 2시 이후 방문이 가능합니다.", actor=owner, **when
        ),
        "confirm": lambda **when: confirm_solved(request=asked, satisfaction=5, actor=owner, **when),
        "unsolved": lambda **when: say_unsolved(
            request=asked, text="같은 증상이 다시 나타났습니다.", actor=owner, **when
        ),
    }
    for later, name in enumerate(story.steps, 1):
        steps[name](now=asked_at + timedelta(hours=3 * later))


def _photograph() -> SimpleUploadedFile:
    """A stain on a ceiling, as well as a few shapes can say it."""
    image = Image.new("RGB", (960, 720), "#e9e6df")
    draw = ImageDraw.Draw(image)
    for line in range(0, 960, 160):
        draw.line((line, 0, line, 720), fill="#d5d0c4", width=4)
    draw.ellipse((330, 230, 640, 470), fill="#c9b68d")
    draw.ellipse((400, 290, 570, 420), fill="#a88f5f")
    content = io.BytesIO()
    image.save(content, "PNG")
    return SimpleUploadedFile("ceiling.png", content.getvalue(), content_type="image/png")
