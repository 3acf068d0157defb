"""Which pages a browser visits as whom: the rows of the permission matrix that answer 200 with a page."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page, Response

from tests.permissions.matrix import (
    ACCOUNT_ROWS,
    ADVISER_ROWS,
    FOUNDER_ROWS,
    INTAKE_ROWS,
    INVESTOR_ROWS,
    PUBLIC_ROWS,
    REVIEW_ROWS,
    Row,
)

from .conftest import Camp

PLACES: dict[str, tuple[str | None, list[Row]]] = {
    "public": (None, [*PUBLIC_ROWS, *ACCOUNT_ROWS, *INTAKE_ROWS]),
    "account": ("owner", ACCOUNT_ROWS),
    "founder": ("owner", FOUNDER_ROWS),
    "investor": ("investor", INVESTOR_ROWS),
    "adviser": ("adviser", ADVISER_ROWS),
    "reviewer": ("reviewer", REVIEW_ROWS),
}
NO_PAGES = {  # answers for machines, and files
    "healthz",
    "readyz",
    "schema",
    "compute:statement_file",
    "leases:photo",
    "papers:file",
    "leases:contract_pdf",
    "leases:handover_picture",
    "intake:call_file",
    "review:file",
    "invest:calendar",
    "invest:table",
    "consulting:file",
    "advise:file",
    "advise:report_file",
    "consulting:report_file",
    "programmes:material",
    "teach:material",
    "deadlines:calendar",
    "deadlines:evidence",
    "helpdesk:photo",
    *(
        f"{place}:{name}"
        for place in ("demoday", "demoday_invest")
        for name in ("sheet", "calendar", "table")
    ),
    "mentordays:sheet",
    "advise_mentordays:sheet",
    "dataroom:file",
    "dataroom:as_firm_picture",
    "reading:picture",
    "reading:file",
}


def paths(place: str, camp: Camp) -> Iterator[str]:
    """Every page of a place, by its address in this camp."""
    persona, rows = PLACES[place]
    for row in rows:
        if row.status[persona or "anonymous"] == 200 and row.name not in NO_PAGES:
            yield camp.path(row)


def visit(page: Page, address: str) -> Response:
    """Go there and wait until the page stands; the API's documentation draws itself once it has the schema."""
    response = page.goto(address)
    assert response is not None
    if address == reverse("api-docs"):
        page.locator("#swagger-ui .opblock").first.wait_for()
    return response
