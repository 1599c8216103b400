"""A behaviour at work: what somebody does again and again, what they answer, and what they try when something happens to them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from meetingsim.scenarios.cast import Behavior, OnChat, Then
from meetingsim.scenarios.evaluation import matches
from meetingsim.scenarios.play.client import Client, Moment
from meetingsim.scenarios.play.doing import Doer
from meetingsim.scenarios.quantities import Spread

if TYPE_CHECKING:
    from meetingsim.scenarios.play.stage import Stage

_COMING = frozenset({"join", "rejoin"})
_TURNED_AWAY = frozenset({"refused", "removed", "denied"})
_GUESSES = 1_000


class Bot:
    """Somebody with a behaviour.

    What they try is tried once each, in order; where a new entry succeeded, what comes next and is none follows at once.
    """

    def __init__(self, stage: Stage, client: Client, behavior: Behavior) -> None:
        self._stage = stage
        self._client = client
        self._behavior = behavior
        self._doer = Doer(stage, client)
        self._chance = stage.chance(client.ref, "behavior")
        self._tries: Counter[str] = Counter()
        self._entering: str | None = None
        self._looping = False
        self._seen: set[str] = set()
        client.comes_back = behavior.when_disconnected is None

    def happens(self, moment: Moment) -> None:
        """Tries the next of what is to be tried then. Whoever was turned away goes on with what brought them to the door."""
        entering = None
        if moment in _TURNED_AWAY:
            entering, self._entering = self._entering, None
        if entering is None or not self._next(entering):
            self._next(moment)

    def _next(self, moment: str) -> bool:
        thens: Sequence[Then] = getattr(self._behavior, f"when_{moment}") or ()
        tried = self._tries[moment]
        if tried < len(thens):
            self._tries[moment] += 1
            self._stage.spawn(self._try(moment, thens[tried]))
        return tried < len(thens)

    async def _try(self, moment: str, then: Then) -> None:
        await asyncio.sleep(self._drawn(then.wait) / 1000)
        if _comes(then):
            self._entering = moment
        await self._doer.do(then.do)

    def got(self, frame: Mapping[str, Any]) -> None:
        """Begins the loop once they are in, and answers what is said to them."""
        kind = frame["type"]
        if kind == "view":
            self._came_in()
            for line in frame["view"].get("waiting_messages", ()):
                self._heard(line)
        elif self._behavior.on_chat and kind in {"waiting_room_message", "message"}:
            self._heard(frame)

    def _came_in(self) -> None:
        if self._behavior.loop is not None and not self._looping:
            self._looping = True
            self._again()
        moment, self._entering = self._entering, None
        if moment is not None:
            thens = getattr(self._behavior, f"when_{moment}")
            following = thens[self._tries[moment] :]
            if following and not _comes(following[0]):
                self._next(moment)

    def _again(self) -> None:
        assert self._behavior.loop is not None
        self._stage.after(self._drawn(self._behavior.loop.every), self._turn)

    def _turn(self) -> None:
        loop, client = self._behavior.loop, self._client
        if loop is None or client.place is None:
            self._looping = False
            return
        if client.connected and client.place in {"inside", "waiting"}:
            self._doer.begin(loop.do)
        self._again()

    def _heard(self, line: Mapping[str, Any]) -> None:
        message = str(line.get("message"))
        if message in self._seen or line.get("from") == self._client.participant:
            return
        self._seen.add(message)
        for answer in self._behavior.on_chat or ():
            if matches(str(line.get("text", "")), answer.match):
                self._stage.spawn(self._answer(answer, line))
                return

    async def _answer(self, answer: OnChat, line: Mapping[str, Any]) -> None:
        await asyncio.sleep(self._drawn(answer.wait) / 1000 if answer.wait else 0)
        client = self._client
        if not client.connected:
            return
        text = self._reply(answer)
        if client.place == "waiting":
            client.send("waiting_room_chat", {"text": text})
        elif client.place == "inside":
            client.send("chat", {"text": text, "to": line.get("from")})

    def _reply(self, answer: OnChat) -> str:
        reply = answer.reply
        if reply.text is not None:
            return reply.text
        if reply.own:
            return self._client.member.passphrase or "I have none"
        return f"guess-{self._chance.below(_GUESSES)}"

    def _drawn(self, time: Spread) -> int:
        return self._chance.between(time.base.ms - time.by.ms, time.base.ms + time.by.ms)


def _comes(then: Then) -> bool:
    return any(step.word in _COMING for step in then.do)
