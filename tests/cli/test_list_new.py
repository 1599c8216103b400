"""``meetingsim list`` and ``meetingsim new``: what is shipped, and a scenario to begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from meetingsim.scenarios import library, read_file

from .conftest import Cli


def test_every_shipped_scenario_is_listed_with_what_it_is_about(cli: Cli) -> None:
    ran = cli("list")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.lines] == library.names()
    assert all(len(line.split()) > 3 for line in ran.lines)
    assert len(library.names()) > 20


def test_the_list_for_programs(cli: Cli) -> None:
    ran = cli("list", "--json")
    [said] = ran.json
    assert said.keys() == {"scenarios"}
    assert [one["name"] for one in said["scenarios"]] == library.names()
    for one in said["scenarios"]:
        scenario = read_file(library.file_of(one["name"]))
        assert one == {"name": scenario.name, "summary": scenario.summary}
        assert scenario.summary


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("argv", "file", "name"),
    [
        ((), "my-scenario.scenario.yaml", "my-scenario"),
        (("raid",), "raid.scenario.yaml", "raid"),
        (("2026",), "2026.scenario.yaml", "2026"),
        (("true",), "true.scenario.yaml", "true"),
        (("raid.scenario.yaml",), "raid.scenario.yaml", "raid"),
        (("raid.yaml",), "raid.yaml", "raid"),
        (("raid", "--from", "class-raid"), "raid.scenario.yaml", "raid"),
        (("--from", "class-raid"), "class-raid.scenario.yaml", "class-raid"),
    ],
)
def test_a_scenario_to_begin_with(argv: tuple[str, ...], file: str, name: str, cli: Cli, folder: Path) -> None:
    ran = cli("new", *argv)
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == [f"wrote {file}", f"next: meetingsim run {file}"]
    assert [one.name for one in folder.iterdir()] == [file]
    written = read_file(folder / file)
    assert written.name == name
    assert "#" in (folder / file).read_text()
    if "--from" in argv:
        assert written.model_copy(update={"name": "class-raid"}) == read_file(library.file_of("class-raid"))


def test_in_another_folder_whose_name_a_shell_would_part(cli: Cli, folder: Path) -> None:
    (folder / "my scenarios").mkdir()
    ran = cli("new", "my scenarios/raid")
    assert (ran.code, ran.lines[1]) == (0, "next: meetingsim run 'my scenarios/raid.scenario.yaml'")


def test_nothing_is_written_over(cli: Cli, folder: Path) -> None:
    (folder / "raid.scenario.yaml").write_text("mine")
    ran = cli("new", "raid")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "meetingsim: raid.scenario.yaml is there already, and is left as it is: say another name\n"
    assert (folder / "raid.scenario.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("two words",), "'two words' is no name for a scenario"),
        (("-raid",), "no such option"),
        (("raid", "--from", "clas-raid"), "there is no scenario 'clas-raid' (did you mean 'class-raid'?)"),
        (("nowhere/raid",), "nowhere/raid.scenario.yaml cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_begun(argv: tuple[str, ...], said: str, cli: Cli, folder: Path) -> None:
    ran = cli("new", *argv)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not [*folder.iterdir()]
