from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from incubator.common.display import GFLOP_PER_PFH

MAX_PFH = Decimal(200_000_000)


class EstimateForm(forms.Form):
    """What a job would cost: so many GPUs of a kind for so many hours."""

    kind = forms.ChoiceField(label=_("GPU"))
    gpus = forms.IntegerField(
        label=_("How many"),
        validators=[MinValueValidator(1), MaxValueValidator(1_000)],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "6"}),
    )
    hours = forms.IntegerField(
        label=_("Hours"),
        help_text=_("Three days are 72 hours."),
        validators=[MinValueValidator(1), MaxValueValidator(8_760)],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "6"}),
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class PetaflopHoursField(forms.DecimalField):
    """An amount typed in PF·h, at most three decimals. Cleans to whole GFLOP."""

    def __init__(self, *, min_value: Decimal = Decimal("0.001"), **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("In PF·h, at most three decimals."))
        super().__init__(min_value=min_value, max_value=MAX_PFH, decimal_places=3, max_digits=12, **kwargs)

    def clean(self, value: Any) -> int | None:
        amount = super().clean(value)
        return None if amount is None else int((amount * GFLOP_PER_PFH).to_integral_value(ROUND_HALF_UP))
