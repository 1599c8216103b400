"""The OpenAPI document: everything it points at is there, every control has its own body, every error its shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from pydantic import TypeAdapter

from meetingsim.routers.shapes import NewMeeting
from meetingsim.state.codes import ISSUES, REFUSALS
from meetingsim.state.controls import TABLE
from meetingsim.state.controls.breakout_rooms import MOST_ROOMS
from tests.wire import Server

CONTROLS = [control for control in TABLE if control.http]
METHODS = {"get", "post", "patch", "delete", "put"}


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    response = httpx2.get(f"{server.url}/openapi.json", verify=False)
    assert response.headers["content-type"] == "application/json"
    return dict(response.json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        assert set(item) <= METHODS
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def defaults(value: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    if isinstance(value, dict):
        if "default" in value and "type" in value:
            yield value["default"], value
        for item in value.values():
            yield from defaults(item)
    elif isinstance(value, list):
        for item in value:
            yield from defaults(item)


def test_everything_that_is_pointed_at_is_there(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    found = set(references(document))
    assert found
    assert found == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


def test_a_default_is_of_the_type_it_is_a_default_of(document: dict[str, Any]) -> None:
    types = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
    for default, schema in defaults(document):
        assert isinstance(default, types[schema["type"]]), schema


def test_every_operation_has_an_id_a_tag_and_words(document: dict[str, Any]) -> None:
    ids = []
    tags = {tag["name"] for tag in document["tags"]}
    for where, operation in operations(document):
        ids.append(operation["operationId"])
        assert operation["summary"], where
        assert operation["description"], where
        assert set(operation["tags"]) <= tags
    assert len(ids) == len(set(ids))
    assert {"create_meeting", "get_meeting", "control_suspend", "events", "list_reports"} <= set(ids)


def test_the_contracts_calls_are_there(document: dict[str, Any]) -> None:
    api = "/api/v1"
    calls = {where for where, _ in operations(document)}
    assert calls == {
        *(f"{method} {api}/meetings" for method in ("GET", "POST")),
        *(f"{method} {api}/meetings/{{meeting}}" for method in ("GET", "PATCH", "DELETE")),
        *(f"GET {api}/meetings/{{meeting}}/{part}" for part in ("participants", "waiting-room", "events")),
        *(f"POST {api}/meetings/{{meeting}}/controls/{control.name}" for control in CONTROLS),
        *(f"{method} {api}/reports" for method in ("GET", "POST")),
        *(f"POST {api}/{path}" for path in ("accounts", "accounts/{account}/users", "meetings/{meeting}/tickets")),
        f"POST {api}/meetings/{{meeting}}/people",
        f"POST {api}/meetings/{{meeting}}/people/{{participant}}/commands/{{command}}",
        *(f"GET {api}/meetings/{{meeting}}/people/{{participant}}/{part}" for part in ("frames", "explain")),
        *(f"POST {api}/{path}" for path in ("spaces", "reset", "clock")),
        *(f"DELETE {api}/spaces/{{space}}", f"GET {api}/geo/networks", f"PUT {api}/geo/networks"),
        f"GET {api}/geo/{{address}}",
        f"GET {api}/geo/plan/{{country}}",
        *("GET /health", "GET /metrics", "GET /asyncapi.json"),
    }


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_each_control_has_a_body_of_its_own(document: dict[str, Any], control: Any) -> None:
    operation = document["paths"][f"/api/v1/meetings/{{meeting}}/controls/{control.name}"]["post"]
    body = operation["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    expected = TypeAdapter(control.command).json_schema(ref_template="#/components/schemas/{model}")
    expected.pop("$defs", None)
    assert set(schema["properties"]) == set(expected["properties"])
    assert set(schema.get("required", ())) == {*expected.get("required", ()), *control.over_http}
    assert schema["description"] == expected["description"]
    assert schema["additionalProperties"] is False
    # What needs no field needs no body.
    assert body["required"] == bool(schema.get("required"))
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert set(answer["properties"]) == {"seq", "events"}


def test_the_document_says_what_only_the_rules_refuse(document: dict[str, Any]) -> None:
    def body(control: str) -> dict[str, Any]:
        operation = document["paths"][f"/api/v1/meetings/{{meeting}}/controls/{control}"]["post"]
        return dict(operation["requestBody"]["content"]["application/json"]["schema"])

    region = body("set_region_rule")
    assert region["properties"]["countries"]["items"] == {"$ref": "#/components/schemas/CountryOrGroup"}
    assert {"BR", "XK", "EU", "EEA"} < set(document["components"]["schemas"]["CountryOrGroup"]["enum"])
    assert "EU" not in document["components"]["schemas"]["Country"]["enum"]
    assert region["anyOf"][1]["required"] == ["countries"]
    assert body("report")["properties"]["issue"]["enum"] == list(ISSUES)
    assert body("rename")["properties"]["participant"]["type"] == "string"
    assert body("open_breakout_rooms")["properties"]["rooms"]["maxItems"] == MOST_ROOMS


def test_a_new_meetings_body_says_what_may_be_said(document: dict[str, Any]) -> None:
    schema = document["paths"]["/api/v1/meetings"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == set(NewMeeting.model_fields)
    settings = document["components"]["schemas"]["SettingsChange"]
    assert set(settings["properties"]) == {
        *("waiting_room", "region", "passcode", "join_before_host", "capacity", "allow", "removal", "reports")
    }
    assert "required" not in settings


def test_every_error_is_documented_as_the_one_shape(document: dict[str, Any]) -> None:
    statuses = {code.status for code in REFUSALS.values()}
    for where, operation in operations(document):
        found = {int(status) for status in operation["responses"]}
        good = {status for status in found if status < 300}
        assert len(good) == 1, where
        errors = found - good
        assert errors <= statuses
        # A foreign Host or Origin is refused everywhere.
        wanted = {403}
        if "/meetings" in where or "/reports" in where:
            wanted.add(401)
        if "{meeting}" in where:
            wanted.add(404)
        if operation.get("parameters"):
            wanted.add(422)
        if "requestBody" in operation:
            wanted |= {413, 422, 503}
        if "/controls/" in where:
            wanted |= {409, 429}
        assert wanted <= errors, where
        for status in errors:
            (kind, content), *others = operation["responses"][str(status)]["content"].items()
            assert not others
            assert kind == "application/problem+json"
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
    problem = document["components"]["schemas"]["Problem"]
    assert set(problem["required"]) == {"type", "title", "status", "detail", "code", "temporary"}


def test_the_stream_and_nothing_have_their_own_content(document: dict[str, Any]) -> None:
    events = document["paths"]["/api/v1/meetings/{meeting}/events"]["get"]["responses"]["200"]["content"]
    assert set(events) == {"application/json", "text/event-stream"}
    assert "content" not in document["paths"]["/api/v1/meetings/{meeting}"]["delete"]["responses"]["204"]
    assert set(document["paths"]["/metrics"]["get"]["responses"]["200"]["content"]) == {"text/plain"}


def test_the_docs_page_is_there(server: Server) -> None:
    response = httpx2.get(f"{server.url}/docs", verify=False)
    assert response.status_code == 200
    assert "/openapi.json" in response.text
