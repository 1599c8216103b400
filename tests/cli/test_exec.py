"""``meetingsim exec``: a server around another command, which gets its streams, its signals and its exit code."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from meetingsim.cli import main
from tests.cli.conftest import MEETINGSIM, PATIENCE, Cli, Ran, clean_env, run

ASK = """
import json, os, sys, urllib.request
def ask(path, body=None):
    request = urllib.request.Request(os.environ["MEETINGSIM_URL"] + path, body and json.dumps(body).encode())
    request.add_header("Authorization", "Bearer " + os.environ["MEETINGSIM_ADMIN_TOKEN"])
    request.add_header("Content-Type", "application/json")
    return json.load(urllib.request.urlopen(request))
"""
TRAP = (
    ASK
    + """
import signal
seen = []
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, lambda number, _: seen.append(number))
print(os.environ["MEETINGSIM_URL"], flush=True)
while not seen:
    signal.pause()
# The server's loop, which hands signals on, has run by the time that it has answered twice.
ask("/health"), ask("/health")
print("seen", [int(number) for number in seen], flush=True)
sys.exit(40 + len(seen))
"""
)


def python(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


@pytest.fixture
def executed(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """``meetingsim exec`` in this process, and the command in one of its own: spares a second for each."""

    def here(*argv: str, **env: str) -> Ran:
        for name in [*os.environ]:
            if name.startswith("MEETINGSIM_") and name not in env:
                monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        code = main(["exec", *argv])
        return Ran(code, *capfd.readouterr())

    return here


def test_the_command_finds_the_server_and_is_its_admin() -> None:
    ran = run("exec", *python(ASK + "print(json.dumps([ask('/health')['status'], ask('/api/v1/reports')['reports']]))"))
    assert (ran.code, ran.json, ran.err) == (0, [["ok", []]], "")


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -TERM $$", 143)],
)
def test_the_exit_code_is_handed_on(script: str, code: int, executed: Cli) -> None:
    ran = executed("--", "sh", "-c", script)
    assert (ran.code, ran.out, ran.err) == (code, "", "")


def test_the_commands_streams_and_arguments_are_its_own() -> None:
    ran = run("exec", "--", "sh", "-c", 'cat; echo "$@" >&2', "sh", "--port", "a b", "--", stdin="typed\n")
    assert (ran.code, ran.out, ran.err) == (0, "typed\n", "--port a b --\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SHOW = ["--", "sh", "-c", "echo $MEETINGSIM_URL"]


def test_the_port_is_free_unless_it_is_told(executed: Cli) -> None:
    port = free_port()
    assert executed("--port", str(port), *SHOW).out == f"http://127.0.0.1:{port}\n"
    assert executed(*SHOW, MEETINGSIM_PORT=str(port)).out == f"http://127.0.0.1:{port}\n"
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        usual = taken.connect_ex(("127.0.0.1", 8765)) == 0
        if not usual:
            taken.bind(("127.0.0.1", 8765))
            taken.listen()
        chosen = urlsplit(executed(*SHOW).out.strip()).port
    assert chosen not in {None, 8765}


def test_flags_are_those_of_serve(tmp_path: Path, executed: Cli) -> None:
    advance = ASK + "print(ask('/api/v1/clock', {'advance': '7d'})['now'])"
    flags = ["--clock", "manual", "--seed", "3", "--data", str(tmp_path)]
    assert executed(*flags, *python(advance)).out.endswith("Z\n")
    assert (tmp_path / "meetingsim.db").exists()


def test_tokens_of_another_server_are_not_shown_to_this_one(executed: Cli) -> None:
    foreign = {"MEETINGSIM_TOKEN": "t", "MEETINGSIM_HOST_TOKEN": "h", "MEETINGSIM_URL": "http://192.0.2.1"}
    show = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('MEETINGSIM_')}))"
    (found,) = executed(*python(show), MEETINGSIM_ADMIN_TOKEN="of-my-own", **foreign).json
    assert found.pop("MEETINGSIM_URL").startswith("http://127.0.0.1:")
    assert found == {"MEETINGSIM_ADMIN_TOKEN": "of-my-own"}


# What cannot be run.


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        ([], 2, "say -- and a command to run, as in meetingsim exec -- pytest; see meetingsim exec --help"),
        (["pytest"], 2, "say -- and a command to run, as in meetingsim exec -- pytest; see meetingsim exec --help"),
        (["--"], 2, "say a command to run, as in meetingsim exec -- pytest; see meetingsim exec --help"),
        (["x", "--", "true"], 2, "got unexpected extra argument(s) (x); see meetingsim exec --help"),
        (["--portal", "1", "--", "true"], 2, "no such option: --portal (Possible options: --port)"),
        (["--json", "--", "true"], 2, "no such option: --json"),
        (["--public-url", "x", "--", "true"], 2, "--public-url"),
        (["--", "no-such-command-17"], 127, "there is no command 'no-such-command-17'"),
        (["--", "./no-such-file"], 127, "there is no command './no-such-file'"),
        (["--", "\x1b[2J"], 127, "there is no command '\\x1b[2J'"),
        (["--", ""], 127, "there is no command ''"),
        (["--", __file__], 126, f"{__file__!r} cannot be run: it is not executable"),
        (["--", "/"], 126, "'/' cannot be run: it is not executable"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(argv: list[str], code: int, said: str, cli: Cli) -> None:
    ran = cli("exec", *argv)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"meetingsim: {said}")
    assert ran.err.count("\n") == 1


def test_a_script_whose_interpreter_is_missing(tmp_path: Path, executed: Cli) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    ran = executed("--", str(script))
    assert (ran.code, ran.out) == (126, "")
    assert ran.err == f"meetingsim: {str(script)!r} cannot be run: its interpreter is not there\n"


def test_a_server_that_cannot_start_runs_nothing(executed: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = executed("--port", str(taken.getsockname()[1]), "--", "echo", "ran")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.count("\n") == 1


# Signals, and the end.


@contextmanager
def trapping(**how: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that waits for a signal, and the address of its server."""
    with subprocess.Popen(
        [*MEETINGSIM, "exec", *python(TRAP)],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_env(),
        start_new_session=True,
        **how,  # type: ignore[call-overload]  # what a test adds
    ) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def is_there(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_to_the_server_is_the_commands_and_the_server_ends_behind_it(number: signal.Signals) -> None:
    with trapping() as (process, url):
        assert is_there(url)
        process.send_signal(number)
        out, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (41, f"seen [{int(number)}]\n")
    assert not is_there(url)


def test_ctrl_c_at_a_terminal_reaches_the_command_once() -> None:
    ours, theirs = os.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    try:
        with trapping(stdin=theirs, preexec_fn=take_terminal) as (process, _):
            os.write(ours, b"\x03")
            out, _ = process.communicate(timeout=PATIENCE)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (process.returncode, out) == (41, f"seen [{int(signal.SIGINT)}]\n")


def test_a_command_that_ctrl_c_ends_is_130() -> None:
    process = subprocess.Popen(
        [*MEETINGSIM, "exec", "--", "sh", "-c", "echo ready; exec sleep 600"],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_env(),
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130


def test_the_command_may_be_of_this_command_line(executed: Cli) -> None:
    ran = executed("--", *MEETINGSIM, "events", "99999999999")
    assert (ran.code, ran.out) == (1, "")
    assert "no_such_meeting" in ran.err
