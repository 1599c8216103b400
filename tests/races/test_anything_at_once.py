"""Whatever people may do, all of it in one moment: one order, and nobody's picture is wrong afterwards."""

from __future__ import annotations

import random
from typing import Any

import pytest

from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Command
from meetingsim.state.controls.admit import Admit, AdmitAll
from meetingsim.state.controls.allow import Allow
from meetingsim.state.controls.audio_video import AskToUnmute, Mute, MuteAll, SetAudio, SetVideo
from meetingsim.state.controls.breakout_rooms import (
    CloseBreakoutRooms,
    JoinBreakoutRoom,
    LeaveBreakoutRoom,
    OpenBreakoutRooms,
    RoomPlan,
)
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.let_return import LetReturn
from meetingsim.state.controls.lock import Lock, Unlock
from meetingsim.state.controls.make_host import MakeHost
from meetingsim.state.controls.moments import RaiseHand
from meetingsim.state.controls.presence import Drop, Leave
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.controls.share import StartShare, StopShare
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat
from meetingsim.state.settings import Activity, WaitingRoom
from tests.races.orders import orders, storms
from tests.races.seats import Act, Acts, Stage, joins, resumes

pytestmark = pytest.mark.anyio
INSIDE, WAITING = ("Host", "Dora", "Ben", "Ida", "Noah"), ("Mia", "Zoe")


async def prepare() -> Stage:
    """A host, a cohost, three inside of whom two are in a breakout room, and two who wait."""
    stage = await Stage.of(waiting_room=WaitingRoom(), capacity=7)
    await stage.enters(*INSIDE[1:], country="DE")
    rooms = OpenBreakoutRooms((RoomPlan("one", (stage.peer("Ben").id, stage.peer("Ida").id)),))
    await stage.does(Act("Host", MakeCohost(stage.peer("Dora").id)), Act("Host", rooms))
    await stage.does(*(joins(name, country="BR") for name in WAITING))
    return stage


def about(one: str) -> list[Command]:
    """What hosts may do about somebody."""
    aimed: tuple[Any, ...] = (
        Admit,
        Deny,
        Remove,
        PutInWaitingRoom,
        MakeCohost,
        RevokeCohost,
        MakeHost,
        Mute,
        LetReturn,
    )
    commands: list[Command] = [kind(one) for kind in aimed]
    return [
        *commands,
        AskToUnmute(one),
        Rename("Somebody", one),
        JoinBreakoutRoom("one", one),
        LeaveBreakoutRoom(one),
        Allow(Activity.AUDIO, False, one),
        Allow(Activity.AUDIO, True, one),
        WaitingRoomChat("soon", one),
        Chat("for you", one),
    ]


def about_all() -> list[Command]:
    """What hosts may do about the meeting."""
    return [
        AdmitAll(),
        Lock(),
        Unlock(),
        MuteAll(),
        Suspend(),
        CloseBreakoutRooms(),
        SetWaitingRoom(False),
        SetWaitingRoom(True),
        Allow(Activity.SHARE, False),
        Allow(Activity.CHAT, True),
        SetRegionRule("deny", ("BR",), "allow", "allow", "remove"),
        SetRegionRule("deny", ("BR",), "allow", "allow", "put_in_waiting_room"),
        SetRegionRule("off"),
    ]


def of_oneself() -> list[Command]:
    """What everybody does for themselves."""
    own: list[Command] = [SetAudio(True), SetVideo(True), StartShare(), StopShare(), RaiseHand(True), Chat("hello")]
    return [
        *own,
        Chat("help", "hosts"),
        Rename("Another"),
        JoinBreakoutRoom("one"),
        LeaveBreakoutRoom(),
        Leave(),
        Drop(),
    ]


def acts_of(seed: int, stage: Stage) -> Acts:
    """Three things by each who is here, two who come, and two who come back."""
    draw = random.Random(seed)
    ids = [stage.peer(name).id for name in (*INSIDE, *WAITING)]
    acts: list[list[Act]] = []
    for name in (*INSIDE, *WAITING):
        menu = of_oneself()
        if name in {"Host", "Dora"}:
            menu = [*about(draw.choice(ids)), *about(draw.choice(ids)), *about_all(), *menu[:-2]]
        chosen = draw.sample(menu, 3)
        chosen.sort(key=lambda command: isinstance(command, Drop))  # a connection that ended sends nothing more
        acts.append([Act(name, command) for command in chosen])
    acts += [[joins("New", country="BR")], [joins("Newer", country="DE")]]
    return [
        *acts,
        [resumes(stage, draw.choice(INSIDE), on="Again")],
        [resumes(stage, draw.choice(WAITING), on="Again too")],
    ]


@pytest.mark.parametrize("seed", range(12))
async def test_anything_at_once(seed: int) -> None:
    done = 0
    async for played in orders(prepare, lambda stage: acts_of(seed, stage), refusals=set(REFUSALS), count=6):
        done += len(played.rows)
    assert done > 60


@pytest.mark.parametrize("seed", range(12))
async def test_anything_at_once_in_a_storm(seed: int) -> None:
    failed = 0
    async for played in storms(prepare, lambda stage: acts_of(seed, stage), refusals=set(REFUSALS), count=6):
        failed += played.stage.journal.failed
    assert failed
