"""The base of every API viewset."""

import hashlib
import json
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from .api_settings import problem
from .models import IdempotencyKey


class CampViewSet(GenericViewSet):
    """Base of every API viewset. `get_queryset` starts from a `*_for(user)` selector; POSTs honour Idempotency-Key."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if (
            request.method == "POST"
            and request.headers.get("Idempotency-Key")
            and request.user.is_authenticated
        ):
            return self._once(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def _given(self, request: Any) -> dict[str, Any]:
        """What was sent, cleaned by the action's serializer. Raises DRF's ValidationError."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _once(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers["Idempotency-Key"]
        digest = hashlib.sha256(
            f"{request.method} {request.get_full_path()}\n".encode() + request.body
        ).hexdigest()
        if len(key) > 200:
            return self._refuse(
                request, problem("invalid_idempotency_key", _("The Idempotency-Key is too long."), 400)
            )
        try:
            with transaction.atomic():
                record = IdempotencyKey.objects.create(user_id=request.user.pk, key=key, request_hash=digest)
        except IntegrityError:
            record = IdempotencyKey.objects.get(user_id=request.user.pk, key=key)
            if record.request_hash != digest:
                return self._refuse(
                    request,
                    problem(
                        "idempotency_conflict", _("This Idempotency-Key was used for another request."), 422
                    ),
                )
            return self._refuse(
                request, Response(record.body, status=record.status or 409, headers=record.headers)
            )
        response: Any = super().dispatch(request, *args, **kwargs)
        if response.status_code < 400:
            response.render()
            record.status, record.body = response.status_code, json.loads(response.content or b"null")
            record.headers = {
                name: value for name, value in response.items() if name in ("Location", "Content-Type")
            }
            record.save(update_fields=["status", "body", "headers"])
        return response

    def _refuse(self, request: Any, response: Any) -> Any:
        response.accepted_renderer = JSONRenderer()
        response.accepted_media_type = "application/json"
        response.renderer_context = {}
        return response


def created(data: Any, location: str) -> Response:
    return Response(data, status=status.HTTP_201_CREATED, headers={"Location": location})
