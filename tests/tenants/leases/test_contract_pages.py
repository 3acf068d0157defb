"""Contracts, early ends, swaps and stays on the pages, in the admin and for machines."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incubator.common.periods import days
from tenants.leases import services
from tenants.leases.enums import EndingState, LeaseState
from tenants.leases.models import ContractTemplate, EarlyEnd, Holdover, Lease, LeasePolicy, LeaseSignature
from tests.factories.accounts import UserFactory, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory
from tests.factories.contracts import contract_of
from tests.factories.leases import LeaseFactory, RateFactory
from tests.tenants.leases.test_admin import page
from tests.tenants.leases.test_pages import HOME, queries, running, text_of

pytestmark = pytest.mark.django_db

CONTRACT = f"{HOME}contract/"
NAME = "김 하늘"


def person(company, level="owner") -> Client:
    user = UserFactory(name=NAME)
    client = Client(headers={"accept-language": "en", "user-agent": "Browser/1"}, REMOTE_ADDR="203.0.113.9")
    return sign_in(client, MembershipFactory(company=company, user=user, level=level).user)


def manager(*groups) -> Client:
    client = Client(headers={"accept-language": "en"}, REMOTE_ADDR="203.0.113.2")
    return sign_in(client, staff_member(*(groups or ("leases",)), name="박 관리"))


def on_offer(company=None):
    """The contract of an offer that begins in ten days."""
    first, now = timezone.localdate() + timedelta(days=10), timezone.now()
    lease = services.draft_lease(
        company=company or CompanyFactory(),
        space=RateFactory().space,
        first_day=first,
        last_day=first + timedelta(days=300),
        legal_basis="창업지원 무상임대",
        actor=None,
        now=now,
    )
    return contract_of(services.offer_lease(lease=lease, actor=None, now=now))


def signature(contract, **changes):
    return {"typed_name": NAME, "agreed": "on", "document_sha256": contract.sha256, **changes}


def test_the_whole_way_from_the_offer_to_both_signatures():
    contract = on_offer()
    founder = person(contract.lease.company)
    home = text_of(founder.get(HOME))
    assert f'href="{CONTRACT}{contract.pk}/"' in home
    shown = text_of(founder.get(CONTRACT))
    for said in (
        "Read the contract and sign it.",
        "제1조(목적)",
        contract.sha256[:16],
        "Article 1 (Purpose)",
    ):
        assert said in shown
    pdf = founder.get(f"{CONTRACT}{contract.pk}/pdf/")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert pdf["Content-Disposition"].startswith("inline")
    address = f"{CONTRACT}{contract.pk}/"
    wrong = founder.post(address, signature(contract, typed_name="남의 이름"))
    assert "Type your name as it stands in your account: 김 하늘." in text_of(wrong)
    assert list(founder.post(address, {"typed_name": NAME}).context["form"].errors) == [
        "document_sha256",
        "agreed",
    ]
    assert founder.post(address, signature(contract)).status_code == 302
    kept = LeaseSignature.objects.get()
    assert (kept.typed_name, kept.ip, kept.user_agent) == (NAME, "203.0.113.9", "Browser/1")
    assert "next the camp office countersigns" in text_of(founder.get(HOME))
    assert "signed already" in text_of(founder.post(address, signature(contract)))

    office = manager()
    verb = page("lease", "countersign", contract.lease_id)
    assert NAME in text_of(office.get(verb))
    values = {"typed_name": "박 관리", "document_sha256": contract.sha256}
    assert office.post(verb, values).status_code == 302
    assert Lease.objects.get().state == LeaseState.SIGNED
    assert "Both sides have signed this contract." in text_of(founder.get(CONTRACT))


def test_who_is_no_owner_reads_and_does_not_sign():
    contract = on_offer()
    member = person(contract.lease.company, level="member")
    shown = text_of(member.get(CONTRACT))
    assert "An owner of your company signs." in shown
    assert "typed_name" not in shown
    assert "You may not do this." in text_of(member.post(f"{CONTRACT}{contract.pk}/", signature(contract)))
    assert LeaseSignature.objects.count() == 0


def test_another_companys_contract_does_not_exist():
    contract, stranger = on_offer(), person(CompanyFactory())
    assert "There is no contract yet." in text_of(stranger.get(CONTRACT))
    for address in (f"{CONTRACT}{contract.pk}/", f"{CONTRACT}{contract.pk}/pdf/"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{CONTRACT}{contract.pk}/", signature(contract)).status_code == 404


def test_an_offer_that_changed_is_refused_on_the_page_and_the_new_one_is_linked():
    contract = on_offer()
    founder = person(contract.lease.company)
    founder.get(CONTRACT)
    lease = contract.lease
    services.describe_lease(
        lease=lease, legal_basis="조례 제3조", comparator="", actor=None, now=timezone.now()
    )
    refused = text_of(founder.post(f"{CONTRACT}{contract.pk}/", signature(contract)))
    assert "The offer has changed since you opened it." in refused
    assert "This contract is superseded by a newer one." in refused
    assert "조례 제3조" in text_of(founder.get(CONTRACT))


def test_the_same_number_of_queries_for_one_contract_and_for_three():
    company = CompanyFactory()
    founder = person(company)
    on_offer(company)
    founder.get(CONTRACT)
    once = [queries(founder, address) for address in (CONTRACT, HOME)]
    for _more in range(2):
        on_offer(company)
    assert [queries(founder, address) for address in (CONTRACT, HOME)] == once
    assert max(once) <= 12


def test_a_founder_asks_to_leave_and_takes_it_back():
    lease = running(200)
    founder = person(lease.company)
    last = timezone.localdate() + timedelta(days=30)
    asking = {"last_day": str(last), "reason": "이전"}
    address = f"{HOME}{lease.pk}/leave/"
    assert "ends on" in text_of(founder.post(address, {**asking, "last_day": str(lease.last_day)}))
    assert founder.post(address, asking).status_code == 302
    asked = EarlyEnd.objects.get()
    shown = text_of(founder.get(HOME))
    assert "to leave after" in shown
    assert founder.post(f"{HOME}leave/{asked.pk}/withdraw/").status_code == 302
    asked.refresh_from_db()
    assert asked.state == EndingState.WITHDRAWN


def test_the_lease_page_says_what_was_agreed_or_given_notice_of():
    today, now = timezone.localdate(), timezone.now()
    lease = running(200)
    founder = person(lease.company)
    notice = services.give_notice(
        lease=lease, last_day=today + timedelta(days=60), reason="의무 위반", actor=None, now=now
    )
    shown = text_of(founder.get(HOME))
    assert "the camp office gave notice" in shown
    assert "의무 위반" in shown
    services.take_back_early_end(ending=notice, reason="시정", actor=None, now=now)
    assert "gave notice" not in text_of(founder.get(HOME))
    over = LeaseFactory(
        company=lease.company,
        period=days(today - timedelta(days=90), today - timedelta(days=5)),
        state=LeaseState.ENDED,
    )
    services.note_holdover(lease=over, reason="장비", actor=None, now=now)
    assert "please clear it by" in text_of(founder.get(HOME))


# --- the managers


def test_a_manager_swaps_gives_notice_and_resolves_a_stay():
    office = manager()
    today = timezone.localdate()
    one, two = running(100), running(200)
    swap = page("lease", "swap", one.pk)
    assert two.company.name in text_of(office.get(swap))
    assert office.post(swap, {"other": two.pk, "first_day": str(today)}).status_code == 302
    new = Lease.objects.get(company=one.company, state=LeaseState.ACTIVE)
    assert new.space == two.space

    notice = page("lease", "give_notice", new.pk)
    soon = {"last_day": str(today + timedelta(days=3)), "reason": "위반"}
    assert "at least 30 days before" in text_of(office.post(notice, soon))
    assert office.post(notice, {**soon, "last_day": str(today + timedelta(days=60))}).status_code == 302
    ending = EarlyEnd.objects.get()
    back = page("earlyend", "take_back", ending.pk)
    assert office.post(back, {"reason": "시정"}).status_code == 302

    one.refresh_from_db()
    assert office.post(page("lease", "hold_over", one.pk), {"reason": "장비"}).status_code == 302
    holdover = Holdover.objects.get()
    assert "still there" in text_of(office.get(page("holdover")))
    resolve = page("holdover", "resolve", holdover.pk)
    assert office.post(resolve, {"outcome": "left"}).status_code == 302
    holdover.refresh_from_db()
    assert (holdover.outcome, holdover.last_day) == ("left", today)


def test_a_manager_changes_an_offer_and_the_contract_follows():
    contract = on_offer()
    office, lease = manager(), contract.lease
    values = {"space": lease.space_id, "first_day": str(lease.first_day), "last_day": str(lease.last_day)}
    revise = page("lease", "revise", lease.pk)
    assert "says exactly this already" in text_of(office.post(revise, values))
    later = str(lease.last_day + timedelta(days=10))
    assert office.post(revise, {**values, "last_day": later}).status_code == 302
    assert contract_of(lease).terms["last_day"] == later
    listed = text_of(office.get(page("leasecontract")))
    assert listed.count(lease.company.name) >= 2


def test_templates_and_rules_are_added_and_start_from_those_in_force():
    office, director = manager(), manager("director")
    form = text_of(office.get(page("contracttemplate", "add")))
    assert "제1조(목적)" in form
    values = {
        "starts_on": "2027-01-01",
        "title": "계약서",
        "articles": "제1조(목적) {nobody}",
        "title_en": "",
        "articles_en": "",
    }
    assert "There is no such placeholder: {nobody}." in text_of(
        office.post(page("contracttemplate", "add"), values)
    )
    fine = {**values, "articles": "제1조(목적) {company}"}
    assert office.post(page("contracttemplate", "add"), fine).status_code == 302
    assert ContractTemplate.objects.latest("version").version == 2

    current = LeasePolicy.objects.get()
    rules = {name: getattr(current, name) for name in LeasePolicy.NUMBERS}
    rules |= {
        "starts_on": str(date(2099, 1, 1)),
        "source": "규정",
        "reason": "개정",
        "new_industries": ["healthcare"],
    }
    assert office.get(page("leasepolicy", "add")).status_code == 403
    wrong = director.post(page("leasepolicy", "add"), {**rules, "longest_notice_days": 1})
    assert "contradict each other" in text_of(wrong)
    assert director.post(page("leasepolicy", "add"), rules).status_code == 302
    assert LeasePolicy.objects.count() == 2


# --- machines


def test_a_lease_tells_machines_its_contract_and_history_and_takes_signatures():
    contract = on_offer()
    founder, office = person(contract.lease.company), manager()
    address = f"/api/v1/leases/{contract.lease_id}/"
    told = founder.get(address).json()
    assert (told["contract"]["sha256"], told["contract"]["signatures"]) == (contract.sha256, [])
    assert [step["step"] for step in told["history"]] == ["drafted", "offered"]
    assert "contract" not in founder.get("/api/v1/leases/").json()["results"][0]

    def post(client, verb, values):
        return client.post(f"{address}{verb}/", values, content_type="application/json")

    values = {"typed_name": NAME, "agreed": True, "document_sha256": contract.sha256}
    assert post(office, "sign", values).status_code == 403
    assert post(office, "countersign", values).json()["code"] == "company_has_not_signed"
    changed = post(founder, "sign", {**values, "document_sha256": "0" * 64})
    assert (changed.status_code, changed.json()["code"]) == (409, "offer_changed")
    assert post(founder, "sign", values).status_code == 201
    assert post(founder, "sign", values).json()["code"] == "already_signed"
    assert post(founder, "countersign", values).status_code == 403
    signed = post(office, "countersign", {**values, "typed_name": "박 관리"})
    assert (signed.status_code, signed.json()["state"]) == (201, "signed")
    last = str(contract.lease.first_day + timedelta(days=20))
    asked = post(founder, "early-end", {"last_day": last, "reason": "이전"})
    assert (asked.status_code, asked.json()["state"]) == (201, "open")
    assert len(founder.get(address).json()["history"]) == 4
