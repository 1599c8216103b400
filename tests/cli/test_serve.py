"""``meetingsim serve`` as a process: the one line on stdout, how it stops, and what it says where it cannot start."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from meetingsim.serving import listen, open_world, server_of, until_started
from meetingsim.settings import ServerSettings
from tests.cli.conftest import MEETINGSIM, PATIENCE, Cli, clean_env
from tests.live.storms import come_true
from tests.wire import Server


@contextmanager
def started(*flags: str, json_line: bool = True, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A server process with pipes; killed if a test leaves it."""
    flags = (*flags, "--json") if json_line else flags
    with subprocess.Popen(
        [*MEETINGSIM, "serve", "--port", "0", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_env(**env),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    return dict(json.loads(process.stdout.readline()))


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, and the rest of stdout and stderr."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def refused(cli: Cli, *flags: str, **env: str) -> tuple[int, str]:
    """Exit code and the one line of a server that does not start; in this process, which is so much faster."""
    ran = cli("serve", "--port", "0", *flags, **env)
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert ran.err.startswith("meetingsim: ")
    assert "Traceback" not in ran.err
    return ran.code, ran.err.strip()


# What it says.


def test_a_log_line_that_cannot_be_written_harms_nobody(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(cli, "--geoip-db", "not-there.mmdb")  # has set up the log, as every start does
    log, stream = structlog.get_logger("meetingsim.test"), io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log.error("one line", meeting="11122233344")
    assert "one line" in stream.getvalue()
    stream.close()
    log.error("nobody reads this")


def test_stdout_has_one_line_and_connections_are_accepted_then() -> None:
    with started() as process:
        said = first_line(process)
        assert set(said) == {"url", "admin_token", "pid"}
        assert said["pid"] == process.pid
        assert httpx2.get(f"{said['url']}/health", verify=False).status_code == 200
        headers = {"Authorization": f"Bearer {said['admin_token']}"}
        assert httpx2.get(f"{said['url']}/api/v1/reports", headers=headers, verify=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        code, out, err = ended(process)
    assert (code, out) == (0, "")
    assert said["url"] in err
    assert "in memory" in err
    assert "Traceback" not in err
    # The token is said once, where whoever asked for it reads it.
    assert said["admin_token"] not in err


def test_for_a_person_everything_is_on_stderr() -> None:
    with started(json_line=False) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(4)]
        assert "http://127.0.0.1:" in lines[0]
        assert "admin_" in lines[2]
        process.send_signal(signal.SIGTERM)
        assert ended(process)[:2] == (0, "")


def test_a_token_and_a_folder_of_ones_own(tmp_path: Path) -> None:
    with started("--data", str(tmp_path), MEETINGSIM_ADMIN_TOKEN="a-secret-of-my-own") as process:
        assert first_line(process)["admin_token"] == "a-secret-of-my-own"
        process.send_signal(signal.SIGTERM)
        code, _, err = ended(process)
    assert code == 0
    assert str(tmp_path) in err
    assert "a-secret-of-my-own" not in err


def test_nobody_reads_what_it_says_and_it_serves_all_the_same() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [*MEETINGSIM, "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=write, stderr=subprocess.PIPE, text=True, env=clean_env()) as process:
        os.close(write)
        # If it never says anything, the end of it is an empty line.
        deadline = threading.Timer(PATIENCE, process.kill)
        deadline.start()
        assert process.stderr is not None
        url = process.stderr.readline().split()[3]
        assert httpx2.get(f"{url}/health", verify=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
        deadline.cancel()
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "Exception" not in err


# How it stops.


@pytest.mark.anyio
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_a_signal_closes_every_socket_and_stream(number: signal.Signals, code: int, tmp_path: Path) -> None:
    with started("--data", str(tmp_path)) as process:
        said = first_line(process)
        server = Server(said["url"], said["admin_token"], None)  # type: ignore[arg-type]  # it is another process
        meeting = await server.meeting()
        async with meeting.host() as host, meeting.guest("Mia") as mia, meeting.connect() as door:
            poll = asyncio.create_task(meeting.get("/events", after=6, type="ended", wait="60s"))
            stream = asyncio.create_task(streamed(server, meeting.id))
            await host.ask("admit", participant=mia.id)
            await mia.placed("inside")
            await come_true(lambda: not poll.done())
            process.send_signal(number)
            for client in (host, mia, door):
                assert (await client.closed())[0] == 4000
            assert (await asyncio.wait_for(poll, PATIENCE))["events"] == []
            assert "event: admitted" in await asyncio.wait_for(stream, PATIENCE)
        found, out, err = await asyncio.to_thread(ended, process)
    assert (found, out) == (code, "")
    assert "Traceback" not in err
    # Only what is said at the start: nothing had to be cancelled.
    assert "Cancel" not in err
    with closing(sqlite3.connect(tmp_path / "meetingsim.db")) as db:
        assert "admitted" in {kind for (kind,) in db.execute("SELECT type FROM events")}
    assert not (tmp_path / "meetingsim.db-wal").exists()


async def streamed(server: Server, meeting: str) -> str:
    """A whole stream of the admin's, from the beginning to its end."""
    async with server.http(server.admin_token) as client:
        response = await client.get(
            f"/meetings/{meeting}/events", headers={"accept": "text/event-stream"}, timeout=PATIENCE
        )
    return response.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_two_signals_are_no_traceback(number: signal.Signals) -> None:
    with started() as process:
        first_line(process)
        process.send_signal(number)
        process.send_signal(number)
        code, out, err = ended(process)
    assert (code, out) == (130 if number == signal.SIGINT else 0, "")
    assert "Traceback" not in err


@pytest.mark.anyio
async def test_a_second_signal_leaves_the_apps_own_end_to_nobody() -> None:
    settings = ServerSettings(port=0)
    with listen(settings) as listening:
        world = await open_world(settings, listening)
        server = server_of(world)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await until_started(server)
        server.handle_exit(signal.SIGTERM, None)
        server.handle_exit(signal.SIGTERM, None)
        await serving
    assert server.force_exit
    assert server.lifespan.shutdown_event.is_set()


# Where it cannot start.


def test_a_port_in_use(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, line = refused(cli, "--port", port)
    assert code == 5
    assert port in line


@pytest.mark.parametrize("host", ["no.such.host.invalid", "x" * 300, "192.0.2.1"])
def test_an_address_that_is_not_ours(host: str, cli: Cli) -> None:
    code, line = refused(cli, "--host", host, MEETINGSIM_ADMIN_TOKEN="t")
    assert code == 5
    assert host in line


@pytest.mark.parametrize(
    "origin", ["*", "app.example", "https://app.example/path", "http://[", "https://a@app.example"]
)
def test_an_origin_that_is_none(origin: str, cli: Cli) -> None:
    code, line = refused(cli, "--allow-origin", origin)
    assert code == 2
    assert "--allow-origin" in line
    assert "https://app.example" in line


@pytest.mark.parametrize("url", ["meet.example", "ftp://meet.example", "https://meet.example#x"])
def test_a_public_url_that_is_none(url: str, cli: Cli) -> None:
    code, line = refused(cli, "--public-url", url)
    assert code == 2
    assert "--public-url" in line


def test_beyond_this_machine_without_a_token(cli: Cli) -> None:
    for token in ({}, {"MEETINGSIM_ADMIN_TOKEN": ""}):
        code, line = refused(cli, "--host", "0.0.0.0", **token)
        assert code == 2
        assert "MEETINGSIM_ADMIN_TOKEN" in line
    code, line = refused(cli, MEETINGSIM_ADMIN_TOKEN="two words")
    assert code == 2
    assert "two words" not in line


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "empty", "wrong type", "damaged"])
def test_a_country_database_that_cannot_be_used(kind: str, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "own.mmdb"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("shopping: milk, eggs")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind != "missing":
        made(path, "GeoIP2-ISP" if kind == "wrong type" else "GeoIP2-Country")
    if kind == "damaged":
        content = path.read_bytes()
        path.write_bytes(content[:100] + content[107:])
    code, line = refused(cli, "--geoip-db", str(path))
    assert code == 2
    assert str(path) in line


def made(path: Path, type: str) -> None:
    writer = MMDBWriter(ip_version=4, database_type=type, languages=["en"], description="made by a test")
    for n in range(100):
        record = {"country": {"iso_code": "BR"}, "continent": {"code": "SA"}, "isp": f"{n}"}
        writer.insert_network(IPSet([f"8.8.{n}.0/24"]), record)
    writer.to_db_file(str(path))


def test_a_country_database_of_ones_own_is_used(tmp_path: Path) -> None:
    path = tmp_path / "own.mmdb"
    made(path, "GeoIP2-Country")
    with started("--geoip-db", str(path)) as process:
        url = first_line(process)["url"]
        found = httpx2.get(f"{url}/api/v1/geo/8.8.7.1", verify=False).json()
        assert (found["country"], found["source"], found["database"]) == ("BR", "database", "GeoIP2-Country")
        process.send_signal(signal.SIGTERM)
        assert ended(process)[0] == 0


@pytest.mark.parametrize("kind", ["a file", "another program's", "no database", "damaged"])
def test_a_data_folder_that_cannot_be_used(kind: str, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "data"
    if kind == "a file":
        folder.write_text("not a folder")
    else:
        folder.mkdir()
    file = folder / "meetingsim.db"
    if kind == "another program's":
        with closing(sqlite3.connect(file)) as db:
            db.execute("CREATE TABLE shopping (what TEXT)")
            db.commit()
    elif kind == "no database":
        file.write_text("shopping: milk, eggs\n" * 100)
    elif kind == "damaged":
        run_once(folder)
        content = bytearray(file.read_bytes())
        content[4096:8192] = b"\xff" * 4096
        file.write_bytes(content)
    code, line = refused(cli, "--data", str(folder))
    assert code == 5
    assert str(folder) in line


def run_once(folder: Path) -> None:
    with started("--data", str(folder)) as process:
        first_line(process)
        process.send_signal(signal.SIGTERM)
        assert ended(process)[0] == 0
