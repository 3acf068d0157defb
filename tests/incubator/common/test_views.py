import pytest
from django.test import RequestFactory

from incubator.common.views import set_contrast


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/portal/?page=2", "/portal/?page=2"),
        ("", "/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_contrast_is_kept_and_the_reader_goes_back_to_our_own_pages_only(target, lands):
    response = set_contrast(RequestFactory().post("/contrast/", {"contrast": "high", "next": target}))
    assert response.status_code == 302
    assert response["Location"] == lands
    assert response.cookies["contrast"].value == "high"


def test_an_unknown_contrast_changes_nothing():
    response = set_contrast(RequestFactory().post("/contrast/", {"contrast": "loud", "next": "/"}))
    assert response.status_code == 302
    assert "contrast" not in response.cookies


def test_contrast_is_changed_by_post_only():
    assert set_contrast(RequestFactory().get("/contrast/")).status_code == 405
