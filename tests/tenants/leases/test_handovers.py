"""Handovers: opened in time with their own list, ticked by both sides, closed only when all is in order."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from PIL import Image

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from incubator.common.uploads import NotAPicture
from tenants.leases import handover_errors as errors
from tenants.leases import services
from tenants.leases.models import ChecklistItem, Handover, HandoverItem, HandoverPicture, Lease
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.handovers import begun, photograph, tick_all
from tests.factories.leases import LeaseFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TODAY = NOW.date()
NOTHING = {
    "keys_given": 0,
    "keys_returned": 0,
    "restoration": "",
    "deposit_krw": 0,
    "kept_krw": 0,
    "returned_krw": 0,
    "kept_reason": "",
}


def by(actor: object = None, now: datetime = NOW) -> dict[str, object]:
    return {"actor": actor, "now": now}


def ending(after: int, **more: object) -> Lease:
    """A lease whose last day is so many days away."""
    period = days(TODAY - timedelta(days=200), TODAY + timedelta(days=after))
    return LeaseFactory(period=period, **more)


@pytest.fixture
def lease() -> Lease:
    return ending(0)


@pytest.fixture
def handover(lease: Lease) -> Handover:
    return begun(lease, NOW)


def item_of(handover: Handover, by: str = "company") -> HandoverItem:
    return handover.items.filter(by=by, required=True).first()


def test_it_begins_with_a_copy_of_the_list(handover: Handover) -> None:
    lines = list(ChecklistItem.objects.filter(active=True).values_list("title", "title_en", "by", "required"))
    assert len(lines) == 8
    assert list(handover.items.values_list("title", "title_en", "by", "required")) == lines
    ChecklistItem.objects.update(title="다른 것", active=False)
    assert handover.items.first().title == lines[0][0]
    assert begun(ending(1), NOW).items.count() == 0


@pytest.mark.parametrize(
    ("after", "state", "opened"),
    [
        (31, "active", False),
        (30, "active", True),
        (0, "active", True),
        (-30, "ended", True),
        (-31, "ended", False),
        (-5, "terminated", True),
        (10, "offered", False),
        (10, "signed", False),
    ],
)
def test_it_opens_by_itself_when_the_end_is_near(after: int, state: str, opened: bool) -> None:
    lease = ending(after, state=state)
    assert services.open_due_handovers(**by()) == opened
    assert services.open_due_handovers(**by()) == 0
    assert Handover.objects.filter(lease=lease).exists() is opened


def test_called_off_it_is_opened_anew_only_at_the_next_end(lease: Lease, handover: Handover) -> None:
    with pytest.raises(errors.CallOffReasonMissing):
        services.call_off_handover(handover=handover, reason=" ", **by())
    services.call_off_handover(handover=handover, reason="연장됨", **by())
    assert services.open_due_handovers(**by()) == 0
    Lease.objects.filter(pk=lease.pk).update(period=days(lease.first_day, TODAY + timedelta(days=200)))
    assert services.open_due_handovers(**by(now=NOW + timedelta(days=100))) == 0
    assert services.open_due_handovers(**by(now=NOW + timedelta(days=175))) == 1


def test_one_lease_has_one(lease: Lease, handover: Handover) -> None:
    with pytest.raises(errors.HandoverExists):
        begun(lease, NOW)
    with pytest.raises(IntegrityError, match="leases_one_handover"), transaction.atomic():
        Handover.objects.create(lease=lease, company=lease.company, opened_at=NOW)


def test_what_was_never_held_is_not_handed_over() -> None:
    for lease in (ending(5, state="offered"), ending(5, state="draft")):
        with pytest.raises(errors.NothingToHandOver):
            begun(lease, NOW)


def test_who_ticks_what(handover: Handover) -> None:
    own, ours = item_of(handover), item_of(handover, "manager")
    founder, manager = founder_of(handover.company), acting_staff(StaffGroup.LEASES)
    done = services.check_item(item=own, state="done", note="다 뺌", **by(founder))
    assert (done.state, done.done_by, done.done_at) == ("done", founder, NOW)
    back = services.check_item(item=own, state="open", note="", **by(founder))
    assert (back.state, back.done_by, back.done_at) == ("open", None, None)
    for item, state in ((ours, "done"), (own, "waived")):
        with pytest.raises(errors.NotYoursToCheck):
            services.check_item(item=item, state=state, note="왜", **by(founder))
    for actor in (founder_of(CompanyFactory()), acting_staff(StaffGroup.CREDITS)):
        with pytest.raises(NotAllowed):
            services.check_item(item=own, state="done", note="", **by(actor))
    with pytest.raises(errors.NoteMissing):
        services.check_item(item=ours, state="waived", note=" ", **by(manager))
    assert services.check_item(item=ours, state="waived", note="설비 없음", **by(manager)).state == "waived"


def test_the_database_lets_a_founder_tick_its_own_items_alone(handover: Handover) -> None:
    other = begun(ending(3), NOW)
    own, ours = item_of(handover), item_of(handover, "manager")
    founder = founder_of(handover.company)
    tick = {"state": "done", "done_at": NOW}
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[handover.company_id]):
        assert set(HandoverItem.objects.values_list("handover", flat=True)) == {handover.pk}
        assert HandoverItem.objects.filter(pk=own.pk).update(**tick) == 1
        assert HandoverItem.objects.filter(pk=ours.pk).update(**tick) == 0
        assert HandoverItem.objects.filter(pk=item_of(other).pk if item_of(other) else 0).update(**tick) == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            HandoverItem.objects.filter(pk=own.pk).update(state="waived", note="x")
        for refused in (
            lambda: HandoverItem.objects.filter(pk=own.pk).update(title="x"),
            lambda: Handover.objects.update(state="closed", closed_at=NOW),
            lambda: ChecklistItem.objects.first(),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                refused()
    tick_all(handover, NOW)
    services.close_handover(handover=handover, note="", **by())
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[handover.company_id]):
        assert HandoverItem.objects.filter(pk=own.pk).update(state="open", done_at=None) == 0


def test_closing_waits_for_every_required_item(handover: Handover) -> None:
    manager = acting_staff(StaffGroup.LEASES)
    waiting = list(handover.items.filter(required=True))
    with pytest.raises(errors.ItemsOpen) as refused:
        services.close_handover(handover=handover, note="", **by(manager))
    assert all(item.shown in str(refused.value) for item in waiting)
    assert handover.items.get(required=False).shown not in str(refused.value)
    tick_all(handover, NOW)
    closed = services.close_handover(handover=handover, note="문제 없음", **by(manager))
    assert (closed.state, closed.closed_by, closed.closed_at) == ("closed", manager, NOW)
    item = waiting[0]
    item.refresh_from_db()
    item.handover.refresh_from_db()
    for change in (
        lambda: services.check_item(item=item, state="open", note="", **by(manager)),
        lambda: services.add_picture(item=item, file=photograph(), **by(manager)),
        lambda: services.record_return(handover=handover, **NOTHING, **by(manager)),
        lambda: services.close_handover(handover=handover, note="", **by(manager)),
        lambda: services.call_off_handover(handover=handover, reason="x", **by(manager)),
    ):
        with pytest.raises(errors.HandoverClosed):
            change()


def test_closing_waits_for_the_last_day() -> None:
    handover = begun(ending(1), NOW)
    tick_all(handover, NOW)
    with pytest.raises(errors.HandoverTooEarly):
        services.close_handover(handover=handover, note="", **by())
    assert (
        services.close_handover(handover=handover, note="", **by(now=NOW + timedelta(days=1))).state
        == "closed"
    )


def test_keys_are_back_or_accounted_for(handover: Handover) -> None:
    tick_all(handover, NOW)
    with pytest.raises(errors.TooManyKeys):
        services.record_return(handover=handover, **{**NOTHING, "keys_returned": 1}, **by())
    services.record_return(handover=handover, **{**NOTHING, "keys_given": 3, "keys_returned": 2}, **by())
    with pytest.raises(errors.KeysMissing) as refused:
        services.close_handover(handover=handover, note=" ", **by())
    assert "1" in str(refused.value)
    assert services.close_handover(handover=handover, note="열쇠 1개 분실, 변상함", **by()).state == "closed"


def test_the_deposit_adds_up_to_the_won(handover: Handover) -> None:
    tick_all(handover, NOW)
    deposit = {**NOTHING, "deposit_krw": 1_000_001}
    with pytest.raises(errors.DepositUnaccounted):
        services.record_return(handover=handover, **{**deposit, "returned_krw": 1_000_002}, **by())
    with pytest.raises(errors.KeptReasonMissing):
        services.record_return(handover=handover, **{**deposit, "kept_krw": 1}, **by())
    services.record_return(handover=handover, **{**deposit, "returned_krw": 1_000_000}, **by())
    with pytest.raises(errors.DepositUnaccounted):
        services.close_handover(handover=handover, note="", **by())
    kept = {**deposit, "returned_krw": 1_000_000, "kept_krw": 1, "kept_reason": "벽 도배"}
    services.record_return(handover=handover, **kept, **by())
    with pytest.raises(IntegrityError, match="leases_handover_deposit"), transaction.atomic():
        Handover.objects.filter(pk=handover.pk).update(kept_krw=2)
    with pytest.raises(IntegrityError, match="leases_handover_deposit_accounted"), transaction.atomic():
        Handover.objects.filter(pk=handover.pk).update(state="closed", closed_at=NOW, kept_krw=0)
    assert services.close_handover(handover=handover, note="", **by()).state == "closed"


def test_photographs_are_drawn_anew_and_stay(handover: Handover) -> None:
    founder = founder_of(handover.company)
    item = item_of(handover, "manager")
    picture = services.add_picture(item=item, file=photograph("../열쇠.jpg"), **by(founder))
    assert Path(picture.file.name).suffix == ".webp"
    assert "열쇠" not in picture.file.name
    with Image.open(picture.file.open("rb")) as drawn:
        assert (drawn.format, dict(drawn.getexif())) == ("WEBP", {})
    with pytest.raises(ProgrammingError, match="pgtrigger: Cannot update or delete"), transaction.atomic():
        picture.delete()
    script = SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    with pytest.raises(NotAPicture):
        services.add_picture(item=item, file=script, **by(founder))
    with pytest.raises(NotAllowed):
        services.add_picture(item=item, file=photograph(), **by(founder_of(CompanyFactory())))


def test_photographs_have_a_limit(handover: Handover) -> None:
    item = item_of(handover)
    HandoverPicture.objects.bulk_create(
        HandoverPicture(item=item, file="x.webp", added_at=NOW) for _ in range(20)
    )
    with pytest.raises(errors.TooManyPictures):
        services.add_picture(item=item, file=photograph(), **by())


def test_only_managers_open_record_and_close(lease: Lease) -> None:
    for actor in (
        founder_of(lease.company),
        acting_staff(StaffGroup.CREDITS),
        acting_staff(StaffGroup.AUDITOR),
    ):
        with pytest.raises(NotAllowed):
            services.open_handover(lease=lease, **by(actor))
    handover = begun(lease, NOW)
    founder = founder_of(lease.company)
    for refused in (
        lambda: services.record_return(handover=handover, **NOTHING, **by(founder)),
        lambda: services.close_handover(handover=handover, note="", **by(founder)),
        lambda: services.call_off_handover(handover=handover, reason="x", **by(founder)),
        lambda: services.open_due_handovers(**by(founder)),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_the_founders_page(client: Client) -> None:
    lease = ending(0)
    sign_in(client, MembershipFactory(company=lease.company).user)
    path = "/portal/lease/handover/"
    assert client.get(path).status_code == 200
    handover, other = begun(lease, NOW), begun(ending(1), NOW)
    own = item_of(handover)
    page = client.get(path).content.decode()
    assert own.title in page
    first = cost(client, path)
    assert first <= 12
    tick = {"do": "tick", "item": own.pk, "state": "done", "note": "끝"}
    assert client.post(path, tick).headers["Location"] == f"{path}#item-{own.pk}"
    own.refresh_from_db()
    assert (own.state, own.note) == ("done", "끝")
    assert client.post(path, {"do": "picture", "item": own.pk, "picture": photograph()}).status_code == 302
    picture = own.pictures.get()
    shown = client.get(f"/portal/lease/handover/{picture.pk}.webp")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
    assert cost(client, path) == first
    assert client.post(path, {**tick, "item": other.items.first().pk}).status_code == 404
    for hostile in ("", "x", "9" * 30, "²"):
        assert client.post(path, {**tick, "item": hostile}).status_code == 404
    assert client.post(path, {**tick, "state": "??"}).status_code == 302
    assert client.post(path, {"do": "picture", "item": own.pk}).status_code == 302
    hidden = services.add_picture(item=other.items.first(), file=photograph(), **by())
    assert client.get(f"/portal/lease/handover/{hidden.pk}.webp").status_code == 404


def test_the_managers_sheet(client: Client) -> None:
    sign_in(client, staff_member(StaffGroup.LEASES))
    lease = LeaseFactory(state="ended", period=days(TODAY - timedelta(days=90), TODAY - timedelta(days=60)))
    assert client.post("/admin/leases/handover/open/", {"lease": lease.pk}).status_code == 302
    handover = Handover.objects.get()
    assert lease.company.name in client.get("/admin/leases/handover/").content.decode()
    path = f"/admin/leases/handover/{handover.pk}/sheet/"
    assert client.get(path).status_code == 200
    refused = client.post(path, {"do": "close", "close-note": ""})
    assert item_of(handover).title in refused.content.decode()
    for item in handover.items.all():
        client.post(path, {"do": "tick", "item": item.pk, "state": "done", "note": ""})
    wrong = {f"return-{name}": str(value) for name, value in NOTHING.items()} | {"return-keys_returned": "2"}
    assert "error" in client.post(path, {"do": "return", **wrong}).content.decode()
    right = {
        **wrong,
        "return-keys_given": "2",
        "return-deposit_krw": "1,000,000원",
        "return-returned_krw": "1,000,000",
    }
    assert client.post(path, {"do": "return", **right}).status_code == 302
    assert client.post(path, {"do": "close", "close-note": "확인"}).status_code == 302
    handover.refresh_from_db()
    assert (handover.state, handover.returned_krw, handover.keys_returned) == ("closed", 1_000_000, 2)
    assert client.get(path).status_code == 200


def test_other_staff_read_the_sheet_and_change_nothing(client: Client) -> None:
    handover = begun(ending(0), NOW)
    sign_in(client, staff_member(StaffGroup.CREDITS))
    path = f"/admin/leases/handover/{handover.pk}/sheet/"
    assert client.get(path).status_code == 200
    for verb in ("tick", "picture", "return", "close", "call-off"):
        assert (
            client.post(path, {"do": verb, "item": handover.items.first().pk, "state": "done"}).status_code
            == 403
        )
    assert not handover.items.exclude(state="open").exists()
