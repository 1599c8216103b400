"""The AsyncAPI document: every command and event of the table with its payload, and nothing that is told to nobody."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import httpx2
import pytest

from meetingsim.state.codes import CLOSES, REFUSALS
from meetingsim.state.controls import EVENTS, TABLE
from tests.routers.test_openapi import defaults, references
from tests.wire import Server

COMMANDS = [control for control in TABLE if control.socket]
TOLD = [name for name in EVENTS if name != "created"]


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    response = httpx2.get(f"{server.url}/asyncapi.json", verify=False)
    assert response.headers["content-type"] == "application/json"
    return dict(response.json())


@pytest.fixture(scope="module")
def messages(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document["components"]["messages"])


def resolve(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def test_everything_that_is_pointed_at_is_there(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    found = set(references(document))
    assert len(found) > len(COMMANDS) + len(TOLD)
    for reference in found:
        assert resolve(document, reference)


def test_the_server_and_its_one_channel(document: dict[str, Any], server: Server) -> None:
    assert document["servers"]["here"] == {"host": server.url.removeprefix("http://"), "protocol": "ws"}
    (channel,) = document["channels"].values()
    assert channel["address"] == "/api/v1/meetings/{meeting}/socket"
    assert set(channel["parameters"]) == {"meeting"}


def test_who_sends_what(document: dict[str, Any]) -> None:
    def names(operation: str) -> list[str]:
        return [one["$ref"].rpartition("/")[2] for one in document["operations"][operation]["messages"]]

    assert document["operations"]["command"]["action"] == "receive"
    assert names("command") == [f"command.{control.name}" for control in COMMANDS]
    assert document["operations"]["told"]["action"] == "send"
    assert set(names("told")) == {*(f"event.{name}" for name in TOLD), "view", "reply", "media"}


@pytest.mark.parametrize("control", COMMANDS, ids=lambda control: control.name)
def test_a_commands_payload(messages: dict[str, Any], control: Any) -> None:
    payload = messages[f"command.{control.name}"]["payload"]
    takes = {field.name for field in fields(control.command)}
    assert set(payload["properties"]) == takes | {"type", "ref"}
    assert payload["properties"]["type"] == {"const": control.name}
    assert payload["required"][0] == "type"
    assert set(payload["required"]) <= takes | {"type"}
    assert payload["additionalProperties"] is False
    assert messages[f"command.{control.name}"]["summary"]


@pytest.mark.parametrize("name", TOLD)
def test_an_events_payload(messages: dict[str, Any], name: str) -> None:
    payload = messages[f"event.{name}"]["payload"]
    assert payload["properties"]["type"] == {"const": name}
    assert payload["required"][:3] == ["type", "seq", "at"]
    told = {
        field.name.removesuffix("_")
        for field in fields(EVENTS[name].event)  # type: ignore[arg-type]  # each is a dataclass
        if not field.metadata.get("recorded")
    }
    assert set(payload["properties"]) == told | {"type", "seq", "at"}
    assert messages[f"event.{name}"]["summary"]


def test_what_only_the_journal_keeps_is_nowhere(messages: dict[str, Any]) -> None:
    kept = {
        field.name
        for row in EVENTS.values()
        for field in fields(row.event)  # type: ignore[arg-type]  # each is a dataclass
        if field.metadata.get("recorded")
    }
    assert {"entrant", "origin", "session"} <= kept
    for name in TOLD:
        assert not {"entrant", "origin", "session", "host_token"} & set(
            messages[f"event.{name}"]["payload"]["properties"]
        )


def test_the_other_frames(messages: dict[str, Any], document: dict[str, Any]) -> None:
    assert set(messages["view"]["payload"]["required"]) == {"type", "seq", "epoch", "session", "view"}
    assert set(messages["media"]["payload"]["required"]) == {"type", "from", "kind", "n"}
    reply = messages["reply"]["payload"]
    assert set(reply["required"]) == {"type", "ref", "ok"}
    assert reply["properties"]["error"]["properties"]["code"]["enum"] == sorted(REFUSALS)
    for code in CLOSES:
        assert str(code) in document["info"]["description"]


def test_a_default_is_of_the_type_it_is_a_default_of(document: dict[str, Any]) -> None:
    types = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
    for default, schema in defaults(document):
        if isinstance(schema["type"], str):
            assert isinstance(default, types[schema["type"]]), schema
