"""``meetingsim join`` as a script uses it, and as somebody at a terminal does."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from meetingsim.clients import MeetingHandle, Server

from .conftest import MEETINGSIM, PATIENCE, Service

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}
ID = r"p[0-9a-f]{16}"


@pytest.fixture
def meeting(service: Service) -> MeetingHandle:
    return service.meeting(**OPEN)


def link(meeting: MeetingHandle) -> str:
    assert meeting.join_url is not None
    return meeting.join_url


# A script.


def test_lines_are_commands_and_events_are_lines(service: Service, meeting: MeetingHandle) -> None:
    ran = service.run("join", link(meeting), "--name", "Mia", stdin="chat don't panic\naudio on\n\nhand up\nwho\n")
    assert (ran.code, ran.err) == (0, "closed: left (1000)\n")
    assert re.fullmatch(
        rf"you are inside, as participant \[{ID}\]\n"
        r"Mia to everyone: don't panic\n"
        r"Mia: audio on\n"
        r"Mia: hand on\n"
        rf"{ID}  participant  Mia\n",
        ran.out,
    )
    assert service.types(meeting)[-4:] == ["message", "audio_changed", "hand_changed", "left"]


def test_a_refused_command_is_said_and_counts(service: Service, meeting: MeetingHandle) -> None:
    ran = service.run("join", link(meeting), stdin="lock\nfrobnicate\naudio maybe\nmute Kim\nchat hello\n")
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "not_host: Only the host or a cohost may do that.",
        "there is no control 'frobnicate'; help lists them",
        "'maybe' is no on: say on or off",
        "nobody is called 'Kim'",
        "closed: left (1000)",
    ]
    assert ran.lines[-1] == "Guest to everyone: hello"


def test_leave_is_a_command(service: Service, meeting: MeetingHandle) -> None:
    ran = service.run("join", link(meeting), "--stay", stdin="leave\nchat never\n")
    assert (ran.code, ran.err) == (0, "closed: left (1000)\n")
    assert "message" not in service.types(meeting)


def test_json_is_every_frame_and_has_no_secret(service: Service, meeting: MeetingHandle) -> None:
    assert meeting.host_token is not None
    ran = service.run(
        "join", link(meeting), "--json", stdin="chat h\u00e9 \x9b\n", MEETINGSIM_HOST_TOKEN=meeting.host_token
    )
    assert ran.code == 0
    assert [frame["type"] for frame in ran.json] == ["view", "reply", "message", "reply", "reply"]
    assert ran.json[0]["view"]["me"]["role"] == "host"
    assert ran.json[0]["session"] == "<redacted>"
    assert ran.json[0]["view"]["meeting"]["settings"]["passcode"] == "<redacted>"
    assert str(meeting.passcode) not in ran.out + ran.err
    assert ran.out.isascii()


def test_whoever_waits_can_wait_for_it(service: Service) -> None:
    meeting = service.meeting()
    process = service.start("join", link(meeting), "--name", "Mia", "--country", "BR")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline().startswith("you wait, number 1 in the queue")
    process.stdin.write("wait inside 60\nchat hello\nwait bogus 0.01\n")
    process.stdin.flush()

    async def admit(server: Server) -> None:
        # The changed sign is a fresh view of the same place, which is no news.
        await server.meeting(meeting.id).patch(waiting_room={"title": "Hello"})
        await server.meeting(meeting.id).admit_all()

    service.call(admit)
    out, err = process.communicate(timeout=PATIENCE)
    assert [line.partition(" [")[0] for line in out.splitlines()] == [
        "you are inside, as participant",
        "Mia to everyone: hello",
    ]
    assert err.splitlines() == ["no 'bogus' within 0.01 s", "closed: left (1000)"]
    assert process.returncode == 1


def test_with_nothing_on_stdin_one_stays_and_listens(service: Service, meeting: MeetingHandle) -> None:
    process = subprocess.Popen(
        [*MEETINGSIM, "join", link(meeting)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=service.env,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("you are inside")

    async def raid(server: Server) -> None:
        await server.meeting(meeting.id).lock()
        await server.meeting(meeting.id).end()

    service.call(raid)
    out, err = process.communicate(timeout=PATIENCE)
    assert out.splitlines() == ["admin locked the meeting", "the meeting is over (by admin)"]
    assert (process.returncode, err) == (0, "closed: meeting ended (4502)\n")


def test_whoever_is_removed_is_told_and_it_counts(service: Service, meeting: MeetingHandle) -> None:
    process = service.start("join", link(meeting), "--name", "Mia")
    assert process.stdout is not None
    found = re.search(ID, process.stdout.readline())
    assert found is not None
    mia = found[0]

    async def remove(server: Server) -> None:
        await server.meeting(meeting.id).remove(mia)

    service.call(remove)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (1, "closed: removed (4500)\n")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--passcode", "wrong"], "refused, wrong_passcode: The passcode is wrong"),
        (["--country", "KP"], "refused, region_blocked: This meeting does not accept people from your country (KP)"),
        (["--name", "\u200b"], "refused, name_required: Say a name that has at least one visible character"),
    ],
)
def test_the_door(service: Service, flags: list[str], said: str) -> None:
    meeting = service.meeting(region={"mode": "deny", "countries": ["KP"]})
    ran = service.run("join", link(meeting), *flags)
    assert (ran.code, ran.out, ran.err) == (1, "", f"meetingsim: {said}\n")


def test_ctrl_c_leaves(service: Service, meeting: MeetingHandle) -> None:
    process = service.start("join", link(meeting))
    assert process.stdout is not None
    assert process.stdout.readline().startswith("you are inside")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")
    assert service.types(meeting)[-1] == "left"


def test_names_and_chat_are_harmless(service: Service, meeting: MeetingHandle) -> None:
    evil = "\x1b]0;owned\x07\x9b2J\u202e"
    ran = service.run("join", link(meeting), "--name", f"Mia{evil}", stdin=f"chat {evil}\nwho\n")
    assert ran.code == 0
    assert not set(ran.out + ran.err) & set("\x1b\x07\x9b\u202e")
    assert "\\x1b]0;owned\\x07\\x9b2J\\u202e" in ran.out


# A terminal.


class Terminal:
    """The other end of a pseudo-terminal."""

    def __init__(self, master: int) -> None:
        self._master = master
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def until(self, pattern: str) -> re.Match[str]:
        """Reads until the pattern is on the screen."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < deadline, self.shown
            self._read()
        return found

    def to_the_end(self) -> str:
        while self._read():
            pass
        return self.shown

    def _read(self) -> bool:
        try:
            data = os.read(self._master, 4096)
        except OSError:  # Linux says so once the other side is closed
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def at_a_terminal(service: Service, *argv: str) -> Iterator[tuple[Terminal, subprocess.Popen[bytes]]]:
    master, slave = pty.openpty()
    env = service.env | {"TERM": "xterm", "INPUTRC": "/dev/null"}
    process = subprocess.Popen(
        [*MEETINGSIM, *argv], stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
    )
    os.close(slave)
    try:
        yield Terminal(master), process
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_a_person_types_and_ctrl_d_leaves(service: Service, meeting: MeetingHandle) -> None:
    with at_a_terminal(service, "join", link(meeting), "--name", "Mia") as (terminal, process):
        terminal.until("> ")
        terminal.type("chat good morning\n")
        terminal.until("Mia to everyone: good morning")
        terminal.type("help\n")
        terminal.until("allow audio")
        terminal.type("\x04")
        terminal.until(r"closed: left \(1000\)")
        assert process.wait(PATIENCE) == 0
    assert service.types(meeting)[-1] == "left"


def test_what_happens_meanwhile_leaves_the_typed_line_whole(service: Service, meeting: MeetingHandle) -> None:
    with at_a_terminal(service, "join", link(meeting), "--name", "Mia") as (terminal, _):
        terminal.until("> ")
        terminal.type("chat half a se")
        terminal.until("chat half a se")

        async def lock(server: Server) -> None:
            await server.meeting(meeting.id).lock()

        service.call(lock)
        terminal.until(r"admin locked the meeting\r\n> chat half a se")
        terminal.type("ntence\n")
        terminal.until("Mia to everyone: half a sentence")


def test_at_a_terminal_the_passcode_is_asked_for_and_not_shown(service: Service, meeting: MeetingHandle) -> None:
    with at_a_terminal(service, "join", meeting.id, "--name", "Mia") as (terminal, process):
        terminal.until("Passcode: ")
        terminal.type("wrong\n")
        terminal.until("Passcode: [^$]*Passcode: ")
        terminal.type(f"{meeting.passcode}\n")
        terminal.until("you are inside")
        terminal.type("leave\n")
        assert process.wait(PATIENCE) == 0
        assert str(meeting.passcode) not in terminal.to_the_end()


def test_ctrl_c_and_ctrl_d_at_the_passcode(service: Service, meeting: MeetingHandle) -> None:
    with at_a_terminal(service, "join", meeting.id) as (terminal, process):
        terminal.until("Passcode: ")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert "Traceback" not in terminal.to_the_end()
    with at_a_terminal(service, "join", meeting.id) as (terminal, process):
        terminal.until("Passcode: ")
        terminal.type("\x04")
        terminal.until("refused, wrong_passcode")
        assert process.wait(PATIENCE) == 1
        assert "Traceback" not in terminal.to_the_end()


def test_ctrl_c_at_a_terminal_leaves_and_gives_the_terminal_back(service: Service, meeting: MeetingHandle) -> None:
    with at_a_terminal(service, "join", link(meeting)) as (terminal, process):
        terminal.until("> ")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert "Traceback" not in terminal.to_the_end()
    assert service.types(meeting)[-1] == "left"


def test_no_color_is_honoured_at_a_terminal(service: Service) -> None:
    for no_color, escapes in (("", True), ("1", False)):
        master, slave = pty.openpty()
        env = service.env | {"TERM": "xterm", "NO_COLOR": no_color}
        process = subprocess.Popen([*MEETINGSIM, "geo", "192.0.2.1"], stdin=slave, stdout=slave, stderr=slave, env=env)
        os.close(slave)
        shown = Terminal(master).to_the_end()
        os.close(master)
        assert process.wait(PATIENCE) == 0
        assert ("\x1b[" in shown) is escapes
