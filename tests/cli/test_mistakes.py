"""Every mistake is answered in one line that says what to do, without a traceback, with the exit code of the contract."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from meetingsim import __version__
from meetingsim.cli import COMMANDS

from .conftest import MEETINGSIM, Cli, Service, clean_env, run


def one_line(err: str) -> str:
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err.removeprefix("meetingsim: ").removeprefix("error: ").strip()


def test_help_lists_every_command() -> None:
    ran = run("--help")
    assert (ran.code, ran.err) == (0, "")
    for name, line in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", ran.out, re.MULTILINE)
    assert run("-h").out == ran.out


def test_without_a_command_the_help_is_no_data() -> None:
    ran = run()
    assert (ran.code, ran.out, ran.err) == (2, "", run("--help").out)


def test_version() -> None:
    ran = run("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"meetingsim {__version__}\n", "")


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["jion"]])
def test_help_and_a_wrong_command_load_nothing_heavy(argv: list[str]) -> None:
    """What --help costs is what it imports."""
    code = (
        "import sys; from meetingsim.cli import main\n"
        f"main({argv!r})\n"
        "print('|', *sorted({name.partition('.')[0] for name in sys.modules} & {'typer', 'click', 'rich', 'asyncio',"
        " 'websockets', 'httpx2', 'pydantic', 'fastapi', 'uvicorn', 'geoip2'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "|"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_and_needs_no_server_for_it(name: str, cli: Cli) -> None:
    ran = cli(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: meetingsim {name} ")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_of_a_command_does_not_load_what_it_runs(name: str) -> None:
    code = (
        "import sys; from meetingsim.cli import main\n"
        f"main([{name!r}, '--help'])\n"
        "print('|', *sorted({name.partition('.')[0] for name in sys.modules} & {'rich', 'websockets', 'httpx2',"
        " 'pydantic', 'fastapi', 'uvicorn', 'geoip2'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "|"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["jion"], "there is no command 'jion' (did you mean 'join'?); see meetingsim --help"),
        (["frobnicate"], "there is no command 'frobnicate'; see meetingsim --help"),
        (["\x1b[2J"], "there is no command '\\x1b[2J'; see meetingsim --help"),
        (["--port", "1"], "there is no option '--port'; see meetingsim --help"),
        (["join"], "missing argument 'LINK'; see meetingsim join --help"),
        (["events"], "missing argument 'MEETING'; see meetingsim events --help"),
        (["why"], "missing argument 'MEETING'; see meetingsim why --help"),
        (["why", "1"], "missing argument 'PERSON'; see meetingsim why --help"),
        (["completion"], "missing argument 'SHELL'. Choose from: bash, zsh, fish; see meetingsim completion --help"),
        (["exec"], "say -- and a command to run, as in meetingsim exec -- pytest; see meetingsim exec --help"),
        (["geo"], "missing argument 'ADDRESS...'; see meetingsim geo --help"),
        (
            ["events", "1", "--folow"],
            "no such option: --folow (Possible options: --follow); see meetingsim events --help",
        ),
        (["events", "1", "--type", "admited"], "there is no event 'admited' (did you mean 'admitted'?)"),
        (["events", "1/2"], "'1/2' is neither a meeting's id nor a link to one"),
        (
            ["join", "http://127.0.0.1:1/"],
            "'http://127.0.0.1:1/' names no meeting: its path should end with the meeting's id",
        ),
        (["join", "1", "--url", "nowhere"], "'nowhere' is no server's address; one looks like http://127.0.0.1:8765"),
        (["host"], "say a meeting and what to do with it; see meetingsim host --help"),
        (["host", "1"], "say a meeting and what to do with it; see meetingsim host --help"),
        (
            ["host", "1", "admt", "p1"],
            "there is no control 'admt' (did you mean 'admit'?); meetingsim host --help lists them",
        ),
        (["host", "1", "admit"], "admit: say PARTICIPANT, too; usage: admit PARTICIPANT [--if-seq IF-SEQ]"),
        (["host", "1", "lock", "--url"], "--url needs a value; see meetingsim host --help"),
        (["host", "1", "chat", "hello"], "'chat' is what people do for themselves: come with meetingsim join"),
    ],
)
def test_bad_usage(argv: list[str], said: str, cli: Cli) -> None:
    ran = cli(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert one_line(ran.err) == said


@pytest.mark.parametrize(
    "argv", [["join", "1"], ["host", "1", "lock"], ["host", "1", "people"], ["events", "1"], ["why", "1", "x"]]
)
def test_no_server_there(argv: list[str], cli: Cli) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    ran = cli(*argv, "--url", url)
    assert (ran.code, ran.out) == (5, "")
    assert one_line(ran.err) == (
        f"no server answers at {url}: start one with 'meetingsim serve', or say where it is with --url"
    )


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = run("serve", "--port", str(port))
    assert (ran.code, ran.out) == (5, "")
    said = one_line(ran.err)
    assert str(port) in said
    assert "--port 0" in said


@pytest.mark.parametrize("argv", [["serve", "--port", "0", "--geoip-db"], ["geo", "192.0.2.1", "--geoip-db"]])
def test_a_database_of_the_wrong_type(argv: list[str], no_database: Path) -> None:
    ran = run(*argv, str(no_database))
    assert (ran.code, ran.out) == (2, "")
    assert str(no_database) in one_line(ran.err)


def test_beyond_this_machine_without_a_token() -> None:
    ran = run("serve", "--host", "0.0.0.0", "--port", "0")
    assert (ran.code, ran.out) == (2, "")
    assert "MEETINGSIM_ADMIN_TOKEN" in one_line(ran.err)


@pytest.mark.parametrize(
    "argv", [["serve", "--port", "x"], ["serve", "--port", "65536"], ["serve", "--clock", "wrong"]]
)
def test_a_setting_that_cannot_be(argv: list[str], cli: Cli) -> None:
    ran = cli(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert argv[1] in one_line(ran.err)


def test_a_meeting_that_is_not_there(service: Service, cli: Cli) -> None:
    for argv in (
        ["host", "99999999999", "lock"],
        ["events", "99999999999"],
        ["join", "99999999999"],
        ["why", "99999999999", "x"],
    ):
        ran = cli(*argv, **service.where)
        assert (ran.code, ran.out) == (1, "")
        assert one_line(ran.err) == "refused, no_such_meeting: There is no meeting with this id"


def test_no_token_and_a_wrong_one(service: Service, cli: Cli) -> None:
    meeting = service.meeting()
    without = cli("events", meeting.id, "--url", service.url)
    assert (without.code, without.out) == (1, "")
    assert one_line(without.err).endswith("show a host or admin token with --token or MEETINGSIM_TOKEN")
    wrong = cli("events", meeting.id, "--token", "wrong", **service.where)
    assert (wrong.code, wrong.out) == (1, "")
    assert one_line(wrong.err).endswith("this token is not good for it: show the host's or the admin's")


def test_the_admins_token_of_the_environment_will_do(service: Service, cli: Cli) -> None:
    meeting = service.meeting()
    env = {"MEETINGSIM_URL": service.url, "MEETINGSIM_ADMIN_TOKEN": service.admin_token}
    assert cli("host", meeting.id, "lock", **env).code == 0


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("argv", [["events", "{}"], ["--help"], ["host", "--help"]])
def test_a_reader_who_has_seen_enough(argv: list[str], buffered: str, service: Service) -> None:
    meeting = service.meeting()
    with subprocess.Popen(
        [*MEETINGSIM, *(word.format(meeting.id) for word in argv)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=service.env | {"PYTHONUNBUFFERED": buffered},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_no_color_and_no_terminal_mean_no_escapes() -> None:
    for env in (clean_env(), clean_env(NO_COLOR="1", TERM="xterm-256color")):
        ran = run("geo", "192.0.2.1", "bogus", env=env)
        assert "\x1b" not in ran.out + ran.err


def test_the_module_and_the_script_are_the_same() -> None:
    script = Path(sys.executable).with_name("meetingsim")
    if not os.access(script, os.X_OK):
        pytest.skip("the package is not installed here")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, run("--version").out)
