"""What a company is given to sign, and the two signatures."""

import hashlib
from datetime import date
from io import BytesIO

import pypdf
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from tenants.leases import services, wording
from tenants.leases.enums import LeaseState
from tenants.leases.errors import (
    AlreadySigned,
    CompanyHasNotSigned,
    ConsentMissing,
    EnglishHalf,
    NameDiffers,
    NoTemplate,
    NothingChanged,
    NotOffered,
    OfferChanged,
    SpaceClosed,
    SpaceTaken,
    UnknownPlaceholder,
)
from tenants.leases.models import ContractTemplate, Lease, LeaseContract, LeaseSignature
from tenants.papers.services import file_of
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.contracts import FIRST, LAST, NOW, contract_of, countersigned, offered, signed
from tests.factories.leases import LeaseFactory, RateFactory, SpaceFactory, moment

pytestmark = pytest.mark.django_db


def words_of(contract: LeaseContract) -> str:
    pages = pypdf.PdfReader(BytesIO(file_of(contract.paper))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def steps(lease: Lease) -> list[tuple[str, str, str]]:
    return [(each.step, each.from_state, each.to_state) for each in lease.transitions.all()]


# --- the text


def test_placeholders_come_from_a_closed_list_and_are_filled_once():
    values = {name: f"<{name}>" for name in wording.PLACEHOLDERS}
    values["company"] = "{space} 제9조(가짜) 回\n제1조(가짜)"
    found = wording.articles(
        "머리말 {company}\n\n제1조(목적) {space}에\n둘째 줄\n제 2 조 (기간)\n{first_day}", values
    )
    assert [(each.heading, each.paragraphs) for each in found] == [
        ("", ("머리말 {space} 제9조(가짜) 回 제1조(가짜)",)),
        ("제1조(목적)", ("<space>에", "둘째 줄")),
        ("제 2 조 (기간)", ("<first_day>",)),
    ]
    for wrong in (
        "{rent}",
        "{company.pk}",
        "{0}",
        "{}",
        "{company",
        "company}",
        "{{company}}",
        "{company\n}",
    ):
        with pytest.raises(UnknownPlaceholder):
            wording.demand_known(wrong)


def test_a_template_is_a_new_version_and_never_changed():
    values = {"starts_on": date(2027, 1, 1), "actor": acting_staff("leases"), "now": NOW}
    made = services.add_contract_template(title="계약서", articles="제1조(목적) {company}", **values)
    assert (made.version, made.made_by) == (2, values["actor"])
    with pytest.raises(UnknownPlaceholder) as caught:
        services.add_contract_template(title="계약서", articles="{name}", **values)
    assert str(caught.value).count("{name}") == 1
    with pytest.raises(EnglishHalf):
        services.add_contract_template(title="계약서", articles="제1조", title_en="Contract", **values)
    with pytest.raises(NotAllowed):
        services.add_contract_template(
            title="계약서", articles="제1조", **{**values, "actor": acting_staff("consulting")}
        )
    for change in (lambda: ContractTemplate.objects.update(title="x"), ContractTemplate.objects.all().delete):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            change()
    assert contract_of(offered().lease).template.version == 1


def test_without_a_template_in_force_nothing_is_offered(monkeypatch):
    monkeypatch.setattr("tenants.leases.services.contracts.template_on", lambda day: None)
    with pytest.raises(NoTemplate):
        offered()


# --- the paper


def test_the_contract_says_the_leases_own_terms_to_the_won():
    rate = RateFactory(rent_krw_per_m2=8_200, fee_krw_per_m2=3_400)
    contract = offered(space=rate.space, company=CompanyFactory(name="꿻美 인공지능 ㎡ ₩"))
    words = words_of(contract)
    # 33 m² × 8,200 × 12 months and × 3,400 × 12 months.
    for said in (
        "꿻美 인공지능 ㎡ ₩",
        "2026. 12. 1. (화)",
        "2027. 11. 30. (화)",
        "3,247,200",
        "1,346,400",
        "33.00",
    ):
        assert said in words
    assert "30 Nov 2027" in words
    assert contract.sha256 == hashlib.sha256(file_of(contract.paper)).hexdigest()
    assert contract.terms["last_day"] == "2027-11-30"
    assert contract.number == 1


def test_days_without_a_rate_are_named_and_not_counted_as_zero():
    rate = RateFactory(period=DateRange(None, date(2027, 7, 1)))
    contract = offered(space=rate.space)
    facts = dict(map(tuple, contract.content["english"]["facts"]))
    assert facts["Rent waived over the term"] == "known once a rate is set for 1 Jul 2027 – 30 Nov 2027"
    assert "₩0" not in str(contract.content)


def test_what_was_given_to_sign_never_changes():
    contract = offered()
    signature = signed(contract)
    for change in (
        lambda: LeaseContract.objects.update(terms={}),
        LeaseContract.objects.all().delete,
        lambda: LeaseSignature.objects.update(typed_name="남"),
        LeaseSignature.objects.all().delete,
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            change()
    other = offered()
    with pytest.raises(IntegrityError, match="leases_signature_of_document"), transaction.atomic():
        LeaseSignature.objects.create(
            contract=other,
            side="company",
            person=signature.person,
            typed_name="이름",
            document_sha256=contract.sha256,
            at=NOW,
        )


# --- signing


def test_the_company_signs_the_camp_countersigns_and_the_lease_begins_on_its_day():
    contract = offered()
    owner, manager = founder_of(contract.lease.company, name="김 하늘"), acting_staff("leases")
    signature = signed(contract, owner, typed_name=" 김  하늘 ", ip="203.0.113.9", user_agent="x" * 900)
    kept = (signature.person, signature.typed_name, signature.at, signature.ip, signature.document_sha256)
    assert kept == (owner, "김 하늘", NOW, "203.0.113.9", contract.sha256)
    assert len(signature.user_agent) == 400
    assert signature.consent
    assert Lease.objects.get().state == LeaseState.OFFERED
    lease = countersigned(contract, manager, ip="203.0.113.10")
    assert lease.state == LeaseState.SIGNED
    services.advance_leases(actor=None, now=moment(2026, 12, 1, 0))
    lease.refresh_from_db()
    assert lease.state == LeaseState.ACTIVE
    assert steps(lease) == [
        ("drafted", "", "draft"),
        ("offered", "draft", "offered"),
        ("company", "offered", "offered"),
        ("countersign", "offered", "signed"),
        ("begun", "signed", "active"),
    ]
    assert [each.actor for each in lease.transitions.all()] == [None, None, owner, manager, None]


def test_letters_typed_in_parts_are_the_same_name():
    contract = offered()
    owner = founder_of(contract.lease.company, name="김하늘")
    assert (
        signed(contract, owner, typed_name="\u1100\u1175\u11b7\u1112\u1161\u1102\u1173\u11af").typed_name
        == "김하늘"
    )


def test_who_may_sign_and_what_a_signature_takes():
    contract = offered()
    company = contract.lease.company
    owner = founder_of(company)
    for stranger in (
        founder_of(company, level="member"),
        founder_of(CompanyFactory()),
        acting_staff("leases"),
        acting_staff("director"),
    ):
        with pytest.raises(NotAllowed):
            signed(contract, stranger)
    with pytest.raises(NameDiffers):
        signed(contract, owner, typed_name=company.representative + "x")
    with pytest.raises(ConsentMissing):
        signed(contract, owner, agreed=False)
    with pytest.raises(OfferChanged):
        signed(contract, owner, document_sha256="0" * 64)
    assert LeaseSignature.objects.count() == 0
    signed(contract, owner)
    with pytest.raises(AlreadySigned) as caught:
        signed(contract, founder_of(company))
    assert caught.value.params["name"] == owner.name


def test_who_countersigns_and_when():
    contract = offered()
    with pytest.raises(CompanyHasNotSigned):
        countersigned(contract)
    signed(contract)
    for stranger in (acting_staff("consulting"), acting_staff("auditor"), founder_of(contract.lease.company)):
        with pytest.raises(NotAllowed):
            countersigned(contract, stranger)
    with pytest.raises(NameDiffers):
        countersigned(contract, typed_name="남의 이름")
    countersigned(contract)
    with pytest.raises(AlreadySigned):
        countersigned(contract)


def test_a_founder_signs_through_the_wall_and_writes_nothing_beside():
    contract = offered()
    owner = founder_of(contract.lease.company)
    with database_role(Role.FOUNDER, user_id=owner.pk, company_ids=owner.acting.company_ids):
        signed(LeaseContract.objects.get(), owner)
        assert LeaseSignature.objects.count() == 1
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute("INSERT INTO leases_leasesignature (side) VALUES ('camp')")
    other = founder_of(CompanyFactory())
    with database_role(Role.FOUNDER, user_id=other.pk, company_ids=other.acting.company_ids):
        assert (LeaseContract.objects.count(), LeaseSignature.objects.count()) == (0, 0)


# --- an offer that changes


def test_a_changed_offer_is_a_new_contract_and_the_old_one_cannot_be_signed():
    old = offered()
    owner = founder_of(old.lease.company)
    signed(old, owner)
    services.revise_lease(
        lease=old.lease,
        space=old.lease.space,
        first_day=FIRST,
        last_day=date(2028, 5, 31),
        actor=None,
        now=NOW,
    )
    new = contract_of(old.lease)
    assert (new.number, new.terms["last_day"]) == (2, "2028-05-31")
    old.paper.refresh_from_db()
    assert old.paper.is_revoked
    with pytest.raises(OfferChanged):
        signed(old, owner)
    with pytest.raises(OfferChanged):
        countersigned(old)
    with pytest.raises(CompanyHasNotSigned):
        countersigned(new)
    signed(new, owner)
    assert countersigned(new).state == LeaseState.SIGNED
    assert old.terms == LeaseContract.objects.get(pk=old.pk).terms


@pytest.mark.parametrize("what", ["name", "representative", "business_number"])
def test_details_of_the_company_that_changed_are_a_changed_offer_too(what):
    contract = offered()
    signed(contract)
    company = contract.lease.company
    setattr(company, what, "9999999999" if what == "business_number" else "바뀐 이름")
    company.save()
    with pytest.raises(OfferChanged):
        countersigned(contract)
    services.redraw_contract(lease=contract.lease, actor=None, now=NOW)
    with pytest.raises(NothingChanged):
        services.redraw_contract(lease=contract.lease, actor=None, now=NOW)
    new = contract_of(contract.lease)
    signed(new)
    countersigned(new)


def test_the_basis_of_an_offer_is_a_term_of_it_and_that_of_a_running_lease_is_a_record():
    contract = offered()
    values = {"comparator": "인근 시세", "actor": None, "now": NOW}
    services.describe_lease(lease=contract.lease, legal_basis="조례 제3조", **values)
    services.describe_lease(lease=contract.lease, legal_basis="조례 제3조", **values)
    assert contract_of(contract.lease).terms["legal_basis"] == "조례 제3조"
    assert LeaseContract.objects.count() == 2
    running = LeaseFactory()
    services.describe_lease(lease=running, legal_basis="조례 제3조", **values)
    assert not LeaseContract.objects.filter(lease=running).exists()


def test_an_offer_cannot_take_a_space_that_is_taken():
    contract = offered()
    taken = LeaseFactory(period=DateRange(FIRST, LAST))
    with pytest.raises(SpaceTaken):
        services.revise_lease(
            lease=contract.lease, space=taken.space, first_day=FIRST, last_day=LAST, actor=None, now=NOW
        )
    assert LeaseContract.objects.count() == 1
    with pytest.raises(NothingChanged):
        services.revise_lease(
            lease=contract.lease,
            space=contract.lease.space,
            first_day=FIRST,
            last_day=LAST,
            actor=None,
            now=NOW,
        )


def test_an_offer_that_is_taken_back_is_not_signed_any_more():
    contract = offered()
    owner = founder_of(contract.lease.company)
    services.terminate_lease(lease=contract.lease, last_day=FIRST, reason="철회", actor=None, now=NOW)
    with pytest.raises(NotOffered):
        signed(contract, owner)
    contract.paper.refresh_from_db()
    assert contract.paper.is_revoked


def test_a_contract_on_paper_needs_its_whereabouts_and_takes_the_place_of_signatures():
    contract = offered()
    services.sign_lease(lease=contract.lease, reason="서면 계약서, 문서함 7", actor=None, now=NOW)
    with pytest.raises(NotOffered):
        signed(contract)
    assert steps(contract.lease)[-1] == ("paper", "offered", "signed")
    assert LeaseSignature.objects.count() == 0


def test_a_space_that_is_not_let_is_not_offered():
    with pytest.raises(SpaceClosed):
        offered(space=SpaceFactory(active=False))
