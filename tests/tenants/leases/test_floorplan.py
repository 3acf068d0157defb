"""The plan of a floor: its geometry, the database's word on it, its page and its drawing board."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from incubator.common.sheets.reading import read_sheet
from tenants.leases import services
from tenants.leases.enums import LeaseState, SpaceKind
from tenants.leases.errors import NotOfThisFloor, OffTheGrid, SpacesOverlap
from tenants.leases.floorplan import GRID, Box, Room, Unplaced, draw, fit, lay_out, overlaps
from tenants.leases.loaders import SpaceLoader
from tenants.leases.models import Space
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.leases import FloorFactory, LeaseFactory, SpaceFactory

TODAY = timezone.localdate()
boxes = st.builds(Box, *(st.integers(0, 30), st.integers(0, 30), st.integers(1, 9), st.integers(1, 9)))


def cells(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.x, box.right) for y in range(box.y, box.bottom)}


@given(boxes, boxes)
def test_boxes_meet_when_they_share_a_cell(one: Box, two: Box) -> None:
    assert one.meets(two) == two.meets(one) == bool(cells(one) & cells(two))


@given(
    st.lists(boxes, max_size=4),
    st.lists(st.tuples(st.decimals("0.5", "200", places=2), st.booleans()), max_size=40),
)
def test_the_layout_finds_free_places_and_always_the_same(taken, wanted) -> None:
    spaces = [Unplaced(at, area, desk) for at, (area, desk) in enumerate(wanted)]
    found = lay_out(taken, spaces)
    assert found == lay_out(taken, spaces)
    assert found.keys() == set(range(len(wanted)))
    placed = {**dict(enumerate(found.values())), **{-1 - at: box for at, box in enumerate(taken)}}
    assert [pair for pair in overlaps(placed) if max(pair) >= 0] == []
    assert all(
        box.x >= 0 and box.right <= GRID and box.y >= 0 and box.bottom <= GRID for box in found.values()
    )


def test_rooms_stand_on_both_sides_of_a_corridor_and_desks_in_threes() -> None:
    rooms = lay_out([], [Unplaced(at, Decimal("33.00")) for at in range(3)])
    assert rooms == {0: Box(0, 0, 6, 6), 1: Box(0, 8, 6, 6), 2: Box(6, 0, 6, 6)}
    desks = lay_out([], [Unplaced(at, Decimal("6.60"), desk=True) for at in range(7)])
    assert [desks[at] for at in (0, 1, 2, 3, 6)] == [
        Box(0, 0, 2, 2),
        Box(0, 2, 2, 2),
        Box(0, 4, 2, 2),
        Box(2, 0, 2, 2),
        Box(5, 0, 2, 2),
    ]


def test_words_are_cut_where_they_do_not_fit() -> None:
    assert fit("일이삼사오육칠팔", 12, 60) == "일이삼사…"
    assert fit("AB", 12, 60) == "AB"
    assert fit("가", 12, 3) == ""
    small = draw([Room(1, Box(0, 0, 2, 2), "D101", "free", "F", note="free", name="never shown")])
    assert [text.words for text in small.shapes[0].texts] == ["D101", "free"]
    assert draw([]).width > 0


@pytest.mark.django_db
class TestDatabase:
    def test_two_spaces_of_one_floor_never_share_a_cell(self) -> None:
        one = SpaceFactory(plan_x=0, plan_y=0, plan_w=4, plan_h=4)
        SpaceFactory(floor=one.floor, plan_x=4, plan_y=0, plan_w=4, plan_h=4)
        SpaceFactory(plan_x=0, plan_y=0, plan_w=4, plan_h=4)  # another building's floor
        with pytest.raises(IntegrityError, match="leases_spaces_apart_on_plan"), transaction.atomic():
            SpaceFactory(floor=one.floor, plan_x=3, plan_y=3, plan_w=1, plan_h=1)

    @pytest.mark.parametrize(
        "place",
        [(0, 0, 0, 4), (-1, 0, 2, 2), (GRID - 1, 0, 2, 2), (0, GRID, 1, 1), (None, 0, 1, 1), (0, 0, 1, None)],
    )
    def test_a_place_lies_on_the_grid_or_is_none(self, place: tuple) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            SpaceFactory(**dict(zip(("plan_x", "plan_y", "plan_w", "plan_h"), place, strict=True)))

    def test_equipment_is_of_the_list(self) -> None:
        with pytest.raises(IntegrityError, match="leases_space_equipment_known"), transaction.atomic():
            SpaceFactory(equipment=["fireplace"])


@pytest.fixture
def floor(db: None):
    floor = FloorFactory()
    for at in range(3):
        SpaceFactory(floor=floor, code=f"10{at}", plan_x=at * 4, plan_y=0, plan_w=4, plan_h=4)
    return floor


def places(floor) -> list[Box]:
    return [space.box for space in Space.objects.filter(floor=floor).order_by("code")]


class TestServices:
    def test_rooms_may_change_places_in_one_step(self, floor) -> None:
        one, two, three = Space.objects.filter(floor=floor).order_by("code")
        moved = services.place_spaces(
            floor=floor, boxes={one.pk: two.box, two.pk: one.box, three.pk: three.box}, actor=None
        )
        assert [space.pk for space in moved] == [one.pk, two.pk]
        assert places(floor) == [Box(4, 0, 4, 4), Box(0, 0, 4, 4), Box(8, 0, 4, 4)]

    def test_what_overlaps_is_refused_by_name_and_nothing_moves(self, floor) -> None:
        one, _two, three = Space.objects.filter(floor=floor).order_by("code")
        before = places(floor)
        with pytest.raises(SpacesOverlap) as refusal:
            services.place_spaces(
                floor=floor, boxes={one.pk: Box(20, 0, 4, 4), three.pk: Box(5, 0, 4, 4)}, actor=None
            )
        assert "101 – 102" in str(refusal.value)
        assert places(floor) == before

    def test_off_the_grid_on_another_floor_and_without_permission(self, floor) -> None:
        one = Space.objects.filter(floor=floor).earliest("code")
        with pytest.raises(OffTheGrid):
            services.place_spaces(floor=floor, boxes={one.pk: Box(GRID, 0, 4, 4)}, actor=None)
        with pytest.raises(NotOfThisFloor):
            services.place_spaces(floor=floor, boxes={SpaceFactory().pk: Box(0, 50, 4, 4)}, actor=None)
        with pytest.raises(NotAllowed):
            services.place_spaces(floor=floor, boxes={}, actor=founder_of(CompanyFactory()))
        with pytest.raises(NotAllowed):
            services.lay_out_floor(floor=floor, actor=acting_staff("credits"))

    def test_a_new_room_and_one_that_moves_floor_get_a_free_place(self, floor) -> None:
        values = {"kind": SpaceKind.ROOM, "area_m2": Decimal("24.00"), "seats": 4, "actor": None}
        new = services.create_space(floor=floor, code="103", **values)
        assert new.box == Box(0, 8, 4, 6)
        upstairs = FloorFactory(building=floor.building, level=5)
        one = Space.objects.get(floor=floor, code="100")
        services.update_space(space=one, floor=upstairs, actor=None)
        one.refresh_from_db()
        assert one.box == Box(0, 0, 6, 6)

    def test_rooms_without_a_place_are_laid_out_once(self, floor) -> None:
        SpaceFactory(floor=floor, code="900")
        [placed] = services.lay_out_floor(floor=floor, actor=None)
        assert placed.code == "900"
        assert services.lay_out_floor(floor=floor, actor=None) == []


def let(space: Space, left: int, **values):
    period = days(TODAY - timedelta(days=9), TODAY + timedelta(days=left))
    return LeaseFactory(space=space, period=period, **values)


class TestPages:
    def manager(self, *groups: str) -> Client:
        return sign_in(Client(headers={"accept-language": "en"}), staff_member(*groups))

    def test_a_manager_sees_who_is_where_and_for_how_long(self, floor) -> None:
        one, two, three = Space.objects.filter(floor=floor).order_by("code")
        let(one, 20, company=CompanyFactory(name="하나"))
        let(two, 100, company=CompanyFactory(name="둘"))
        services.block_space(
            space=three, first_day=TODAY, last_day=None, kind="repair", note="pipe", actor=None
        )
        page = (
            self.manager("leases").get(reverse("admin:leases_space_plan", args=[floor.pk])).content.decode()
        )
        assert "하나" in page
        assert 'class="last"' in page
        assert 'class="middle"' in page
        assert 'class="blocked"' in page
        assert reverse("admin:leases_space_change", args=[one.pk]) in page
        assert "D-20" in page
        assert reverse("admin:leases_space_layout", args=[floor.pk]) in page
        assert (
            reverse("admin:leases_space_layout", args=[floor.pk])
            not in self.manager("credits")
            .get(reverse("admin:leases_space_plan", args=[floor.pk]))
            .content.decode()
        )

    def test_a_founder_sees_the_own_room_and_nobody_elses_name(self, floor) -> None:
        one, two, three = Space.objects.filter(floor=floor).order_by("code")
        mine, other = CompanyFactory(), CompanyFactory(name="비밀회사", name_en="Secret")
        let(one, 50, company=mine)
        let(two, 50, company=other)
        let(three, 50, company=other, state=LeaseState.DRAFT)
        client = sign_in(Client(headers={"accept-language": "en"}), MembershipFactory(company=mine).user)
        page = client.get(reverse("leases:plans")).content.decode()
        assert 'class="own"' in page
        assert 'class="let"' in page
        assert 'class="free"' in page
        assert "비밀회사" not in page
        assert "Secret" not in page
        assert reverse("leases:space", args=[two.pk]) in page
        room = client.get(reverse("leases:space", args=[two.pk])).content.decode()
        assert "In use" in room
        assert "Secret" not in room

    def test_hostile_names_stay_text_in_the_drawing(self, floor) -> None:
        one = Space.objects.filter(floor=floor).earliest("code")
        let(one, 50, company=CompanyFactory(name='<script>"', name_en='<script>"'))
        page = self.manager().get(reverse("admin:leases_space_plan", args=[floor.pk])).content.decode()
        assert '<script>"' not in page
        assert "&lt;script&gt;&quot;" in page

    def test_an_unknown_floor_is_not_found_and_a_camp_without_spaces_too(self, floor) -> None:
        assert self.manager().get(reverse("admin:leases_space_plan", args=[0])).status_code == 404

    def test_the_drawing_board_saves_numbers(self, floor) -> None:
        client, url = self.manager("leases"), reverse("admin:leases_space_layout", args=[floor.pk])
        spaces = list(Space.objects.filter(floor=floor).order_by("code"))
        sent = {
            f"{name}-{space.pk}": value
            for at, space in enumerate(spaces)
            for name, value in zip("xywh", (at * 10, 3, 5, 6), strict=True)
        }
        assert client.get(url).status_code == 200
        answer = client.post(url, {"action": "save", **sent})
        assert answer.status_code == 302
        assert places(floor) == [Box(0, 3, 5, 6), Box(10, 3, 5, 6), Box(20, 3, 5, 6)]
        off = {f"{name}-{spaces[0].pk}": "" for name in "xywh"}
        client.post(url, {"action": "save", **sent, **off})
        assert places(floor)[0] is None
        client.post(url, {"action": "auto"})
        assert places(floor)[0] is not None

    def test_the_drawing_board_says_what_is_wrong_and_keeps_what_was_typed(self, floor) -> None:
        client, url = self.manager("leases"), reverse("admin:leases_space_layout", args=[floor.pk])
        one, two, three = Space.objects.filter(floor=floor).order_by("code")
        sent = {f"{name}-{space.pk}": "1" for space in (one, two, three) for name in "xywh"}
        page = client.post(url, {"action": "save", **sent})
        assert page.status_code == 200
        assert "100 – 101" in page.content.decode()
        page = client.post(url, {"action": "save", **sent, f"w-{one.pk}": "", f"h-{two.pk}": "17x"})
        assert "Give all four numbers" in page.content.decode()
        assert 'value="17x"' in page.content.decode()
        before = places(floor)
        assert self.manager("credits").get(url).status_code == 403
        assert self.manager("credits").post(url, {"action": "save", **sent}).status_code == 403
        assert places(floor) == before


@pytest.mark.django_db
def test_the_camps_own_sheet_is_laid_out_without_overlaps() -> None:
    header = ("건물", "층", "호실", "유형", "면적(㎡)", "정원", "㎡당 월임대료(원)", "㎡당 월관리비(원)")
    kinds = ("지정석", "독립형", "독립형", "독립형")
    lines = [
        ("제1 AI창업캠프", "2", f"2{at:02}", kinds[at % 4], f"{6.6 * (1 + at % 9):.1f}", "4", "8200", "3400")
        for at in range(60)
    ]
    sheet = "\n".join(",".join(line) for line in (header, *lines))
    for written in (60, 0):
        read = read_sheet(io.BytesIO(sheet.encode()), "spaces.csv", SpaceLoader.columns)
        report = SpaceLoader().load(read, actor=None, now=timezone.now())
        assert (report.ok, report.counts.new) == (True, written)
    found = {space.code: space.box for space in Space.objects.all()}
    assert None not in found.values()
    assert overlaps({code: box for code, box in found.items() if box}) == []
