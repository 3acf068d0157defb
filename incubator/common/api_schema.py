"""How the API's description tells machines to sign in."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ActingAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = "incubator.common.api_settings.ActingAuthentication"
    name = "bearerToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token that a manager made; shown once."}
