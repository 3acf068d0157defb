"""Blocked days, conditions and photographs of spaces."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import Invalid, NotAllowed
from incubator.common.periods import days
from incubator.common.uploads import NotAPicture, PictureTooLarge
from tenants.leases import services
from tenants.leases.enums import BlockKind, Condition, LeaseState
from tenants.leases.errors import (
    AlreadyOver,
    EndBeforeStart,
    LetMeanwhile,
    NoteMissing,
    SinceTomorrow,
    SpaceBlocked,
    TooManyPhotos,
)
from tenants.leases.models import BlockedPeriod, ConditionRecord, Lease, SpaceClaim, SpacePhoto
from tenants.leases.selectors import spaces as details
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.leases import LeaseFactory, SpaceFactory, moment
from tests.queries import cost

pytestmark = pytest.mark.django_db
NOW = moment(2026, 11, 22)
TODAY = date(2026, 11, 22)


def block(space, first: date, last: date | None, **values) -> BlockedPeriod:
    said = {"kind": BlockKind.REPAIR, "note": "누수", "actor": None, **values}
    return services.block_space(space=space, first_day=first, last_day=last, **said)


def lease(space, first: date, last: date, **values) -> Lease:
    said = {"company": CompanyFactory(), "legal_basis": "무상", "actor": None, "now": NOW, **values}
    return services.lease_space(space=space, first_day=first, last_day=last, **said)


class TestBlocking:
    def test_a_lease_and_a_block_exclude_each_other_to_the_day(self) -> None:
        space = SpaceFactory()
        held = lease(
            space,
            date(2026, 11, 1),
            date(2026, 12, 31),
            company=CompanyFactory(name="막는회사", name_en="막는회사"),
        )
        with pytest.raises(LetMeanwhile) as refusal:
            block(space, date(2026, 12, 31), date(2027, 1, 5))
        assert "막는회사" in str(refusal.value)
        block(space, date(2027, 1, 1), date(2027, 1, 5))
        with pytest.raises(SpaceBlocked) as blocked:
            lease(space, date(2027, 1, 5), date(2027, 6, 30))
        assert "누수" in str(blocked.value)
        lease(space, date(2027, 1, 6), date(2027, 6, 30))
        assert SpaceClaim.objects.filter(space=space).count() == 3
        assert SpaceClaim.objects.get(lease=held).period == held.period

    def test_the_database_says_so_whoever_writes(self) -> None:
        held = LeaseFactory()
        with pytest.raises(IntegrityError, match="leases_not_let_while_blocked"), transaction.atomic():
            BlockedPeriod.objects.create(space=held.space, period=held.period, kind="event", note="x")
        blocked = BlockedPeriod.objects.create(
            space=SpaceFactory(), period=days(date(2026, 1, 1), None), kind="event", note="x"
        )
        with pytest.raises(IntegrityError, match="leases_not_let_while_blocked"), transaction.atomic():
            LeaseFactory(space=blocked.space)

    def test_drafts_and_what_was_called_off_are_in_nobodys_way(self) -> None:
        space = SpaceFactory()
        draft = LeaseFactory(space=space, state=LeaseState.DRAFT)
        blocked = block(space, date(2026, 1, 10), date(2026, 2, 10))
        with pytest.raises(SpaceBlocked):
            services.offer_lease(lease=draft, actor=None, now=NOW)
        BlockedPeriod.objects.filter(pk=blocked.pk).update(period="empty")
        services.offer_lease(lease=draft, actor=None, now=NOW)
        services.terminate_lease(lease=draft, last_day=date(2026, 1, 4), reason="x", actor=None, now=NOW)
        assert SpaceClaim.objects.count() == 0

    def test_repair_and_event_may_fall_together(self) -> None:
        space = SpaceFactory()
        block(space, date(2026, 1, 1), None)
        block(space, date(2026, 1, 1), date(2026, 1, 3), kind=BlockKind.EVENT)
        assert SpaceClaim.objects.filter(space=space, side=1).count() == 2

    def test_an_extension_into_blocked_days_is_refused(self) -> None:
        held = LeaseFactory()
        block(held.space, date(2027, 1, 4), date(2027, 1, 4))
        asked = services.request_extension(
            lease=held, until=date(2027, 6, 30), reason="x", actor=None, now=NOW
        )
        with pytest.raises(SpaceBlocked):
            services.approve_extension(request=asked, actor=None, now=NOW)

    def test_ending_a_block_leaves_the_past_and_frees_the_rest(self) -> None:
        space = SpaceFactory()
        blocked = block(space, date(2026, 11, 1), None)
        ended = services.end_block(blocked=blocked, last_day=date(2026, 1, 1), actor=None, now=NOW)
        assert ended.last_day == TODAY - timedelta(days=1)
        with pytest.raises(AlreadyOver):
            services.end_block(blocked=blocked, last_day=TODAY, actor=None, now=NOW)
        coming = block(space, date(2027, 1, 1), date(2027, 1, 5))
        assert services.end_block(blocked=coming, last_day=TODAY, actor=None, now=NOW).period.isempty
        lease(space, TODAY, date(2027, 10, 1))

    def test_what_is_refused(self) -> None:
        space = SpaceFactory()
        with pytest.raises(EndBeforeStart):
            block(space, date(2026, 1, 2), date(2026, 1, 1))
        with pytest.raises(NoteMissing):
            block(space, date(2026, 1, 1), None, note=" ")
        with pytest.raises(Invalid):
            block(space, date(2026, 1, 1), None, kind="party")
        with pytest.raises(NotAllowed):
            block(space, date(2026, 1, 1), None, actor=founder_of(CompanyFactory()))

    def test_claims_are_nobodys_to_write_and_no_founders_to_read(self) -> None:
        held = LeaseFactory()
        founder = founder_of(held.company)
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[held.company_id]):
            with pytest.raises(ProgrammingError), transaction.atomic():
                list(SpaceClaim.objects.all())
            assert details.taken_on(date(2026, 6, 1)) == {held.space_id}
        with (
            database_role(Role.STAFF),
            pytest.raises(ProgrammingError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM leases_spaceclaim")

    def test_vacant_on_a_day(self) -> None:
        free, taken, closed, off = SpaceFactory(), SpaceFactory(), SpaceFactory(), SpaceFactory(active=False)
        LeaseFactory(space=taken, state=LeaseState.OFFERED)
        block(closed, date(2026, 3, 1), date(2026, 3, 1))
        all_ = type(free).objects.filter(pk__in=[free.pk, taken.pk, closed.pk, off.pk])
        assert set(details.vacant_on(all_, date(2026, 3, 1))) == {free}
        assert set(details.vacant_on(all_, date(2026, 3, 2))) == {free, closed}


class TestCondition:
    def record(self, space, condition: str, since: date = TODAY, note: str = "천장 누수", **values):
        said = {"actor": None, "now": NOW, **values}
        return services.record_condition(space=space, condition=condition, since=since, note=note, **said)

    def test_the_history_is_kept_and_the_space_says_the_latest(self) -> None:
        space = SpaceFactory()
        self.record(space, Condition.REPAIR, TODAY - timedelta(days=3))
        self.record(space, Condition.GOOD, note="")
        space.refresh_from_db()
        assert (space.condition, space.condition_since, space.condition_note) == ("good", TODAY, "")
        assert [each.condition for each in space.condition_records.all()] == ["repair", "good"]
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            ConditionRecord.objects.update(note="nothing was wrong")

    def test_a_closed_space_cannot_be_let_until_it_is_open_again(self) -> None:
        space = SpaceFactory()
        self.record(space, Condition.CLOSED, TODAY - timedelta(days=1))
        self.record(space, Condition.CLOSED, note="아직도")
        assert BlockedPeriod.objects.count() == 1
        with pytest.raises(SpaceBlocked):
            lease(space, TODAY, date(2027, 1, 1))
        self.record(space, Condition.GOOD, note="")
        lease(space, TODAY, date(2027, 1, 1))
        assert BlockedPeriod.objects.get().last_day == TODAY - timedelta(days=1)

    def test_a_let_space_cannot_be_closed_and_nothing_is_written(self) -> None:
        held = LeaseFactory()
        with pytest.raises(LetMeanwhile):
            self.record(held.space, Condition.CLOSED)
        held.space.refresh_from_db()
        assert held.space.condition == Condition.GOOD
        assert ConditionRecord.objects.count() == 0

    def test_what_is_refused(self) -> None:
        space = SpaceFactory()
        with pytest.raises(SinceTomorrow):
            self.record(space, Condition.REPAIR, TODAY + timedelta(days=1))
        with pytest.raises(NoteMissing):
            self.record(space, Condition.REPAIR, note="")
        with pytest.raises(NotAllowed):
            self.record(space, Condition.GOOD, actor=founder_of(CompanyFactory()))


def picture(colour: str = "navy", kind: str = "JPEG") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (90, 60), colour).save(file, kind)
    return SimpleUploadedFile("room.jpg", file.getvalue())


class TestPhotos:
    def add(self, space, file=None, alt: str = "창가 자리", **values) -> SpacePhoto:
        return services.add_photo(space=space, file=file or picture(), alt=alt, **{"actor": None, **values})

    def test_photographs_keep_their_order(self) -> None:
        space = SpaceFactory()
        one, two, three = (self.add(space, alt=word) for word in ("하나", "둘", "셋"))
        services.order_photos(space=space, first=three, actor=None)
        assert [photo.alt for photo in space.photos.all()] == ["셋", "하나", "둘"]
        services.describe_photo(photo=two, alt="새 말", caption="설명", actor=None)
        services.remove_photo(photo=one, actor=None)
        assert [photo.alt for photo in space.photos.all()] == ["셋", "새 말"]
        assert (two.width, two.height) == (90, 60)
        assert two.file.name.endswith(".webp")

    def test_what_is_no_picture_is_refused(self, settings) -> None:
        space = SpaceFactory()
        script = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        with pytest.raises(NotAPicture):
            self.add(space, SimpleUploadedFile("room.jpg", script))
        settings.UPLOAD_MAX_BYTES = 100
        with pytest.raises(PictureTooLarge):
            self.add(space)
        settings.UPLOAD_MAX_BYTES = 10**6
        with pytest.raises(Invalid):
            self.add(space, alt=" ")
        with pytest.raises(NotAllowed):
            self.add(space, actor=founder_of(CompanyFactory()))
        assert SpacePhoto.objects.count() == 0

    def test_there_is_an_end_to_photographs(self, monkeypatch) -> None:
        monkeypatch.setattr("tenants.leases.services.photos.MOST_PHOTOS", 1)
        space = SpaceFactory()
        self.add(space)
        with pytest.raises(TooManyPhotos):
            self.add(space)

    def test_founders_and_staff_see_them_and_nobody_else(self) -> None:
        photo = self.add(SpaceFactory())
        founder = sign_in(Client(), MembershipFactory().user)
        shown = founder.get(reverse("leases:photo", args=[photo.pk]))
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
        assert shown["X-Content-Type-Options"] == "nosniff"
        staff = sign_in(Client(), staff_member("credits"))
        assert staff.get(reverse("admin:leases_space_picture", args=[photo.pk])).status_code == 200
        assert staff.get(reverse("leases:photo", args=[photo.pk])).status_code == 404
        assert Client().get(reverse("leases:photo", args=[photo.pk])).status_code == 302
        assert founder.get(reverse("leases:photo", args=[photo.pk + 1])).status_code == 404


class TestAdmin:
    def test_a_manager_does_it_all_from_the_space(self) -> None:
        space, client = (
            SpaceFactory(),
            sign_in(Client(headers={"accept-language": "en"}), staff_member("leases")),
        )

        def do(verb: str, thing: str, pk: int, **values):
            return client.post(reverse(f"admin:leases_{thing}_{verb}", args=[pk]), values)

        do("add_photo", "space", space.pk, picture=picture(), alt="a desk", caption="")
        photo = SpacePhoto.objects.get()
        assert do("show_first", "spacephoto", photo.pk).status_code == 302
        do("record_condition", "space", space.pk, condition="repair", since="2026-11-20", note="lamp")
        space.refresh_from_db()
        assert space.condition == "repair"
        do("block", "space", space.pk, kind="event", first_day="2030-01-01", last_day="", note="fair")
        blocked = BlockedPeriod.objects.get()
        assert blocked.last_day is None
        page = client.get(reverse("admin:leases_space_change", args=[space.pk])).content.decode()
        assert "a desk" in page
        assert "lamp" in page
        assert "fair" in page
        do("end_early", "blockedperiod", blocked.pk, last_day="2029-12-31")
        blocked.refresh_from_db()
        assert blocked.period.isempty
        assert do("remove", "spacephoto", photo.pk).status_code == 302
        assert SpacePhoto.objects.count() == 0

    def test_a_script_as_a_photograph_is_refused_at_its_field(self) -> None:
        client = sign_in(Client(headers={"accept-language": "en"}), staff_member("leases"))
        url = reverse("admin:leases_space_add_photo", args=[SpaceFactory().pk])
        page = client.post(url, {"picture": SimpleUploadedFile("a.svg", b"<svg/>"), "alt": "x"})
        assert page.status_code == 200
        assert "not a picture" in page.content.decode()


def test_the_pages_of_a_space_cost_the_same_however_much_belongs_to_it() -> None:
    held = LeaseFactory()
    staff = sign_in(Client(), staff_member("leases"))
    founder = sign_in(Client(), MembershipFactory(company=held.company).user)
    pages = [
        (staff, reverse("admin:leases_space_change", args=[held.space_id])),
        (founder, reverse("leases:space", args=[held.space_id])),
        (founder, reverse("leases:plans")),
    ]

    def more(year: int) -> None:
        services.add_photo(space=held.space, file=picture(), alt="창가", actor=None)
        block(held.space, date(year, 1, 1), date(year, 1, 2))
        services.record_condition(
            space=held.space, condition=Condition.REPAIR, since=TODAY, note="x", actor=None, now=NOW
        )

    more(2031)
    before = [cost(client, page) for client, page in pages]
    more(2032)
    more(2033)
    assert [cost(client, page) for client, page in pages] == before
    assert max(before) <= 12
