"""``/client.js`` and its types: served from anywhere that is allowed, up to date, and one method for every command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

import httpx2
import pytest

from meetingsim.clients import LinkInvalid
from meetingsim.clients.links import invitation
from meetingsim.clients.refusals import refusal_of
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Control
from meetingsim.state.controls import EVENTS, TABLE
from scripts.client_js import FILES, NO_EVENTS, STATIC
from tests.javascript.node import Node, needs_node, node
from tests.wire import Server, running

COMMANDS = [control for control in TABLE if control.socket]
TYPES = (STATIC / "client.d.ts").read_text("utf-8")
KINDS = {"client.js": "text/javascript; charset=utf-8", "client.d.ts": "text/plain; charset=utf-8"}


def get(url: str, **headers: str) -> httpx2.Response:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.get(url, headers=said, verify=False, trust_env=False)


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_file_is_up_to_date(name: str) -> None:
    assert (STATIC / name).read_text("utf-8") == FILES[name](), "run: python -m scripts.client_js"


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_file_is_served_and_asked_after(server: Server, name: str) -> None:
    url = f"{server.url}/{name}"
    found = get(url)
    assert (found.status_code, found.headers["content-type"]) == (200, KINDS[name])
    assert found.text == (STATIC / name).read_text("utf-8")
    tag = found.headers["etag"]
    for said in (tag, f'W/{tag}, "other"', "*"):
        again = get(url, If_None_Match=said)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert get(url, If_None_Match='"other"').status_code == 200


def test_an_allowed_origin_may_import_it_and_no_other() -> None:
    with running(allow_origin=["https://app.example"]) as one:
        url = f"{one.url}/client.js"
        allowed, known = (
            get(url, Origin="https://app.example"),
            get(url, Origin="https://app.example", If_None_Match="*"),
        )
        for answer, status in ((allowed, 200), (known, 304)):
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (
                status,
                "https://app.example",
            )
        refused = get(url, Origin="https://evil.example")
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers


def test_the_types_have_every_command_event_and_refusal() -> None:
    declared = re.findall(r"^  (\w+)\(.*\): (?:string|Promise<Reply>);$", TYPES.split("class Commands {")[1], re.M)
    assert declared[: len(COMMANDS)] == [control.name for control in COMMANDS]
    frames = TYPES.split("interface Frames {")[1].split("}")[0]
    names = re.findall(r"^  (\w+): \w+;$", frames, re.M)
    assert set(names) == {name for name in EVENTS if name != "created"} | {*NO_EVENTS} - {"unreadable"}
    assert set(re.findall(r'^  \| "(\w+)"', TYPES, re.M)) == set(REFUSALS)


def test_what_the_connection_tells_of_itself_is_no_word_of_the_contract() -> None:
    assert not {*NO_EVENTS, "changed", "lost", "closed"} & set(EVENTS)


@pytest.fixture(scope="module")
def asked() -> Iterator[Node]:
    """A node with the module."""
    with node("answers.mjs") as one:
        yield one


@needs_node
def test_every_command_of_the_socket_is_a_method_and_nothing_else_is(asked: Node) -> None:
    assert asked.ask({"ask": "commands", "of": None}) == [control.name for control in COMMANDS]


@needs_node
@pytest.mark.parametrize("control", COMMANDS, ids=lambda control: control.name)
def test_a_method_sends_its_command_with_its_fields(asked: Node, control: Control) -> None:
    every = fields(control.command)  # type: ignore[arg-type]  # every command is a dataclass
    values: dict[str, Any] = {one.name: f"<{one.name}>" for one in every}
    required = [one.name for one in every if one.default is MISSING and one.default_factory is MISSING]
    optional = {name: value for name, value in values.items() if name not in required}
    said = [*(values[name] for name in required), *([optional] if optional else [])]
    assert asked.ask({"ask": "sent", "of": [control.name, said]}) == [[control.name, *([values] if values else [])]]


HOME = "https://meet.example"
LINKS = [
    f"{HOME}/j/123",
    f" {HOME}/j/123/ ",
    f"{HOME}/j/123#passcode=a%20b",
    f"{HOME}/j/123?passcode=old#passcode=new",
    f"{HOME}/j/123?passcode=482",
    f"{HOME}/j/123#ticket=t.1&passcode=9",
    f"{HOME}/j/123#passcode=",
    f"{HOME}/behind/j/123",
    f"{HOME}:8443/api/v1/meetings/123",
    "ws://127.0.0.1:8765/api/v1/meetings/123/socket",
    "wss://meet.example/api/v1/meetings/123/socket/",
    "701 1223-3445",
    f"{HOME}/j/",
    f"{HOME}/",
    "ftp://meet.example/j/123",
    "what is this?",
    "",
]


@needs_node
def test_a_link_is_read_as_python_reads_it(asked: Node) -> None:
    found = asked.ask({"ask": "links", "of": [{"link": link} for link in LINKS]})
    for link, answer in zip(LINKS, found, strict=True):
        try:
            read = invitation(link)
        except LinkInvalid:
            assert answer == {"error": "LinkInvalid"}, link
            continue
        expected = {"url": read.url, "meeting": read.meeting, "passcode": read.passcode, "ticket": read.ticket}
        assert answer == {**expected, "socket_url": read.socket_url}, link


@needs_node
def test_a_refusal_is_read_as_python_reads_it(asked: Node) -> None:
    errors: list[dict[str, Any]] = [{"code": code, "detail": "why"} for code in REFUSALS]
    errors += [{"code": "locked", "temporary": False, "rule": "locked", "door": "socket"}, {"title": "Gone"}, {}]
    errors.append(
        {"type": "about:blank", "title": "Not found", "status": 404, "code": "no_such_meeting", "detail": "?"}
    )
    for error, read in zip(errors, asked.ask({"ask": "refusals", "of": errors}), strict=True):
        true = refusal_of(error)
        assert read.pop("name") == "RefusedError"
        known = {name: getattr(true, name) for name in ("code", "detail", "status", "temporary", "because")}
        assert read == known
