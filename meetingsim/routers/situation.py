"""A whole situation in one call: a new meeting with people in their places and controls in force."""

from __future__ import annotations

from starlette.types import Scope

from meetingsim.live.seat import Seat
from meetingsim.routers.controls import apply
from meetingsim.routers.held import hold
from meetingsim.routers.shapes import NewMeeting, Situated
from meetingsim.routers.wire import HTTP_CONTROLS, control_of
from meetingsim.routers.world import Json, World, done
from meetingsim.state.control import Asker, Refuse
from meetingsim.state.controls.admit import Admit
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.start_end import Start
from meetingsim.state.meeting import Place


async def arrange(world: World, seat: Seat, scope: Scope, asker: Asker, asked: NewMeeting) -> list[Json]:
    """Brings the people in and applies the controls; says where each of the people is.

    Raises the first refusal of a control or a command, with its place in the request. Whoever is refused at the door is
    none: that may be the situation.
    """
    if asked.people:
        done(await apply(world, seat, asker, Start()))
    people = [
        row for number, group in enumerate(asked.people) for row in await _come(world, seat, scope, number, group)
    ]
    for number, said in enumerate(asked.controls):
        fields = dict(said)
        name = fields.pop("type", None)
        try:
            if name not in HTTP_CONTROLS:
                raise Refuse("malformed", f"type: Say one of {', '.join(sorted(HTTP_CONTROLS))}.")
            done(await apply(world, seat, asker, control_of(str(name), fields)))
        except Refuse as refuse:
            raise _at(f"controls.{number}", refuse) from None
    here = seat.meeting.people
    return [row | ({"place": here[row["participant"]].place.value} if row["participant"] else {}) for row in people]


async def _come(world: World, seat: Seat, scope: Scope, number: int, group: Situated) -> list[Json]:
    rows = await hold(world, seat, scope, group)
    try:
        for row in rows:
            if row["participant"] is not None:
                await _settle(world, seat, row["participant"], group)
    except Refuse as refuse:
        raise _at(f"people.{number}", refuse) from None
    return rows


async def _settle(world: World, seat: Seat, participant: str, group: Situated) -> None:
    where, admin = seat.meeting.people[participant].where, Asker("admin")
    if group.place == "inside" and where is Place.WAITING:
        done(await apply(world, seat, admin, Admit(participant)))
    if group.place == "waiting" and where is Place.INSIDE:
        done(await apply(world, seat, admin, PutInWaitingRoom(participant)))
    for said in group.commands:
        fields = dict(said)
        await world.held[seat.meeting.id][participant].command(str(fields.pop("type", "")), fields)


def _at(place: str, refuse: Refuse) -> Refuse:
    refusal = refuse.refusal
    return Refuse(refusal.code, f"{place}: {refusal.detail}", **dict(refusal.because))
