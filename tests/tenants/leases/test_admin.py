"""The managers' pages."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.common.periods import days
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.models import Building, Lease, Rate, Space
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory
from tests.factories.leases import (
    BuildingFactory,
    ExtensionRequestFactory,
    FloorFactory,
    RateFactory,
    SpaceFactory,
)
from tests.tenants.leases.test_pages import queries, running, text_of

pytestmark = pytest.mark.django_db

MODELS = ("building", "space", "rate", "lease", "extensionrequest")


def manager(*groups) -> Client:
    return sign_in(Client(headers={"accept-language": "en"}), staff_member(*(groups or ("leases",))))


def page(model, name="changelist", *args):
    return reverse(f"admin:leases_{model}_{name}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_records_open_for_every_manager(model):
    lease = running(90)
    RateFactory(space=lease.space)
    asked = ExtensionRequestFactory(lease=lease)
    found = {
        "building": lease.space.building,
        "space": lease.space,
        "rate": Rate.objects.get(),
        "lease": lease,
    }
    pk = found.get(model, asked).pk
    for group in ("leases", "auditor", "consulting"):
        client = manager(group)
        assert client.get(page(model)).status_code == 200
        assert client.get(page(model, "change", pk)).status_code == 200
        assert client.get(page(model) + "?q=제1").status_code == 200
    assert manager("leases").get(page(model, "change", 10**9)).status_code == 302


@pytest.mark.parametrize("model", MODELS)
def test_lists_ask_the_same_of_one_and_of_three(model):
    client, counts = manager("leases"), []
    for more in (1, 2):
        for _each in range(more):
            lease = running(90)
            RateFactory(space=lease.space)
            ExtensionRequestFactory(lease=lease)
        counts.append(queries(client, page(model)))
    assert counts[0] == counts[1]


def test_the_list_is_named_for_what_it_shows():
    soon, later = running(50), running(70)
    client = manager()
    response = client.get(page("lease") + "?ends=60")
    assert response.context["title"] == "Leases that end within 60 days"
    assert list(response.context["cl"].result_list) == [soon]
    assert list(client.get(page("lease") + "?ends=90").context["cl"].result_list) == [soon, later]
    assert client.get(page("lease") + "?ends=junk").status_code == 200
    over = running(-1)
    assert list(client.get(page("lease") + "?ends=over").context["cl"].result_list) == [over]


def test_a_contract_is_recorded_or_kept_as_a_draft():
    client = manager()
    values = {
        "company": CompanyFactory().pk,
        "space": SpaceFactory().pk,
        "first_day": "2026.01.04",
        "last_day": "20270103",
        "legal_basis": "창업지원 무상임대",
        "comparator": "",
    }
    assert client.post(page("lease", "add"), values).status_code == 302
    draft = Lease.objects.get()
    assert (draft.state, draft.period) == (LeaseState.DRAFT, days(date(2026, 1, 4), date(2027, 1, 3)))
    assert client.post(page("lease", "add"), {**values, "signed": "on"}).status_code == 302
    assert Lease.objects.exclude(pk=draft.pk).get().state in (LeaseState.ACTIVE, LeaseState.ENDED)
    response = client.post(page("lease", "add"), {**values, "signed": "on"})
    assert response.status_code == 200
    assert "This space is taken from 4 Jan 2026 to 3 Jan 2027" in text_of(response)
    assert Lease.objects.count() == 2


def test_the_steps_of_a_lease():
    client = manager()
    lease = running(90, state=LeaseState.DRAFT)
    for verb, state in (("offer", "offered"), ("sign", "signed"), ("activate", "active")):
        assert client.get(page("lease", verb, lease.pk)).status_code == 200
        assert client.post(page("lease", verb, lease.pk), {"reason": "절차대로"}).status_code == 302
        lease.refresh_from_db()
        assert lease.state == state
    assert "runs until" in text_of(client.post(page("lease", "end", lease.pk)))
    space = SpaceFactory()
    moving = {"space": space.pk, "first_day": str(timezone.localdate())}
    assert client.post(page("lease", "move", lease.pk), moving).status_code == 302
    lease.refresh_from_db()
    assert lease.state == LeaseState.ENDED
    moved = Lease.objects.get(space=space)
    wrong = client.post(page("lease", "terminate", moved.pk), {"last_day": "2027-02-29", "reason": ""})
    assert list(wrong.context["form"].errors) == ["last_day", "reason"]
    right = {"last_day": str(timezone.localdate()), "reason": "폐업"}
    assert client.post(page("lease", "terminate", moved.pk), right).status_code == 302
    moved.refresh_from_db()
    assert (moved.state, moved.last_day) == (LeaseState.TERMINATED, timezone.localdate())


def test_only_steps_that_are_possible_are_offered():
    client = manager()
    shown = text_of(client.get(page("lease", "change", running(90).pk)))
    assert [f"/{verb}/" in shown for verb in ("offer", "sign", "end", "move", "terminate")] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_selected_leases_take_a_step_together_or_not_at_all():
    client = manager()
    space = SpaceFactory()
    drafts = [running(90, state=LeaseState.DRAFT) for _each in range(2)]
    clash = [running(90, state=LeaseState.DRAFT, space=space) for _each in range(2)]

    def choose(leases):
        values = {
            "action": "offer_selected",
            "_selected_action": [lease.pk for lease in leases],
            "index": "0",
        }
        return client.post(page("lease"), values, follow=True)

    assert choose(drafts).status_code == 200
    assert Lease.objects.filter(state=LeaseState.OFFERED).count() == 2
    assert "This space is taken" in text_of(choose(clash))
    assert Lease.objects.filter(state=LeaseState.OFFERED).count() == 2


@pytest.mark.parametrize("group", ["auditor", "consulting", "credits", "matching"])
def test_other_managers_read_and_do_not_write(group):
    client, lease = manager(group), running(90)
    asked = ExtensionRequestFactory(lease=lease)
    for verb in ("offer", "sign", "activate", "end", "move", "terminate"):
        assert client.get(page("lease", verb, lease.pk)).status_code == 403
        assert client.post(page("lease", verb, lease.pk), {"reason": "x"}).status_code == 403
    for verb in ("approve", "refuse"):
        assert client.post(page("extensionrequest", verb, asked.pk), {"reason": "x"}).status_code == 403
    for model in ("lease", "space", "rate", "building"):
        assert client.get(page(model, "add")).status_code == 403
    for model in ("lease", "space"):
        assert client.get(page(model, "load_sheet")).status_code == 403
    lease.refresh_from_db()
    asked.refresh_from_db()
    assert (lease.state, asked.state) == (LeaseState.ACTIVE, ExtensionState.OPEN)


def test_an_extension_is_approved_or_refused_with_a_reason():
    client = manager()
    lease = running(90)
    until = lease.last_day + timedelta(days=100)
    asked = ExtensionRequestFactory(lease=lease, until=until)
    assert "/approve/" in text_of(client.get(page("extensionrequest", "change", asked.pk)))
    assert client.get(page("extensionrequest", "approve", asked.pk)).status_code == 200
    assert client.post(page("extensionrequest", "approve", asked.pk), {"reason": ""}).status_code == 302
    lease.refresh_from_db()
    assert lease.last_day == until
    assert "no longer open" in text_of(
        client.post(page("extensionrequest", "refuse", asked.pk), {"reason": "x"})
    )
    assert "/approve/" not in text_of(client.get(page("extensionrequest", "change", asked.pk)))
    other = ExtensionRequestFactory(lease=running(90))
    silent = client.post(page("extensionrequest", "refuse", other.pk), {"reason": ""})
    assert list(silent.context["form"].errors) == ["reason"]
    assert (
        client.post(page("extensionrequest", "refuse", other.pk), {"reason": "대기 기업"}).status_code == 302
    )
    other.refresh_from_db()
    assert (other.state, other.decision_reason) == (ExtensionState.REFUSED, "대기 기업")


@pytest.mark.parametrize("verb", ["offer", "terminate", "move"])
def test_a_step_of_no_lease_is_not_found(verb):
    client = manager()
    for name in ("999999999999999999", "abc"):
        assert client.get(page("lease", verb, name)).status_code == 404
    assert client.get(page("extensionrequest", "approve", "abc")).status_code == 404


def test_a_space_and_its_rate_are_made_and_changed():
    client, floor = manager(), FloorFactory()
    values = {
        "floor": floor.pk,
        "code": "408",
        "kind": "room",
        "area_m2": "33.06",
        "seats": "6",
        "active": "on",
    }
    rates = {
        f"{inline}-{count}_FORMS": "0"
        for inline in ("rates", "blocked_periods", "condition_records", "photos")
        for count in ("TOTAL", "INITIAL")
    }
    assert client.post(page("space", "add"), values).status_code == 302
    space = Space.objects.get()
    assert (
        client.post(page("space", "change", space.pk), {**values, **rates, "seats": "8"}).status_code == 302
    )
    space.refresh_from_db()
    assert (space.seats, space.building) == (8, floor.building)
    again = client.post(page("space", "add"), values)
    assert list(again.context["adminform"].form.errors) == ["code"]
    elsewhere = FloorFactory(building=BuildingFactory())
    moved = client.post(page("space", "change", space.pk), {**values, **rates, "floor": elsewhere.pk})
    assert list(moved.context["adminform"].form.errors) == ["floor"]
    rate = {
        "space": space.pk,
        "from_day": "",
        "rent_krw_per_m2": "8200",
        "fee_krw_per_m2": "3400",
        "source": "감정평가",
    }
    assert client.post(page("rate", "add"), rate).status_code == 302
    assert (
        client.post(
            page("rate", "add"), {**rate, "from_day": "2026-07-01", "rent_krw_per_m2": "9000"}
        ).status_code
        == 302
    )
    assert sorted(Rate.objects.values_list("rent_krw_per_m2", flat=True)) == [8_200, 9_000]


def test_a_building_is_made_with_its_floors():
    client = manager()
    floors = {"floors-TOTAL_FORMS": "1", "floors-INITIAL_FORMS": "0", "floors-0-level": "4"}
    values = {"name": "제3 AI창업캠프", "name_en": "", "address": "", "opened_on": ""}
    assert client.post(page("building", "add"), {**values, **floors}).status_code == 302
    assert [floor.level for floor in Building.objects.get().floors.all()] == [4]
    assert client.post(page("building", "add"), {**values, **floors}).status_code == 200


def test_a_sheet_of_leases_is_previewed_and_confirmed():
    client = manager()
    company = CompanyFactory()
    space = SpaceFactory()
    text = (
        "기업명,사업자등록번호,건물,호실,시작일,종료일,근거,상태\n"
        f"{company.name},{company.business_number},{space.building.name},{space.code},2025-02-01,2026-01-31,무상임대,종료\n"
    )
    upload = {"file": SimpleUploadedFile("leases.csv", text.encode("cp949"))}
    preview = client.post(page("lease", "load_sheet"), upload)
    assert (preview.status_code, Lease.objects.count()) == (200, 0)
    assert client.post(page("lease", "load_sheet"), {"confirm": preview.context["token"]}).status_code == 302
    assert Lease.objects.get().state == LeaseState.ENDED
