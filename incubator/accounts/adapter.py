from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class CampAccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail; accounts come from invitations only."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def get_login_redirect_url(self, request: Any) -> str:
        return "/start/"

    def set_password(self, user: Any, password: str) -> None:
        """Writes the one column that the role of the sign-in pages may change."""
        user.set_password(password)
        user.save(update_fields=["password"])
