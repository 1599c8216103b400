"""The tables are whole: every event has its functions, every command of the contract its row, every code its answer."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import fields
from typing import Any

import pytest

import meetingsim.state
from meetingsim.state.codes import CLOSES, ISSUES, REFUSALS
from meetingsim.state.control import Command, Event
from meetingsim.state.controls import _FILES, BY_COMMAND, BY_EVENT, CONTROLS, EVENTS, TABLE
from meetingsim.state.engine import event_data, event_from
from meetingsim.state.plain import frame_of
from tests.state.samples import sample

# The contract, section 4: every command without the mark (2).
COMMANDS = {
    "join",
    "resume",
    "leave",
    "admit",
    "admit_all",
    "deny",
    "put_in_waiting_room",
    "set_waiting_room",
    "waiting_room_chat",
    "rename",
    "set_region_rule",
    "lock",
    "unlock",
    "remove",
    "report",
    "suspend",
    "allow",
    "mute",
    "mute_all",
    "stop_video",
    "stop_share",
    "ask_to_unmute",
    "set_audio",
    "set_video",
    "start_share",
    "annotate",
    "start_recording",
    "stop_recording",
    "chat",
    "set_profile_picture",
    "react",
    "raise_hand",
    "media",
    "make_cohost",
    "revoke_cohost",
    "make_host",
    "let_return",
    "delete_message",
    "open_breakout_rooms",
    "join_breakout_room",
    "leave_breakout_room",
    "close_breakout_rooms",
    "start",
    "end",
}
# The same section: what a person does for themselves has no route, nor have join, resume and leave.
OVER_HTTP = {
    "admit",
    "admit_all",
    "deny",
    "put_in_waiting_room",
    "set_waiting_room",
    "waiting_room_chat",
    "rename",
    "set_region_rule",
    "lock",
    "unlock",
    "remove",
    "report",
    "suspend",
    "allow",
    "mute",
    "mute_all",
    "stop_video",
    "stop_share",
    "ask_to_unmute",
    "make_cohost",
    "revoke_cohost",
    "make_host",
    "let_return",
    "delete_message",
    "open_breakout_rooms",
    "join_breakout_room",
    "leave_breakout_room",
    "close_breakout_rooms",
    "start",
    "end",
}
BY_THE_SERVER = {"create", "drop", "time_passed", "restarted", "change_settings", "report_afterwards"}

# The contract, section 5: codes, HTTP status, socket at the door (None: it stays, or the code never occurs there), temporary.
CODES = """
malformed                                                             | 422 | None | no
too_large                                                             | 413 | 4504 | no
rate_limited                                                          | 429 | 4004 | yes
unauthorised                                                          | 401 | 4503 | no
not_permitted not_host protected suspended                            | 403 | 4503 | no
no_such_meeting no_such_participant                                   | 404 | 4503 | no
removed denied ticket_used ticket_invalid                             | 403 | 4503 | no
ended                                                                 | 409 | 4503 | no
region_blocked                                                        | 403 | 4501 | no
not_started locked full                                               | 409 | 4004 | yes
wrong_passcode                                                        | 403 | None | no
name_required name_refused                                            | 422 | None | no
not_waiting not_inside already_decided conflict                       | 409 | None | no
invalid_rule                                                          | 422 | None | no
resume_lost                                                           | 409 | 4002 | yes
unavailable                                                           | 503 | 4004 | yes
"""
CLOSE_CODES = {1000, 4000, 4001, 4002, 4003, 4004, 4500, 4501, 4502, 4503, 4504}
ISSUE_WORDS = (
    "abuse hateful_conduct glorification_of_violence illegal_goods sensitive_content child_safety self_harm "
    "violent_extremism private_information spam intellectual_property impersonation meeting_disruption other"
)


def modules() -> list[Any]:
    found = pkgutil.walk_packages(meetingsim.state.__path__, "meetingsim.state.")
    return [importlib.import_module(module.name) for module in found]


def own(base: type) -> dict[str, type]:
    """The classes as their modules have them."""
    return {
        kind.__name__: kind
        for module in modules()
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, base) and kind is not base and kind.__module__ == module.__name__
    }


def test_every_event_has_a_row_with_all_its_functions() -> None:
    defined = own(Event)
    assert set(defined.values()) == set(BY_EVENT)
    assert len(defined) == len(EVENTS)
    for kind, row in EVENTS.items():
        assert row.event.type == kind
        assert BY_EVENT[row.event] is row
        for function in (row.evolve, row.audience, row.show):
            assert callable(function)
        assert row.summary.endswith(".")


def test_no_event_stands_in_two_rows() -> None:
    rows = [row.event for control in TABLE for row in control.events]
    assert len(rows) == len(set(rows)) == len({kind.type for kind in rows})


def test_every_command_has_one_row_and_a_name_of_its_own() -> None:
    assert set(own(Command).values()) == set(BY_COMMAND)
    assert len(TABLE) == len(CONTROLS) == len(BY_COMMAND)
    for control in TABLE:
        assert CONTROLS[control.name] is control
        assert control.who
        assert control.summary.endswith(".")


def test_every_command_of_the_contract_is_there_and_goes_through_the_doors_it_says() -> None:
    assert {control.name for control in TABLE if control.socket} == COMMANDS
    assert {control.name for control in TABLE if control.http} == OVER_HTTP
    assert {control.name for control in TABLE if not control.socket and not control.http} == BY_THE_SERVER


def test_every_file_of_controls_is_in_the_table() -> None:
    package = importlib.import_module("meetingsim.state.controls")
    files = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert {file.__name__.rpartition(".")[2] for file in _FILES} == files


def test_every_refusal_of_the_contract_has_its_answer() -> None:
    expected = {}
    for line in CODES.strip().splitlines():
        names, status, close, temporary = (part.strip() for part in line.split("|"))
        for name in names.split():
            expected[name] = (int(status), None if close == "None" else int(close), temporary == "yes")
    assert {code.name: (code.status, code.close, code.temporary) for code in REFUSALS.values()} == expected
    assert all(REFUSALS[name].name == name and REFUSALS[name].meaning.endswith(".") for name in REFUSALS)


def test_close_codes_and_issues_are_the_contracts() -> None:
    assert set(CLOSES) == CLOSE_CODES
    assert {code.close for code in REFUSALS.values()} - {None} <= CLOSE_CODES
    assert " ".join(ISSUES) == ISSUE_WORDS


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_goes_through_the_journal_and_has_a_frame(kind: str) -> None:
    event = sample(EVENTS[kind].event)
    data = event_data(event)
    assert event_from(kind, data) == event
    frame = frame_of(event, 7, 0)
    assert (frame["type"], frame["seq"], frame["at"]) == (kind, 7, "1970-01-01T00:00:00.000Z")
    hidden = {one.name for one in fields(event) if one.metadata.get("recorded")}
    assert not hidden & set(frame)
    assert event.version >= 1
