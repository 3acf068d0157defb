"""Requests, notices and rules as founders, managers and machines meet them."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.urls import reverse
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.periods import days
from tenants.compute import services
from tenants.compute.models import Allocation, ClawBackNotice, GrantPolicy, GrantRequest
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import grant, make_pool
from tests.factories.requests import PFH, agree, ask

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
FIRST = (TODAY.replace(day=1) + timedelta(days=32)).replace(day=1)
LAST = (FIRST + timedelta(days=70)).replace(day=1) - timedelta(days=1)  # two whole months
ADMIN = "/admin/compute"


@pytest.fixture
def company():
    return CompanyFactory()


@pytest.fixture
def founder(client, company):
    return sign_in(client, founder_of(company, "member"))


@pytest.fixture
def pool():
    return make_pool(
        10_000 * PFH, name="wide", period=days(TODAY - timedelta(days=400), TODAY + timedelta(days=400))
    )


def form(client, **values):
    """What the page's form sends: its own key, and what was typed."""
    page = client.get(reverse("compute:request_new"), {"first_day": f"{FIRST}", "last_day": f"{LAST}"})
    assert page.status_code == 200
    months = [f"month_{month:%Y_%m}" for month in (FIRST, (FIRST + timedelta(days=32)).replace(day=1))]
    assert re.findall(r'name="(month_\d{4}_\d\d)"', page.content.decode()) == months
    key = page.context["form"].initial["key"]
    plan = dict(zip(months, ("10", "20.5"), strict=True))
    return {
        "first_day": f"{FIRST}",
        "last_day": f"{LAST}",
        "project": "돌봄 로봇",
        "description": "영상 모델",
        "amount_gflop": "30.5",
        "own_share_percent": "20",
        "resources": ["gres/gpu:h100"],
        "reason": "임상 시험",
        "key": key,
        **plan,
        **values,
    }


def post(client, name, data, **kwargs):
    return client.post(reverse(name, kwargs=kwargs), data, headers={"accept-language": "en"})


def test_a_founder_asks_and_clicks_twice(client, founder, company):
    data = form(client)
    for _click in range(2):
        answer = post(client, "compute:request_new", data)
        asked = GrantRequest.objects.get()
        assert answer.url == reverse("compute:request", args=[asked.pk])
    assert (asked.company, asked.amount_gflop, asked.period) == (
        company,
        30_500 * PFH // 1000,
        days(FIRST, LAST),
    )
    assert list(asked.plan.values_list("gflop", flat=True)) == [10 * PFH, 20_500 * PFH // 1000]
    page = client.get(answer.url, headers={"accept-language": "en"}).content.decode()
    assert "under review" in page
    assert "30.500" in page
    assert asked.project in client.get(reverse("compute:requests")).content.decode()
    assert client.post(reverse("compute:request_withdraw", args=[asked.pk])).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_what_was_typed_stays_when_it_is_refused(client, founder):
    data = form(client, month_sum="x", amount_gflop="30")
    answer = post(client, "compute:request_new", data)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "adds up to 30.500 PF·h, but 30.000 PF·h are asked for" in page
    assert data["key"] in page
    assert "임상 시험" in page
    assert not GrantRequest.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"amount_gflop": "-1"},
        {"amount_gflop": "NaN"},
        {"amount_gflop": "1e30"},
        {"amount_gflop": "0.0001"},
        {"own_share_percent": "101"},
        {"resources": ["gres/gpu:none"]},
        {"last_day": "2026-02-30"},
        {"first_day": "2999-01-01"},
        {"last_day": "2999-01-01"},
        {"key": "k" * 65},
        {"reason": "x" * 1001},
    ],
)
def test_hostile_input_is_refused_in_words(client, founder, change):
    answer = post(client, "compute:request_new", form(client, **change))
    assert answer.status_code == 200
    assert not GrantRequest.objects.exists()


def test_a_zero_byte_is_no_text(client, founder):
    assert post(client, "compute:request_new", form(client, project="\x00")).status_code == 400


def test_a_founder_reads_the_decision_and_not_the_first_of_two(client, founder, company, pool):
    asked = ask(company, 2_000 * PFH, period=days(FIRST, LAST), now=timezone.now())
    first, second = acting_staff(StaffGroup.CREDITS), acting_staff(StaffGroup.CREDITS)
    page = reverse("compute:request", args=[asked.pk])
    agree(asked, first, 1_500 * PFH, pool=pool, reason="첫 사람의 뜻", now=timezone.now())
    for address in (page, f"/api/v1/grant-requests/{asked.pk}/", reverse("compute:requests")):
        text = client.get(address).content.decode()
        assert "첫 사람의 뜻" not in text
        assert "1,500" not in text
        assert f"{1_500 * PFH}" not in text
    agree(asked, second, 1_500 * PFH, pool=pool, reason="좋은 계획입니다.", now=timezone.now())
    text = client.get(page).content.decode()
    assert "좋은 계획입니다." in text
    assert "1,500.000" in text
    assert client.get(f"/api/v1/grant-requests/{asked.pk}/").json()["granted_gflop"] == 1_500 * PFH


def test_others_requests_and_notices_do_not_exist(client, founder, pool):
    theirs = CompanyFactory()
    asked = ask(theirs, period=days(FIRST, LAST), now=timezone.now())
    found = make_notice(theirs, pool)
    for name, method in (
        (reverse("compute:request", args=[asked.pk]), client.get),
        (reverse("compute:request_withdraw", args=[asked.pk]), client.post),
        (reverse("compute:notice", args=[found.pk]), client.get),
        (f"/api/v1/grant-requests/{asked.pk}/", client.get),
        (f"/api/v1/grant-requests/{asked.pk}/withdraw/", client.post),
    ):
        assert method(name).status_code == 404


def test_the_founders_database_role_writes_no_decision(company, pool):
    """What no page offers the role cannot do either."""
    asked = ask(company, period=days(FIRST, LAST), now=timezone.now())
    found = make_notice(company, pool)
    person = asked.asked_by_id
    forbidden = (
        f"UPDATE compute_grantrequest SET granted_gflop = 1 WHERE id = {asked.pk}",
        f"UPDATE compute_grantrequest SET state = 'granted', decided_at = now() WHERE id = {asked.pk}",
        f"UPDATE compute_clawbacknotice SET state = 'cancelled' WHERE id = {found.pk}",
        f"UPDATE compute_clawbacknotice SET deadline = now() WHERE id = {found.pk}",
        "INSERT INTO compute_grantrequest (company_id, key, project, description, resources, amount_gflop, period,"
        " own_share_percent, reason, asked_by_id, asked_at, state, granted_gflop, programme, needs_two, agreed_reason,"
        " decision_reason, created_at, updated_at) SELECT company_id, 'x', project, description, resources, amount_gflop,"
        " period, own_share_percent, reason, asked_by_id, asked_at, 'asked', 1, '', false, '', '', now(), now()"
        f" FROM compute_grantrequest WHERE id = {asked.pk}",
        "DELETE FROM compute_planneduse",
        "INSERT INTO compute_grantpolicy (starts_on) VALUES (now())",
        "SELECT * FROM compute_creditmail",
    )
    for sql in forbidden:
        with (
            pytest.raises(ProgrammingError),
            transaction.atomic(),
            database_role(Role.FOUNDER, user_id=person, company_ids=[company.pk]),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def make_notice(company, pool):
    lot = grant(company, 1_000, pool, period=days(TODAY - timedelta(days=120), TODAY + timedelta(days=200)))
    services.review_lots(now=timezone.now())
    return ClawBackNotice.objects.get(lot=lot)


def test_a_founder_asks_for_an_exemption_and_a_manager_grants_it(client, founder, company, pool):
    found = make_notice(company, pool)
    page = reverse("compute:notice", args=[found.pk])
    assert "Ask for an exemption" in client.get(page, headers={"accept-language": "en"}).content.decode()
    answer = post(client, "compute:notice", {"reason": ""}, pk=found.pk)
    assert answer.status_code == 200
    assert post(client, "compute:notice", {"reason": "곧 씁니다."}, pk=found.pk).status_code == 302
    again = post(client, "compute:notice", {"reason": "또"}, pk=found.pk)
    assert "asked for already" in again.content.decode()
    sign_in(client, staff_member(StaffGroup.CREDITS))
    inbox = client.get("/admin/", headers={"accept-language": "en"}).content.decode()
    assert "asks to keep its unused credits" in inbox
    step = f"{ADMIN}/clawbacknotice/{found.pk}/"
    change = client.get(f"{step}change/")
    assert "곧 씁니다." in change.content.decode()
    assert client.post(f"{step}exemption/", {"exempt": "yes", "reason": "좋습니다."}).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.answer) == ("exempted", "좋습니다.")
    assert client.post(f"{step}cancel/", {"reason": "x"}).status_code == 200  # settled already


def test_rules_are_published_with_their_numbers(client, founder):
    services.set_policy(
        starts_on=TODAY,
        two_person_above_gflop=777 * PFH,
        early_warning_days=41,
        late_warning_days=9,
        settle_days=13,
        review_months=1,
        least_used_percent=37,
        take_percent=61,
        notice_days=17,
        automatic=True,
        reason="올해의 기준",
        actor=None,
        now=timezone.now(),
    )
    page = client.get(reverse("compute:rules"), headers={"accept-language": "en"}).content.decode()
    for words in (
        "777.000",
        "41 and 9 days",
        "37%",
        "61%",
        "17 days",
        "Every month",
        "by itself",
        "올해의 기준",
    ):
        assert words in page


def test_a_manager_decides_in_the_queue(client, company, pool):
    asked = ask(company, 30 * PFH, period=days(FIRST, LAST), now=timezone.now())
    sign_in(client, staff_member(StaffGroup.CREDITS))
    queue = client.get(f"{ADMIN}/grantrequest/?decision=open", headers={"accept-language": "en"})
    assert company.name in queue.content.decode()
    assert "10,000.000" in queue.content.decode()
    page = client.get(f"{ADMIN}/grantrequest/{asked.pk}/grant/")
    assert page.context["form"].initial["amount_gflop"] == 30 * PFH
    decision = {
        "pool": pool.pk,
        "amount_gflop": "31",
        "first_day": f"{FIRST}",
        "last_day": f"{LAST}",
        "programme": "지원",
        "reason": "좋습니다.",
    }
    too_much = client.post(
        f"{ADMIN}/grantrequest/{asked.pk}/grant/", decision, headers={"accept-language": "en"}
    )
    assert "The company asked for 30.000 PF·h" in too_much.content.decode()
    decision["amount_gflop"] = "12.5"
    assert client.post(f"{ADMIN}/grantrequest/{asked.pk}/grant/", decision).status_code == 302
    lot = Allocation.objects.get(request=asked)
    assert (lot.amount_gflop, lot.programme) == (12_500 * PFH // 1000, "지원")
    assert client.get(f"{ADMIN}/grantrequest/{asked.pk}/change/").status_code == 200
    late = client.post(
        f"{ADMIN}/grantrequest/{asked.pk}/decline/", {"reason": "x"}, headers={"accept-language": "en"}
    )
    assert "decided or withdrawn already" in late.content.decode()


def test_over_commitment_is_shown(client, company, pool):
    for _number in range(3):
        ask(company, 4_000 * PFH, period=days(FIRST, LAST), now=timezone.now())
    sign_in(client, staff_member(StaffGroup.CREDITS))
    queue = client.get(f"{ADMIN}/grantrequest/", headers={"accept-language": "en"}).content.decode()
    assert queue.count("2,000.000 PF·h over-committed") == 3


def test_a_manager_moves_and_extends_a_grant(client, company, pool):
    lot, other = (
        grant(company, 5 * PFH, pool, period=pool.period),
        grant(company, PFH, pool, period=pool.period),
    )
    foreign = grant(CompanyFactory(), PFH, pool, period=pool.period)
    sign_in(client, staff_member(StaffGroup.CREDITS))
    step = f"{ADMIN}/allocation/{lot.pk}"
    key = client.get(f"{step}/move/").context["form"].initial["key"]
    data = {"target": other.pk, "amount_gflop": "2", "reason": "모델 변경", "key": key}
    assert client.post(f"{step}/move/", {**data, "target": foreign.pk}).status_code == 200
    for _click in range(2):
        assert client.post(f"{step}/move/", data).status_code == 302
    lot.account.refresh_from_db()
    other.account.refresh_from_db()
    assert (lot.account.balance_gflop, other.account.balance_gflop) == (3 * PFH, 3 * PFH)
    refused = client.post(
        f"{step}/extend/",
        {"last_day": f"{pool.period.upper + timedelta(days=1)}", "reason": "x"},
        headers={"accept-language": "en"},
    )
    assert "within the pool" in refused.content.decode()


def test_the_director_alone_sets_rules(client):
    page = f"{ADMIN}/grantpolicy/add/"
    sign_in(client, staff_member(StaffGroup.CREDITS))
    assert client.get(page).status_code == 403
    sign_in(client, staff_member(StaffGroup.DIRECTOR))
    values = client.get(page).context["adminform"].form.initial
    data = {**values, "starts_on": f"{TODAY}", "two_person_above_gflop": "5", "reason": "새 기준"}
    data.pop("automatic")
    answer = client.post(page, {**data, "early_warning_days": "7"}, headers={"accept-language": "en"})
    assert "The first warning must come before the last one." in answer.content.decode()
    assert client.post(page, data).status_code == 302
    made = GrantPolicy.objects.order_by("-pk").first()
    assert (made.two_person_above_gflop, made.early_warning_days, made.reason) == (5 * PFH, 30, "새 기준")
    assert client.get(f"{ADMIN}/grantpolicy/{made.pk}/change/").status_code == 200


def api_request(**values):
    month = f"{FIRST:%Y-%m}"
    after = f"{LAST:%Y-%m}"
    return {
        "project": "돌봄 로봇",
        "description": "영상 모델",
        "amount_gflop": 100,
        "first_day": f"{FIRST}",
        "last_day": f"{LAST}",
        "plan": [{"month": month, "gflop": 40}, {"month": after, "gflop": 60}],
        "reason": "임상 시험",
        **values,
    }


def send(client, data, **headers):
    return client.post("/api/v1/grant-requests/", json.dumps(data), "application/json", headers=headers)


def test_machines_ask_once(client, founder, company):
    for _try in range(2):
        answer = send(client, api_request(), **{"idempotency-key": "one"})
        assert answer.status_code == 201, answer.content
    asked = GrantRequest.objects.get()
    assert answer.headers["Location"].endswith(f"/api/v1/grant-requests/{asked.pk}/")
    assert answer.json()["plan"] == api_request()["plan"]
    shown = client.get("/api/v1/grant-requests/").json()["results"]
    assert [(each["id"], each["company"], each["state"]) for each in shown] == [
        (asked.pk, company.pk, "asked")
    ]
    assert client.post(f"/api/v1/grant-requests/{asked.pk}/withdraw/").json()["state"] == "withdrawn"
    assert client.post(f"/api/v1/grant-requests/{asked.pk}/withdraw/").json()["code"] == "request_decided"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"plan": [{"month": "2026-13", "gflop": 100}]}, 400),
        ({"plan": [{"month": f"{FIRST:%Y-%m}", "gflop": 50}] * 2}, 400),
        ({"plan": []}, 400),
        ({"plan": "x"}, 400),
        ({"amount_gflop": 99}, 400),
        ({"amount_gflop": 10**19}, 400),
        ({"last_day": "2020-01-01"}, 400),
        ({"resources": ["x"]}, 400),
        ({"reason": "  "}, 400),
    ],
)
def test_machines_are_told_what_is_wrong(client, founder, change, status):
    answer = send(client, api_request(**change))
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert not GrantRequest.objects.exists()


def test_managers_do_not_ask(client):
    sign_in(client, staff_member(StaffGroup.CREDITS))
    assert send(client, api_request()).status_code == 403
