"""The scheduler's names for resources, as people say them."""

_KINDS = {"cpu": "CPU", "gres/gpu": "GPU", "mem": "RAM"}


def resource_name(code: str) -> str:
    """H100 for `gres/gpu:h100`, CPU for `cpu`; a code that is no well-known one as it is."""
    kind, _colon, model = code.partition(":")
    if model:
        return model.upper() if kind == "gres/gpu" else f"{kind.removeprefix('gres/')} {model}"
    return _KINDS.get(kind, kind.removeprefix("gres/"))
