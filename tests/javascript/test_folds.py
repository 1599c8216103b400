"""The mirror in JavaScript folds what the one in Python folds: for generated meetings, after every frame, for everybody.

And that the test would notice: every fold that changes a picture is taken out once, and a meeting must show it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given

from meetingsim.clients import Mirror
from meetingsim.state.controls import EVENTS
from meetingsim.state.controls.recording import StartRecording, StopRecording
from meetingsim.state.controls.start_end import End
from meetingsim.state.entry_events import show_nothing
from meetingsim.state.settings import Settings, WaitingRoom
from meetingsim.state.view import view_of
from scripts.client_js import PARTS, client_module
from tests.driver import PASSCODE, Sim, as_json
from tests.javascript.node import Node, needs_node, node
from tests.meetings import _WEIGHTED, DOCUMENTS, Plan, Step, meetings, play

pytestmark = needs_node


@dataclass
class Stream:
    """What one person was sent, and their true picture wherever something came."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    views: list[str] = field(default_factory=list)


class Recorder:
    """Watches a meeting and keeps everybody's stream."""

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}

    def __call__(self, sim: Sim) -> None:
        for one in sim.pictures:
            stream, inbox = self.streams.setdefault(one, Stream()), sim.inbox[one]
            if len(inbox) > len(stream.frames):
                stream.frames += inbox[len(stream.frames) :]
                stream.marks.append(len(inbox))
                stream.views.append(as_json(view_of(sim.meeting, one)))


def recorded(plan: Plan) -> list[Stream]:
    """Everybody's stream in the meeting of a plan."""
    recorder = Recorder()
    play(plan, recorder)
    return list(recorder.streams.values())


def differences(folding: Node, streams: list[Stream]) -> Iterator[str]:
    """Where JavaScript has another picture, or finds a fault."""
    asked = [{"frames": one.frames, "marks": one.marks} for one in streams]
    for stream, answer in zip(streams, folding.ask({"ask": "streams", "of": asked}), strict=True):
        yield from answer["faults"]
        for mark, true, seen in zip(stream.marks, stream.views, answer["seen"], strict=True):
            if as_json(seen) != true:
                yield f"after {json.dumps(stream.frames[mark - 1])}\nis\n{as_json(seen)}\nand should be\n{true}"


@pytest.fixture(scope="module")
def folding() -> Iterator[Node]:
    """A node for all meetings."""
    with node("answers.mjs") as one:
        yield one


TWICE = Plan(0, 0, tuple(Step(kind, 3, 0, 0) for kind in ("drop", "resume", "resume")))


@given(plan=meetings())
@example(plan=TWICE)
def test_everybodys_picture_is_the_one_that_python_folds(folding: Node, plan: Plan) -> None:
    streams = recorded(plan)
    assert not list(differences(folding, streams))


FOLDS = (PARTS / "folds.js").read_text("utf-8")


def folded() -> list[str]:
    """The events that the mirror folds, as its table has them."""
    table = FOLDS.split("const FOLDS = {")[1].split("\n};")[0]
    return re.findall(r"^  (\w+)[,:(]", table, re.M)


def test_every_event_that_shows_is_folded_and_no_other() -> None:
    assert sorted(folded()) == sorted(name for name, row in EVENTS.items() if row.show is not show_nothing)


def test_the_module_names_every_event_that_is_told(folding: Node) -> None:
    assert folding.ask({"ask": "events", "of": None}) == [name for name in EVENTS if name != "created"]


def known_meetings() -> Iterator[Stream]:
    """The same meetings every time, and one by hand with what the generated ones hardly come to."""
    chance = Random(5)
    for _ in range(60):
        steps = tuple(
            Step(chance.choice(_WEIGHTED), chance.randrange(32), chance.randrange(32), chance.randrange(128))
            for _ in range(45)
        )
        yield from recorded(Plan(chance.randrange(len(DOCUMENTS)), chance.choice((0, 0, 0, 1, 2, 3)), steps))
    sim = Sim(Settings(passcode=PASSCODE, join_before_host=True, waiting_room=WaitingRoom(enabled=False)))
    mia, host = sim.enter("Mia"), sim.enter("Prof. Ito", host=True)
    sim.tell(host, StartRecording())
    sim.tell(host, StopRecording())
    sim.http(End())
    for one in (mia, host):
        for mark in range(1, len(sim.inbox[one]) + 1):
            mirror = Mirror()
            for frame in sim.inbox[one][:mark]:
                mirror.fold(json.loads(json.dumps(frame)))
            if mirror.view:
                yield Stream(sim.inbox[one][:mark], [mark], [as_json(mirror.view)])


@pytest.fixture(scope="module")
def known() -> list[Stream]:
    """Streams of which nothing is different."""
    return list(known_meetings())


def test_of_the_known_meetings_every_picture_is_right(folding: Node, known: list[Stream]) -> None:
    assert known
    assert not list(differences(folding, known))


@pytest.mark.parametrize("event", folded())
def test_without_any_one_fold_a_picture_would_be_wrong(event: str, known: list[Stream], tmp_path: Path) -> None:
    module = tmp_path / "client.mjs"
    module.write_text(f"{client_module()}\nFOLDS.{event} = () => {{}};\n", "utf-8")
    told = [one for one in known if any(frame["type"] == event for frame in one.frames)]
    with node("answers.mjs", module) as forgetful:
        assert any(list(differences(forgetful, [stream])) for stream in told)
