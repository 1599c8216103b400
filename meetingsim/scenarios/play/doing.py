"""Carries steps out: each becomes the frames that somebody sends, with what was left unsaid made up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Any

from meetingsim.chance import Chance
from meetingsim.scenarios.play.attempt import Attempt
from meetingsim.scenarios.play.casting import members_of, name_of, plain_name
from meetingsim.scenarios.play.client import Client
from meetingsim.scenarios.scenario import plain
from meetingsim.scenarios.steps import MADE_UP
from meetingsim.scenarios.trace import Fact
from meetingsim.scenarios.vocabulary import COMMANDS
from meetingsim.state.meeting import Role

if TYPE_CHECKING:
    from meetingsim.scenarios.play.stage import Stage

_SOMEBODY = frozenset({"participant", "participants", "to", "message"})
_PLACES_IN_JOURNAL = frozenset({"if_seq", "up_to"})
_HERE = frozenset({"inside", "waiting", "reconnecting", "early"})
Event = Mapping[str, Any]
"""The fact that a step follows, with participants' raw ids: what ``event.…`` means."""


class Doer:
    """Does the steps of one member of the cast."""

    def __init__(self, stage: Stage, client: Client) -> None:
        self._stage = stage
        self._client = client
        self._chance = stage.chance(client.ref, "steps")
        self._said = 0
        self._drawn = 0
        self._moved = 0
        self.last: Fact | None = None
        """The frame that was sent last."""

    async def do(self, steps: Sequence[Any], event: Event | None = None, pace_ms: int = 0) -> None:
        """One step after another, ``pace_ms`` between them and between the people of a group."""
        pace = _Pace(pace_ms)
        for step in steps:
            async for word, value, target in self._actions(step, event, pace):
                await self._act(word, value, target, event)

    def begin(self, steps: Sequence[Any]) -> None:
        """Does them beside the rest; what is no more than one command that waits for nothing is sent at once."""
        if len(steps) == 1 and _waits_for_nothing(steps[0]):
            word, said = self._said_by(steps[0])
            self._send(word, self._frame(word, said, None))
        else:
            self._stage.spawn(self.do(steps))

    def _said_by(self, step: Any) -> tuple[str, Mapping[str, Any]]:
        """A step's word and what is said with it; one of several words is drawn."""
        return (self._chance.weighted(step.value), {}) if step.word == "pick" else (step.word, step.value.said())

    async def _actions(
        self, step: Any, event: Event | None, pace: _Pace
    ) -> AsyncIterator[tuple[str, Mapping[str, Any], str | None]]:
        word, said = self._said_by(step)
        group = said.get("group")
        if group is None or word in {"report", "attendance"}:
            await pace.keep()
            yield word, said, None
            return
        rest = {name: value for name, value in said.items() if name != "group"}
        done: set[str] = set()
        # Whoever comes while it goes on belongs to the group, too, and whoever leaves meanwhile does not any more.
        while self._next_of(group, done):
            await pace.keep()
            if target := self._next_of(group, done):
                done.add(target)
                yield word, rest, target

    def _next_of(self, group: str, done: set[str]) -> str | None:
        return next((one for one in self._people(group) if one not in done and self._here(one)), None)

    def _people(self, group: str) -> list[str]:
        return [self._stage.clients[ref].participant or "" for ref in members_of(group, self._stage.refs)]

    def _here(self, participant: str) -> bool:
        """Whether they are there as far as this person can see; who sees no list goes by what the cast knows."""
        if not participant:
            return False
        view = self._client.mirror.view
        rows = [*view.get("participants", ()), *view.get("waiting", ())]
        if self._client.connected and rows:
            return any(row["id"] == participant for row in rows)
        ref = self._stage.trace.people.get(participant)
        return ref is not None and self._stage.clients[ref].place in _HERE

    async def _act(self, word: str, said: Mapping[str, Any], target: str | None, event: Event | None) -> None:
        own = getattr(self, f"_{word}", None) if word in _OWN else None
        if own is not None:
            await own(said)
        elif word in COMMANDS:
            frame = self._frame(word, said, event)
            if target is not None:
                frame["participant"] = target
            if word == "report" and word in self._stage.target.can and not self._client.connected:
                await self._report_afterwards(frame)
            else:
                self._send(word, frame)

    def _send(self, word: str, frame: dict[str, Any]) -> None:
        stage = self._stage
        if word not in stage.target.can:
            stage.trace.lacking.setdefault(word, f"the target cannot do {word}")
            return
        self.last = self._client.send(word, frame)

    # What a frame has in it

    def _frame(self, word: str, said: Mapping[str, Any], event: Event | None) -> dict[str, Any]:
        frame: dict[str, Any] = {}
        for name, value in said.items():
            if name == "group":
                frame["participants"] = [one for one in self._everybody(value) if one]
            elif name in _SOMEBODY:
                found = self._somebody(value, event)
                if found is not None:
                    frame[name] = found
            elif name in _PLACES_IN_JOURNAL and isinstance(value, str):
                frame[name] = (event or {}).get(value.removeprefix("event."))
            else:
                frame[name] = self._plain(plain(value), event)
        for field in fields(COMMANDS[word]):
            if field.name in MADE_UP and field.name not in frame and field.default is MISSING:
                frame[field.name] = self._made_up(word, field.name)
        return frame

    def _everybody(self, group: str) -> list[str]:
        """All of a group who ever were there."""
        refs = set(members_of(group, self._stage.refs))
        return [participant for participant, ref in self._stage.trace.people.items() if ref in refs]

    def _somebody(self, value: Any, event: Event | None) -> Any:
        if isinstance(value, tuple):
            return [self._somebody(one, event) for one in value]
        if value in {"everyone", "hosts"}:
            return str(value)
        if value.startswith("event."):
            return (event or {}).get(value.removeprefix("event."))
        return self._stage.clients[members_of(value, self._stage.refs)[0]].participant

    def _plain(self, value: Any, event: Event | None) -> Any:
        """People inside of a value: those of breakout rooms."""
        if isinstance(value, list):
            return [self._plain(one, event) for one in value]
        if isinstance(value, dict):
            return {
                name: self._refs(inner, event) if name == "participants" else self._plain(inner, event)
                for name, inner in value.items()
            }
        return value

    def _refs(self, value: Any, event: Event | None) -> list[str]:
        """Ids of everybody named; whoever is not there yet has none."""
        named: list[str] = [value] if isinstance(value, str) else list(value)
        found: list[str] = []
        for one in named:
            if one.startswith("event."):
                found.append(str((event or {}).get(one.removeprefix("event."))))
            else:
                everybody = members_of(one, self._stage.refs)
                found += [part for ref in everybody if (part := self._stage.clients[ref].participant)]
        return found

    def _made_up(self, word: str, name: str) -> Any:
        self._said += 1
        member = self._client.member
        if name in {"on", "up"}:
            return True
        if name == "text":
            kind = "offensive-text" if member.disruptive else "Line"
            return f"{kind} {self._said} of {member.ref}"
        if name == "name":
            return self._new_name()
        if name == "room":
            rooms = self._client.mirror.view.get("meeting", {}).get("rooms") or ["Room 1"]
            return rooms[self._chance.below(len(rooms))]
        if name == "kind":
            return "video" if word == "media" else "clap"
        return self._said

    # Steps that are no command

    async def _join(self, said: Mapping[str, Any]) -> None:
        attempt = await self.first_attempt()
        known: dict[str, Any] = {
            name: str(said[name]) for name in ("name", "passcode", "ticket", "device") if said.get(name)
        }
        if "passcode" in known:
            attempt = replace(attempt, ticket=None)
        self.knock(self._from(replace(attempt, **known), said))

    async def _rejoin(self, said: Mapping[str, Any]) -> None:
        last = self._client.attempt or await self.first_attempt()
        trick = said.get("with")
        attempt = replace(last, trick=trick, via=None, header=None)
        if last.via:
            attempt = replace(attempt, address=self._address(attempt.country))
        if trick == "new-name":
            name = self._new_name()
            attempt = replace(attempt, name=name, ticket=await self._new_ticket(name) if last.ticket else None)
        elif trick == "new-device":
            self._moved += 1
            attempt = replace(attempt, device=f"device {self._moved + 1} of {self._client.ref}")
        elif trick == "new-address":
            self._moved += 1
            attempt = replace(attempt, address=self._address(attempt.country))
        self.knock(self._from(attempt, said))

    async def _roam(self, said: Mapping[str, Any]) -> None:
        if self._client.connected:
            country = str(said["country"])
            self._client.roam({"country": country, "address": self._address(country)})

    async def _disconnect(self, said: Mapping[str, Any]) -> None:
        self._client.cut()
        if said.get("for") is not None:
            self._client.come_back_in(said["for"].ms)

    async def _attendance(self, said: Mapping[str, Any]) -> None:
        group = str(said["group"])
        refs = members_of(group, self._stage.refs)
        present = [ref for ref in refs if self._stage.clients[ref].place == "inside"]
        self._stage.recorder.say("attendance", {"group": group, "present": present, "of": len(refs)})

    async def _post_link(self, said: Mapping[str, Any]) -> None:
        self._stage.recorder.say("link_posted", {"site": str(said["site"])})

    async def _resume(self, said: Mapping[str, Any]) -> None:
        self._client.cut()
        self._client.resume(self._whence(said))

    async def _server(self, said: Mapping[str, Any]) -> None:
        await crash(self._stage, said)

    async def _report_afterwards(self, frame: Mapping[str, Any]) -> None:
        """From outside, with the ticket or the session that they have."""
        client, stage = self._client, self._stage
        token = (client.attempt.ticket if client.attempt else None) or client.mirror.session
        if token is None or "report_afterwards" not in stage.target.can:
            return
        said = {**frame, "n": stage.next_sent(), "line": None, "command": "report", "activity": None, "ref": None}
        stage.recorder.say("sent", said, client.ref)
        code = await stage.target.report(
            token, list(frame.get("participants", ())), str(frame["issue"]), str(frame.get("text") or "")
        )
        if code is None:
            stage.recorder.say("accepted", said, client.ref)
        else:
            stage.recorder.say("refused", {**said, "code": code}, client.ref)

    # Coming

    async def first_attempt(self) -> Attempt:
        """How they come the first time: the host as the host, others by a personal link, or by the passcode alone."""
        stage, member = self._stage, self._client.member
        actor = stage.scenario.actors[member.group]
        attempt = Attempt(member.name, member.device, country=member.country, address=self._address(member.country))
        if member.role == Role.HOST.value:
            return replace(attempt, host_token=stage.opened.host_token)
        ticket = None if actor.ticket == "none" else await self._new_ticket(member.name)
        return replace(attempt, ticket=ticket) if ticket else replace(attempt, passcode=stage.opened.passcode)

    def knock(self, attempt: Attempt) -> None:
        """Comes that way."""
        self._client.join(attempt)
        self.last = None

    async def _new_ticket(self, name: str) -> str | None:
        if "ticket" not in self._stage.target.can:
            return None
        return await self._stage.target.ticket(name, self._client.member.role)

    def _new_name(self) -> str:
        self._drawn += 1
        stage, member = self._stage, self._client.member
        style = stage.behaviors.whole(member.behavior).name
        chance = Chance.of(stage.trace.seed, member.ref, "name", self._drawn)
        plain_names = {**stage.names, member.ref: plain_name(len(stage.names) + self._moved + 31 * self._drawn)}
        return name_of(style, plain_names, stage.refs, member.ref, chance).name

    def _address(self, country: str | None) -> str | None:
        if country is None:
            return None
        number = Chance.of(self._client.ref, "address", self._moved).below(200_000)
        return self._stage.target.address(country, number)

    def _from(self, attempt: Attempt, said: Mapping[str, Any]) -> Attempt:
        return replace(attempt, **self._whence(said))

    def _whence(self, said: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if country := said.get("country"):
            found |= {"country": str(country), "address": self._address(str(country))}
        if header := said.get("header"):
            name, _, value = str(header).partition(": ")
            found["header"] = (name, value)
        if via := said.get("via"):
            found |= {"via": via, "address": self._via(via)}
        return found

    def _via(self, via: str) -> str | None:
        own = self._client.attempt.address if self._client.attempt else None
        if via == "ipv6-mapped":
            return f"::ffff:{own}" if own and ":" not in own else own
        exits = list(exits_of(self._stage))
        if not exits:
            self._stage.trace.lacking.setdefault("vpn", "no network of geo.networks is a vpn")
            return own
        return exits[self._chance.below(len(exits))]


class _Pace:
    """The time between what somebody does and the next that they do."""

    def __init__(self, ms: int) -> None:
        self._ms = ms
        self._begun = False

    async def keep(self) -> None:
        """Waits, but not before the first."""
        if self._begun and self._ms:
            await asyncio.sleep(self._ms / 1000)
        self._begun = True


def exits_of(stage: Stage) -> Iterator[str]:
    """Addresses of the scenario's anonymising networks."""
    for network, known in (stage.scenario.geo.networks if stage.scenario.geo else {}).items():
        if known.anonymous:
            base, _, _ = network.partition("/")
            yield base.rsplit(".", 1)[0] + ".9" if "." in base else base + "9"


async def crash(stage: Stage, said: Mapping[str, Any]) -> None:
    """The server dies, and is there again after its downtime."""
    if "crash" not in stage.target.can:
        stage.trace.lacking.setdefault("server", "the target cannot crash")
        return
    stage.recorder.say("server_stopped", {})
    await stage.target.crash()
    downtime = said["downtime"].ms if said.get("downtime") else 0
    if downtime:
        await asyncio.sleep(downtime / 1000)
    # What the restart brings back happens after it.
    stage.recorder.say("server_started", {"downtime": downtime})
    await stage.target.restart()


_OWN = frozenset({"join", "rejoin", "roam", "disconnect", "attendance", "post_link", "resume", "server"})
_SENT = frozenset(COMMANDS) - _OWN - {"report"}


def _waits_for_nothing(step: Any) -> bool:
    """Whether a step is one frame on the line that somebody has, whichever of its words is drawn."""
    if step.word == "pick":
        return _SENT.issuperset(step.value)
    return step.word in _SENT and step.value.said().get("group") is None
