"""A whole situation in one call: a new meeting with people in their places and controls in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import Scope

from meetingsim.live.seat import Seat
from meetingsim.routers.acts import apply
from meetingsim.routers.held import Action, action_of, hold, require_origin
from meetingsim.routers.shapes import MOST_AT_ONCE, NewMeeting, Situated
from meetingsim.routers.wire import HTTP_CONTROLS, control_of
from meetingsim.routers.world import Json, World, done
from meetingsim.state.control import Asker, Command, Refuse
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.start_end import Start
from meetingsim.state.meeting import Place


@dataclass(frozen=True, slots=True)
class Situation:
    """What a request asks for, read before anything of it happens."""

    people: tuple[tuple[Situated, tuple[Action, ...]], ...]
    controls: tuple[Command, ...]


def situation_of(world: World, asked: NewMeeting) -> Situation:
    """Reads people and controls. Raises ``malformed`` with the place of what is wrong."""
    if sum(group.count for group in asked.people) > MOST_AT_ONCE:
        raise Refuse("malformed", f"people: At most {MOST_AT_ONCE} at once.")
    people = []
    for number, group in enumerate(asked.people):
        with _placed(f"people.{number}"):
            require_origin(world, group)
            people.append((group, tuple(action_of(said) for said in group.commands)))
    controls = []
    for number, said in enumerate(asked.controls):
        with _placed(f"controls.{number}"):
            fields = dict(said)
            name = fields.pop("type", None)
            if not isinstance(name, str) or name not in HTTP_CONTROLS:
                raise Refuse("malformed", f"type: Say one of {', '.join(sorted(HTTP_CONTROLS))}.")
            controls.append(control_of(name, fields))
    return Situation(tuple(people), tuple(controls))


async def arrange(world: World, seat: Seat, scope: Scope, asker: Asker, situation: Situation) -> list[Json]:
    """Brings the people in and applies the controls; says where each of the people is.

    Raises the first refusal of a control or a command, with its place in the request. Whoever is refused at the door is
    none: that may be the situation.
    """
    if situation.people:
        done(await apply(world, seat, asker, Start()))
    rows: list[Json] = []
    for number, (group, actions) in enumerate(situation.people):
        came = await hold(world, seat, scope, group)
        with _placed(f"people.{number}"):
            for row in came:
                if row["participant"] is not None:
                    await _settle(world, seat, row["participant"], group, actions)
        rows += came
    for number, command in enumerate(situation.controls):
        with _placed(f"controls.{number}"):
            done(await apply(world, seat, asker, command))
    here = seat.meeting.people
    return [row | ({"place": here[row["participant"]].place.value} if row["participant"] else {}) for row in rows]


async def _settle(world: World, seat: Seat, participant: str, group: Situated, actions: tuple[Action, ...]) -> None:
    where, admin = seat.meeting.people[participant].where, Asker("admin")
    if group.place == "inside" and where is Place.WAITING:
        done(await apply(world, seat, admin, Admit(participant)))
    if group.place == "waiting" and where is Place.INSIDE:
        done(await apply(world, seat, admin, PutInWaitingRoom(participant)))
    for action in actions:
        await world.held[seat.meeting.id][participant].does(action)


@contextmanager
def _placed(place: str) -> Iterator[None]:
    try:
        yield
    except Refuse as refuse:
        refusal = refuse.refusal
        raise Refuse(refusal.code, f"{place}: {refusal.detail}", **dict(refusal.because)) from None
