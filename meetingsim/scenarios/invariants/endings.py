"""The journal has no hole, the end is the end, and what everybody pictures is what the server has."""

from __future__ import annotations

from typing import Final

from meetingsim.scenarios.invariants.scene import Frame, Interests, Line, Scene, moment
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("seq.grows", "ended.silent", "mirror.equals-view")
_WRONGLY_CLOSED: Final = frozenset({4004, 4500, 4501, 4503})


class Journal:
    """Every event has the next seq, and the journal is one history."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["seq.grows"]
        self._last: Fact | None = None
        self._epoch: str | None = None

    def interests(self) -> Interests:
        """Every event; and every picture says of which history it is."""
        return Interests(every=self._event, frames={"view": self._view})

    def _event(self, fact: Fact) -> None:
        """Each is one further than the last."""
        self._found.tested += 1
        last = self._last.seq if self._last else None
        self._last, before = fact, self._last
        if last is not None and fact.seq != last + 1:
            said = f"{fact.fact} at {moment(fact.at)} has seq {fact.seq} in the journal, after {last}."
            self._found.fail(said, fact, before)

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        epoch = frame.get("epoch")
        self._epoch = self._epoch or epoch
        if epoch != self._epoch:
            self._found.fail(f"{line.ref} was told of another history of the meeting at {moment(fact.at)}.", fact)


class Endings:
    """Nothing happens after the end, and nobody hears anything but an answer."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["ended.silent"]
        self._inside: set[str] = set()

    def interests(self) -> Interests:
        """How lines end, what is still accepted, and every picture."""
        return Interests(
            every=self._event,
            before={"ended": self._ends, "accepted": self._accepted, "disconnected": self._closed},
            frames={"view": self._view},
            end=self._left_open,
        )

    def _event(self, fact: Fact) -> None:
        """Knocks without a credential are counted, and may be told of late."""
        ended = self._scene.ledger.ended
        if ended is None:
            return
        self._found.tested += 1
        if fact.fact != "entry_refused" or fact.fields.get("name") is not None:
            said = f"{fact.fact} {fact.seq} happened at {moment(fact.at)}, after the meeting had ended at {moment(ended.at)}."
            self._found.fail(said, fact, ended)

    def _ends(self, fact: Fact) -> None:
        self._found.tested += 1
        self._inside = {one.id for one in self._scene.ledger.inside()}

    def _accepted(self, fact: Fact) -> None:
        ended = self._scene.ledger.ended
        if ended is not None and fact.seq is not None and fact.seq > (ended.seq or 0):
            command = fact.fields.get("command")
            said = f"{fact.actor} was answered yes to {command} at {moment(fact.at)}, after the meeting had ended."
            self._found.fail(said, fact, ended)

    def _closed(self, fact: Fact) -> None:
        ended, line = self._scene.ledger.ended, self._scene.lines.get(fact.fields.get("line", 0))
        if ended is None or line is None or line.person is None or line.person.id not in self._inside:
            return
        self._found.tested += 1
        if fact.fields.get("code") in _WRONGLY_CLOSED:
            code = fact.fields.get("code")
            self._found.fail(
                f"At the end the line of {line.ref} was closed with {code} at {moment(fact.at)}.", fact, ended
            )

    def _left_open(self) -> None:
        """Everybody is closed who heard of the end."""
        for line in self._scene.left_open():
            if line.ended is not None and self._scene.long_ago(line.ended):
                said = f"{line.ref} heard of the end at {moment(line.ended.at)}, and their line was never closed."
                self._found.fail(said, line.ended, self._scene.ledger.ended)

    def _view(self, fact: Fact, frame: Frame, line: Line) -> None:
        ended = self._scene.ledger.ended
        if ended is not None and frame.get("seq", 0) >= (ended.seq or 0):
            self._found.fail(f"{line.ref} was shown the meeting at {moment(fact.at)}, after it had ended.", fact, ended)


class Mirrors:
    """Folding what a client was told gives what the server would show them."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._found = scene.found["mirror.equals-view"]
        self._compared_any = False

    def interests(self) -> Interests:
        """The comparisons that the harness made at rest."""
        return Interests(before={"view_compared": self._compared}, end=self._end)

    def _end(self) -> None:
        if not self._compared_any and self._found.clean:
            self._scene.cannot["mirror.equals-view"] = "nobody's picture could be held against the target's"

    def _compared(self, fact: Fact) -> None:
        self._found.tested += 1
        self._compared_any = True
        fields = fact.fields
        faults, differs = list(fields.get("faults") or ()), fields.get("differs")
        if faults:
            self._found.fail(
                f"{fact.actor} was told at {moment(fact.at)} what does not fit their picture: {faults[0]}.", fact
            )
        elif not fields.get("equal"):
            where = differs if isinstance(differs, str) else ", ".join(map(str, differs or ["somewhere"]))
            said = f"The picture of {fact.actor} at {moment(fact.at)} is not what the server has: {where}."
            self._found.fail(said, fact)
