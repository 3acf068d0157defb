"""Pages of the demonstration camp, one of each kind of person, through the whole stack but the network."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from tests.performance.conftest import Bench

PAGES = {
    "": ["/"],
    "founder01@camp.example": [
        "/portal/",
        "/portal/lease/",
        "/portal/credits/",
        "/portal/consulting/",
        "/portal/matches/",
    ],
    "investor01@camp.example": ["/invest/", "/invest/companies/", "/invest/matches/"],
    "manager@camp.example": ["/admin/", "/admin/companies/company/", "/admin/leases/lease/"],
}


@pytest.mark.django_db
def test_pages(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo")
    capsys.readouterr()
    for address, paths in PAGES.items():
        client = Client()
        if address:
            client.force_login(get_user_model()._default_manager.get(email=address))
            client.get("/start/", follow=True)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, (address, path, answer.status_code)
            bench.time(
                f"{address.partition('@')[0] or 'anyone'} {path}", lambda at=path, by=client: by.get(at)
            )
