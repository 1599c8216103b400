"""``meetingsim events`` and ``meetingsim geo``: data on stdout, everything else on stderr."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from meetingsim.clients import MeetingHandle, RegionBlockedError, Server, connect

from .conftest import PATIENCE, Cli, Service

EVIL = "Kim\x1b[2J\u202e"


async def _locked(server: Server, meeting: MeetingHandle) -> None:
    """A meeting with a reason in it, and somebody at its door with a name that no terminal should see."""
    handle = server.meeting(meeting.id)
    await handle.set_region_rule("deny", countries=["KP"])
    async with connect(meeting.socket_url) as conn:
        with pytest.raises(RegionBlockedError):
            await conn.join(EVIL, passcode=meeting.passcode, country="KP")
    await handle.lock()


@pytest.fixture
def journal(service: Service) -> MeetingHandle:
    meeting = service.meeting()
    service.call(lambda server: _locked(server, meeting))
    return meeting


def test_the_journal_with_its_reasons(service: Service, cli: Cli, journal: MeetingHandle) -> None:
    ran = cli("events", journal.id, **service.where)
    assert (ran.code, ran.err) == (0, "")
    assert not set(ran.out) & set("\x1b\u202e")
    refused = next(n for n, line in enumerate(ran.lines) if "was not let in: region_blocked" in line)
    because = ran.lines[refused + 1].strip()
    assert because.startswith("because rule region_blocked; door socket; country KP; source plan; database ")
    assert ran.lines[-2].endswith("admin locked the meeting")


def test_json_is_the_journal_as_it_is(service: Service, cli: Cli, journal: MeetingHandle) -> None:
    ran = cli("events", journal.id, "--json", **service.where)
    page = service.call(lambda server: server.meeting(journal.id).events(limit=1000))
    assert ran.json == [dict(event) for event in page.events]
    assert ran.out.isascii()


def test_types_and_after(service: Service, cli: Cli, journal: MeetingHandle) -> None:
    def types(*flags: str) -> list[str]:
        return [event["type"] for event in cli("events", journal.id, "--json", *flags, **service.where).json]

    every = types()
    assert types("--type", "locked,region-rule-set") == ["region_rule_set", "locked"]
    assert types("--type", "locked", "--type", "region_rule_set") == ["region_rule_set", "locked"]
    assert types("--after", "1") == every[1:]
    lines = cli("events", journal.id, "--after", "1", **service.where).lines
    assert len([line for line in lines if "because" not in line]) == len(every) - 1


def test_whoever_reads_on_from_the_middle_still_reads_names(service: Service, cli: Cli) -> None:
    meeting = service.meeting(waiting_room={"enabled": False})

    async def visit(_: Server) -> None:
        async with connect(meeting.socket_url) as conn:
            await conn.join("Mia", passcode=meeting.passcode)
            await conn.leave()

    service.call(visit)
    last = len(service.types(meeting))
    ran = cli("events", meeting.id, "--after", str(last - 1), **service.where)
    assert ran.lines[0].endswith("  Mia left")


def test_following_ends_with_the_meeting(service: Service) -> None:
    meeting = service.meeting()
    process = service.start("events", meeting.id, "--follow", "--json")
    assert process.stdout is not None
    while "started" not in process.stdout.readline():
        pass

    async def end(server: Server) -> None:
        await server.meeting(meeting.id).lock()
        await server.meeting(meeting.id).end()

    service.call(end)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert [line.split('"')[3] for line in out.splitlines()] == ["locked", "ended"]


def test_an_ended_meeting_is_not_waited_for(service: Service, cli: Cli) -> None:
    meeting = service.meeting()
    service.call(lambda server: server.meeting(meeting.id).end())
    assert (
        cli("events", meeting.id, "--follow", "--type", "ended", "--json", **service.where).json[0]["type"] == "ended"
    )


def test_ctrl_c_is_no_error_message(service: Service) -> None:
    meeting = service.meeting()
    process = service.start("events", meeting.id, "--follow")
    assert process.stdout is not None
    while "has begun" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")


# geo


def located(cli: Cli, *argv: str) -> tuple[int, list[dict[str, Any]], str]:
    ran = cli("geo", "--json", *argv)
    return ran.code, ran.json, ran.err


def test_where_an_address_is_and_how_that_is_known(cli: Cli) -> None:
    code, rows, err = located(cli, "2001:db8:1000::1", "::ffff:127.0.0.1", "192.0.2.1")
    assert code == 0
    assert [row["address"] for row in rows] == ["2001:db8:1000::1", "127.0.0.1", "192.0.2.1"]
    assert all(set(row) == {"address", "country", "continent", "source", "database", "built"} for row in rows)
    assert [row["source"] for row in rows[1:]] == ["none", "none"]
    assert "db-ip.com" in err


def test_the_plan_is_known_by_its_country(cli: Cli, service: Service) -> None:
    plan = service.call(lambda server: server.request("GET", "geo/plan/BR"))
    address = plan["ipv4"].partition("/")[0]
    _, (row,), _ = located(cli, address)
    assert (row["country"], row["continent"], row["source"]) == ("BR", "SA", "plan")
    ran = cli("geo", address)
    heading, line = ran.lines
    assert heading.split() == ["address", "country", "continent", "source", "database"]
    assert line.startswith(f"{address}  BR Brazil ")
    assert row["built"] in line


def test_what_is_no_address_is_said_and_the_others_are_answered(cli: Cli) -> None:
    ran = cli("geo", "bogus\x1b[2J", "192.0.2.1")
    assert ran.code == 2
    assert len(ran.lines) == 2
    complaint = ran.err.splitlines()[0]
    assert complaint == "meetingsim: 'bogus\\x1b[2J' is not an IP address; one looks like 192.0.2.1 or 2001:db8::1"
    alone = cli("geo", "bogus")
    assert (alone.code, alone.out) == (2, "")


def test_a_database_of_ones_own(cli: Cli, tmp_path: Path) -> None:
    from mmdb_writer import MMDBWriter
    from netaddr import IPSet

    writer = MMDBWriter(
        ip_version=6, ipv4_compatible=True, database_type="GeoLite2-Country", description="made by a test"
    )
    writer.insert_network(IPSet(["8.0.0.0/8"]), {"country": {"iso_code": "AD"}, "continent": {"code": "EU"}})
    path = tmp_path / "own.mmdb"
    writer.to_db_file(str(path))
    code, (row,), err = located(cli, "8.8.8.8", "--geoip-db", str(path))
    assert (code, row["country"], row["database"]) == (0, "AD", "GeoLite2-Country")
    assert "MaxMind" in err
    assert "db-ip" not in err
