"""How the commands of each cluster are reached: the environment's `SLURM_COMMANDS`, a JSON object of words by cluster."""

from __future__ import annotations

import json
import shlex


class BadSlurmCommands(ValueError):
    """`SLURM_COMMANDS` is no JSON object of texts."""


def slurm_commands(text: str) -> dict[str, list[str]]:
    """The words in front of a command by cluster name: `{"gjlab": "ssh login"}` gives `{"gjlab": ["ssh", "login"]}`.

    :raises BadSlurmCommands: naming what is wrong.
    """
    if not text.strip():
        return {}
    try:
        said = json.loads(text)
        if not isinstance(said, dict) or not all(isinstance(words, str) for words in said.values()):
            raise ValueError("no object of texts")
        return {name: shlex.split(words) for name, words in said.items()}
    except ValueError as error:
        example = '{"gjlab": "ssh login"}'
        raise BadSlurmCommands(f"SLURM_COMMANDS must be like {example}: {error}") from error
