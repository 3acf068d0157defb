"""Expected failures. Every service raises subclasses of DomainError; every edge knows how to show one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal in words.

    `code` is stable and public (the API sends it); `message` is a translatable text in which `params` are
    filled; `field` names the form field or API attribute to blame, or None for the whole.
    `status` is the HTTP status that the API answers with.
    """

    code = "refused"
    message: Any = _("This could not be done.")
    field: str | None = None
    status = 409

    def __init__(self, message: Any = None, *, field: str | None = None, **params: Any) -> None:
        if message is not None:
            self.message = message
        if field is not None:
            self.field = field
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.params if self.params else text


class NotAllowed(DomainError):
    code = "not_allowed"
    message = _("You may not do this.")
    status = 403


class Invalid(DomainError):
    """A value breaks a rule of its own field; made from Django's ValidationError by `validate`."""

    code = "invalid"
    status = 400


@contextmanager
def refusing(
    errors: Mapping[str, type[DomainError] | DomainError], *, savepoint: bool = True
) -> Iterator[None]:
    """Run the block in a savepoint and turn the violation of a named constraint into its DomainError.

    Keys are names of constraints (or the start of one). A violation that is not listed goes through unchanged: it is a bug.
    Without the savepoint the refusal has to leave the caller's own atomic block, whose work it takes back.
    """
    try:
        with transaction.atomic(savepoint=savepoint):
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        for key, refusal in errors.items():
            if name.startswith(key):
                raise (refusal() if isinstance(refusal, type) else refusal) from error
        raise


def validate(instance: Any, *, exclude: set[str] | None = None) -> None:
    """`full_clean` without the database's constraints (the database says those itself), as a DomainError.

    Raises Invalid for the first field in error, with `field` set.
    """
    from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

    try:
        instance.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
