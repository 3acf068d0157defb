import os
from pathlib import Path

import polib
import pytest

from incubator.running.assets import compile_translations
from incubator.running.check import _catalogue_problems
from incubator.running.commands import needs_database
from incubator.running.environment import PROJECT, UnknownEnvironment, camp_environment, var_folder
from incubator.running.run import parts


@pytest.mark.parametrize(
    ("arguments", "environ", "expected"),
    [
        (["migrate"], {}, True),
        (["migrate"], {"DATABASE_URL": ""}, True),
        (["migrate"], {"DATABASE_URL": "postgres://h/camp"}, False),
        (["load_companies", "--help"], {}, False),
        (["verify_statement", "a.json"], {}, False),
        (["--version"], {}, False),
        ([], {}, False),
    ],
)
def test_only_commands_that_ask_the_database_start_it(
    arguments: list[str], environ: dict[str, str], expected: bool
) -> None:
    assert needs_database(arguments, environ) is expected


def test_the_data_folder_is_absolute_and_counts_from_the_project() -> None:
    assert var_folder({}) == PROJECT / "var"
    assert var_folder({"VAR": "other"}) == PROJECT / "other"
    assert var_folder({"VAR": "/srv/camp"}) == Path("/srv/camp")


def test_a_misspelt_environment_never_falls_back_to_local() -> None:
    assert camp_environment({}) == "local"
    with pytest.raises(UnknownEnvironment, match="prodution"):
        camp_environment({"CAMP_ENV": "prodution"})


def test_the_embedded_database_is_a_part_only_while_no_other_is_named() -> None:
    assert [part.name for part in parts(8000, Path("/v"), {})] == ["database", "web", "worker", "beat"]
    named = parts(8000, Path("/v"), {"DATABASE_URL": "postgres://h/camp"})
    assert [part.name for part in named] == ["web", "worker", "beat"]


def test_translations_are_compiled_when_they_are_newer_than_what_was_made(tmp_path: Path) -> None:
    source = tmp_path / "ko" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="Lease", msgstr="입주계약"))
    catalogue.save(str(source))
    assert [compile_translations(tmp_path), compile_translations(tmp_path)] == [1, 0]
    made = source.with_suffix(".mo")
    assert polib.mofile(str(made)).find("Lease").msgstr == "입주계약"
    later = made.stat().st_mtime + 1
    os.utime(source, (later, later))
    assert compile_translations(tmp_path) == 1


def test_missing_fuzzy_stale_and_broken_translations_are_told_apart() -> None:
    def catalogue(*entries: tuple[str, str, list[str]]) -> polib.POFile:
        made = polib.POFile()
        made.extend(polib.POEntry(msgid=text, msgstr=said, flags=flags) for text, said, flags in entries)
        return made

    fresh = catalogue(("Good", "", []), ("New", "", []), ("Unsure", "", []), ("%(n)s rooms", "", []))
    kept = catalogue(
        ("Good", "좋음", []), ("Unsure", "글쎄", ["fuzzy"]), ("Old", "옛것", []), ("%(n)s rooms", "호실", [])
    )
    assert _catalogue_problems("ko", fresh, kept) == [
        "ko: missing: 'New'",
        "ko: fuzzy: 'Unsure'",
        "ko: placeholders differ (%(n)s): '%(n)s rooms'",
        "ko: no longer used: 'Old'",
    ]
