"""The reference is what the tables say, and every name of the outside has its heading."""

from __future__ import annotations

from meetingsim.state.codes import CLOSES, REFUSALS
from meetingsim.state.controls import EVENTS, TABLE
from scripts.reference import FOLDER, pages


def test_the_pages_are_up_to_date() -> None:
    for name, text in pages().items():
        assert (FOLDER / name).read_text() == text, f"docs/reference/{name} is out of date: run make docs"


def test_every_command_event_refusal_and_close_code_has_a_heading() -> None:
    made = pages()
    for control in TABLE:
        if control.socket or control.http:
            assert f"## `{control.name}`\n" in made["commands.md"]
    for event in EVENTS:
        assert f"## `{event}`\n" in made["events.md"]
    for code in REFUSALS:
        assert f"## `{code}`\n" in made["refusals.md"]
    for close in CLOSES:
        assert f"## {close}\n" in made["refusals.md"]
