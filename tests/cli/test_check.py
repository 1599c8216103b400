"""``meetingsim check``: what is wrong with scenario files, for people, for programs and for editors."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Cli

GOOD = Path(__file__).parents[1] / "scenarios" / "clinic-queue.scenario.yaml"
BAD = "meetingsim: 1\nname: bad\nduration: 5m\nactors:\n  host: {role: hots, count: '\x1b[2J'}\n"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.scenario.yaml"
    path.write_text(BAD.replace("\x1b", "\\x1b").replace("'", '"'))
    return path


def test_a_right_file_is_ok(cli: Cli) -> None:
    ran = cli("check", str(GOOD))
    assert (ran.code, ran.out, ran.err) == (0, f"{GOOD}: ok\n", "")


def test_all_errors_of_all_files_with_their_lines(cli: Cli, bad: Path) -> None:
    ran = cli("check", str(bad), str(GOOD))
    assert (ran.code, ran.err) == (2, "")
    assert ran.lines[0].startswith(f"{bad}:5:16: error: this should be ")
    assert ran.lines[0].endswith("not 'hots' (did you mean 'host'?)")
    assert ran.lines[2].index("^") == ran.lines[1].index("hots")
    assert ran.lines[3].startswith(f"{bad}:5:29: error: this should be a whole number")
    assert ran.lines[-1] == f"{GOOD}: ok"
    assert "\x1b" not in ran.out


def test_json_for_programs(cli: Cli, bad: Path) -> None:
    ran = cli("check", "--json", str(GOOD), str(bad))
    right, wrong = ran.json
    assert ran.code == 2
    assert right == {"file": str(GOOD), "ok": True, "name": "clinic-queue", "errors": []}
    assert (wrong["file"], wrong["ok"]) == (str(bad), False)
    assert [(one["line"], one["column"]) for one in wrong["errors"]] == [(5, 16), (5, 29)]
    assert wrong["errors"][0].keys() == {"line", "column", "message", "source"}


def test_the_schema_for_editors(cli: Cli) -> None:
    ran = cli("check", "--schema")
    [schema] = ran.json
    assert (ran.code, schema["properties"]["meetingsim"]["const"]) == (0, 1)


def test_a_file_that_cannot_be_read_is_said_and_the_others_are_checked(cli: Cli, tmp_path: Path) -> None:
    ran = cli("check", str(tmp_path / "none.yaml"), str(GOOD))
    assert (ran.code, ran.out) == (2, f"{GOOD}: ok\n")
    assert "none.yaml cannot be read: No such file or directory" in ran.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [((), "missing argument 'FILE...'"), (("--schema", str(GOOD)), "leave the files out")],
)
def test_what_cannot_be_asked_for(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    ran = cli("check", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
