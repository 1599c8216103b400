"""``meetingsim host`` against a server: what it says, what it does, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from meetingsim.cli.host import GRAMMARS
from meetingsim.cli.hosting import row_of
from meetingsim.clients import Connection, MeetingHandle, Server, guest
from meetingsim.state.controls import TABLE

from .conftest import Cli, Ran, Service

OPEN: dict[str, Any] = {"waiting_room": {"enabled": False}}


class Hosted:
    """A meeting, guests in it by name, and the command line for its host."""

    def __init__(self, service: Service, cli: Cli, meeting: MeetingHandle) -> None:
        self.service = service
        self.meeting = meeting
        self._cli = cli

    def host(self, *argv: str, **env: str) -> Ran:
        return self._cli("host", self.meeting.id, *argv, **self.service.where, **env)

    def came(self, *names: str, leaves: bool = False) -> list[str]:
        """Lets guests come and lose their connection, or leave; their ids."""

        async def come(server: Server) -> list[str]:
            meeting = server.meeting(self.meeting.id)
            passcode = self.meeting.passcode
            ids = []
            for name in names:
                conn = Connection(meeting.socket_url)
                async with conn:
                    await conn.join(name, passcode=passcode)
                    ids.append(conn.participant)
                    if leaves:
                        await conn.leave()
            return ids

        return self.service.call(come)

    @property
    def types(self) -> list[str]:
        return self.service.types(self.meeting)


@pytest.fixture
def waiting(service: Service, cli: Cli) -> Hosted:
    return Hosted(service, cli, service.meeting())


@pytest.fixture
def hosted(service: Service, cli: Cli) -> Hosted:
    return Hosted(service, cli, service.meeting(**OPEN))


def test_help_lists_every_control_of_the_table(cli: Cli) -> None:
    ran = cli("host", "--help")
    assert (ran.code, ran.err) == (0, "")
    for control in TABLE:
        listed = f"  {control.name.replace('_', '-')} " in ran.out
        assert listed is control.http, control.name
    assert "  people " in ran.out
    assert set(GRAMMARS) == {control.name for control in TABLE if control.http}


@pytest.mark.parametrize("argv", [["remove", "--help"], ["123", "remove", "--help"], ["123", "--help", "remove"]])
def test_help_of_a_control(argv: list[str], cli: Cli) -> None:
    ran = cli("host", *argv)
    assert ran.code == 0
    assert ran.out.startswith("Usage: meetingsim host MEETING remove PARTICIPANT [--may-return]")
    assert "For: host, cohost." in ran.out


def test_help_by_a_short_name(cli: Cli) -> None:
    assert cli("host", "region", "--help").out.startswith(
        "Usage: meetingsim host MEETING set-region-rule off|approve|deny"
    )


def test_a_control_says_what_happened(hosted: Hosted) -> None:
    ran = hosted.host("lock")
    assert (ran.code, ran.out, ran.err) == (0, "admin locked the meeting\n", "")
    assert hosted.types[-1] == "locked"


def test_what_was_so_already_is_said_on_stderr(hosted: Hosted) -> None:
    hosted.host("lock")
    ran = hosted.host("lock")
    assert (ran.code, ran.out, ran.err) == (0, "", "nothing changed: it was so already\n")


def test_json_is_what_the_server_answers_in_one_line(hosted: Hosted) -> None:
    ran = hosted.host("--json", "lock")
    (answer,) = ran.json
    assert [event["type"] for event in answer["events"]] == ["locked"]
    assert answer["seq"] == answer["events"][0]["seq"]
    (again,) = hosted.host("lock", "--json").json
    assert again["events"] == []


def test_people_may_be_named(hosted: Hosted) -> None:
    (mia,) = hosted.came("Mia Brown")
    ran = hosted.host("remove", "mia", "brown", "--report", "spam", "--report-text", "adverts")
    assert ran.code == 0
    assert ran.lines[0] == "Mia Brown was removed by admin"
    assert ran.lines[1].startswith("report r")
    (report,) = hosted.service.call(lambda server: server.reports(meeting=hosted.meeting.id))["reports"]
    assert (report["issue"], report["text"]) == ("spam", "adverts")
    assert report["subjects"] == [mia]


def test_people_may_be_named_by_their_id(waiting: Hosted) -> None:
    (mia,) = waiting.came("Mia")
    ran = waiting.host("deny", mia)
    assert (ran.code, ran.out) == (0, "Mia was denied by admin\n")


def test_nobody_and_several_of_a_name(waiting: Hosted) -> None:
    ran = waiting.host("admit", "Kim")
    assert (ran.code, ran.out, ran.err) == (1, "", "meetingsim: nobody is called 'Kim'\n")
    first, second = waiting.came("Mia", "Mia")
    ran = waiting.host("admit", "Mia")
    assert (ran.code, ran.err) == (1, f"meetingsim: several people are called 'Mia': say one of {first}, {second}\n")


def test_of_two_with_one_name_the_one_who_is_there(waiting: Hosted) -> None:
    (gone,) = waiting.came("Mia", leaves=True)
    (here,) = waiting.came("Mia")
    assert gone != here
    ran = waiting.host("deny", "Mia", "--json")
    assert [event["participant"] for event in ran.json[0]["events"]] == [here]


def test_a_refusal_is_one_line(waiting: Hosted) -> None:
    (mia,) = waiting.came("Mia")
    ran = waiting.host("mute", mia)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "meetingsim: refused, not_inside: That person is not inside the meeting\n"


def test_people_lists_who_is_inside_and_who_waits(waiting: Hosted) -> None:
    assert waiting.host("people").err == "nobody is there\n"
    (mia,) = waiting.came("Mia\x1b[31m")
    (bo,) = waiting.came("B\u202eo")
    ran = waiting.host("people")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.lines] == [mia, bo]
    assert "waits (waiting_room)" in ran.out
    assert not set(ran.out) & set("\x1b\u202e")
    assert [row["id"] for row in waiting.host("people", "--json").json] == [mia, bo]


def test_a_server_that_hands_on_anything_does_no_harm() -> None:
    shown = row_of({"id": "p1\x1b", "name": "\x9bMia\u202e", "role": "host", "country": "\x07", "hand": True})
    assert shown == "p1\\x1b  \\x07   host                      \\x9bMia\\u202e  hand"


def test_region_and_its_countries(hosted: Hosted) -> None:
    ran = hosted.host("region", "deny", "KP", "IR")
    assert ran.out == ("admin set the region rule: mode deny, countries IR, KP, unknown deny, anonymous allow\n")
    refused = hosted.host("region", "deny", "XX")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("meetingsim: refused, invalid_rule: ")


def test_the_join_link_names_the_meeting_too(service: Service, cli: Cli, hosted: Hosted) -> None:
    link = hosted.meeting.join_url
    assert link is not None
    ran = cli("host", link, "lock", "--token", service.admin_token)
    assert ran.code == 0
    assert hosted.types[-1] == "locked"


def test_the_host_token_acts_as_the_host(cli: Cli, hosted: Hosted) -> None:
    token = hosted.meeting.host_token
    assert token is not None
    ran = cli("host", f"--url={hosted.service.url}", "--token", token, hosted.meeting.id, "lock")
    assert ran.out == "host locked the meeting\n"


async def _present(server: Server, meeting: MeetingHandle) -> None:
    async with guest(meeting, "Mia") as mia:
        await mia.set_audio(True)
        done = await server.meeting(meeting.id).mute(mia.participant)
        assert [event["by"] for event in done.events] == ["admin"]


def test_what_the_sdk_does_the_command_line_reads(hosted: Hosted, cli: Cli) -> None:
    hosted.service.call(lambda server: _present(server, hosted.meeting))
    ran = cli("events", hosted.meeting.id, "--type", "audio-changed", **hosted.service.where)
    assert [line.split("  ")[-1] for line in ran.lines if "audio" in line] == ["Mia: audio on", "Mia: audio off"]
