"""Two things in one moment, in many orders, through a real seat: one order, one outcome, and nothing half done."""

from __future__ import annotations

import pytest

from meetingsim.state.control import Ticket
from meetingsim.state.controls.admit import Admit, AdmitAll
from meetingsim.state.controls.audio_video import SetAudio, SetVideo
from meetingsim.state.controls.chat import Chat
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.deny import Deny
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.lock import Lock
from meetingsim.state.controls.moments import RaiseHand
from meetingsim.state.controls.presence import Drop, Leave, Resume
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename
from meetingsim.state.controls.set_region_rule import SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom
from meetingsim.state.controls.start_end import End
from meetingsim.state.controls.suspend import Suspend
from meetingsim.state.meeting import Place
from meetingsim.state.settings import WaitingRoom
from tests.races.orders import ORDERS, Prepare, orders, storms
from tests.races.seats import Act, Acts, Stage, joins, resumes

pytestmark = pytest.mark.anyio
WAITS = WaitingRoom()


def bystanders(*names: str) -> list[list[Act]]:
    """What people do meanwhile, so that batches hold more than the race."""
    return [
        [Act(name, RaiseHand(True)), Act(name, Chat(f"I am {name}")), Act(name, RaiseHand(False))] for name in names
    ]


def setting(*names: str, cohosts: tuple[str, ...] = (), waiting: tuple[str, ...] = (), **settings: object) -> Prepare:
    """A host, people inside, some of them cohosts, and people who wait."""

    async def prepare() -> Stage:
        stage = await Stage.of(**settings)
        await stage.enters(*names)
        for name in cohosts:
            await stage.does(Act("Host", MakeCohost(stage.peer(name).id)))
        for name in waiting:
            await stage.does(joins(name))
            assert stage.person(name).place is Place.WAITING
        return stage

    return prepare


# Two who decide.


async def test_admit_against_remove_leaves_the_person_out_either_way() -> None:
    prepare = setting("Dora", "Ben", "Ida", cohosts=("Dora",), waiting=("Mia",), waiting_room=WAITS)

    def acts(stage: Stage) -> Acts:
        mia = stage.peer("Mia").id
        return [[Act("Host", Admit(mia))], [Act("Dora", Remove(mia))], *bystanders("Ben", "Ida")]

    async for played in orders(prepare, acts, refusals={"not_waiting"}):
        assert played.code("Dora", Remove) == "ok", played
        admitted_first = played.first(Admit, Remove) is Admit
        assert played.code("Host", Admit) == ("ok" if admitted_first else "not_waiting"), played
        assert len(played.seqs("admitted")) == admitted_first, played
        assert played.stage.person("Mia").place is Place.REMOVED
        assert played.stage.peer("Mia").close_code == 4500


async def test_admit_against_deny_is_one_decision() -> None:
    prepare = setting("Dora", "Ben", "Ida", cohosts=("Dora", "Ben"), waiting=("Mia", "Noah"), waiting_room=WAITS)

    def acts(stage: Stage) -> Acts:
        mia = stage.peer("Mia").id
        return [[Act("Ben", Admit(mia))], [Act("Dora", Deny(mia))], *bystanders("Host", "Ida")]

    async for played in orders(prepare, acts, refusals={"already_decided"}):
        said = {Admit: played.code("Ben", Admit), Deny: played.code("Dora", Deny)}
        first = played.first(Admit, Deny)
        assert said == {kind: "ok" if kind is first else "already_decided" for kind in said}, played
        assert len(played.seqs("admitted") + played.seqs("denied")) == 1
        mia = played.stage.person("Mia")
        assert mia.place is (Place.INSIDE if first is Admit else Place.LEFT)
        assert played.stage.peer("Mia").close_code == (None if first is Admit else 4004)


async def test_admit_against_put_back_ends_where_the_later_says() -> None:
    prepare = setting("Dora", "Ben", "Ida", cohosts=("Dora", "Ben"), waiting=("Mia", "Noah"), waiting_room=WAITS)

    def acts(stage: Stage) -> Acts:
        mia = stage.peer("Mia").id
        return [[Act("Ben", Admit(mia))], [Act("Dora", PutInWaitingRoom(mia))], *bystanders("Host", "Ida")]

    async for played in orders(prepare, acts, refusals=set()):
        admitted_first = played.first(Admit, PutInWaitingRoom) is Admit
        assert played.stage.person("Mia").place is (Place.WAITING if admitted_first else Place.INSIDE), played
        assert len(played.seqs("admitted")) == 1
        assert len(played.seqs("put_in_waiting_room")) == admitted_first
        views = [frame["view"]["me"]["place"] for frame in played.stage.peer("Mia").frames if frame["type"] == "view"]
        assert views[-1] == ("waiting" if admitted_first else "inside")


async def test_admission_against_going_away_lets_nobody_in_who_is_gone() -> None:
    prepare = setting("Dora", "Ben", cohosts=("Dora",), waiting=("Mia", "Noah"), waiting_room=WAITS)

    def acts(stage: Stage) -> Acts:
        return [
            [Act("Host", AdmitAll())],
            [Act("Mia", Drop())],
            [Act("Noah", Leave())],
            [Act("Dora", SetWaitingRoom(False))],
            *bystanders("Ben"),
        ]

    async for played in orders(prepare, acts, refusals=set()):
        noah, mia = played.stage.person("Noah"), played.stage.person("Mia")
        assert noah.place is Place.LEFT, played
        left = played.seqs("left", participant=noah.id)
        assert len(left) == 1
        assert played.seqs("admitted", participant=noah.id) < left
        assert mia.place is Place.RECONNECTING, played
        if played.first(AdmitAll, Drop, SetWaitingRoom) is AdmitAll:
            assert mia.where is Place.INSIDE, played


# The door.


async def test_nobody_joins_behind_a_lock() -> None:
    prepare = setting("Ben", "Ida")

    def acts(stage: Stage) -> Acts:
        guests = [[joins(f"Guest {number}")] for number in range(4)]
        return [[Act("Host", Lock())], *guests, *bystanders("Ben", "Ida")]

    async for played in orders(prepare, acts, refusals={"locked"}):
        (locked,) = played.seqs("locked")
        joined = played.seqs("joined")
        assert all(seq < locked for seq in joined), played
        assert played.codes(None, Join).count("ok") == len(joined)
        assert played.stage.meeting.locked


@pytest.mark.parametrize("door", ["join", "admit"])
async def test_the_last_seat_is_for_one(door: str) -> None:
    waiting = ("Mia", "Noah") if door == "admit" else ()
    room = WAITS if door == "admit" else WaitingRoom(enabled=False)
    prepare = setting("Dora", "Ben", "Ida", cohosts=("Dora",), waiting=waiting, capacity=5, waiting_room=room)

    def acts(stage: Stage) -> Acts:
        if door == "join":
            rivals = [[joins("Mia")], [joins("Noah")]]
        else:
            rivals = [[Act("Host", Admit(stage.peer("Mia").id))], [Act("Dora", Admit(stage.peer("Noah").id))]]
        return [*rivals, *bystanders("Ben", "Ida")]

    kind = Join if door == "join" else Admit
    async for played in orders(prepare, acts, refusals={"full"}):
        assert played.codes(None, kind) == ["ok", "full"], played
        assert played.stage.meeting.count_inside() == 5


async def test_the_seat_of_somebody_who_leaves_is_given_once() -> None:
    prepare = setting("Dora", "Ben", "Ida", capacity=4)

    def acts(stage: Stage) -> Acts:
        return [[Act("Dora", Leave())], [joins("Mia")], [joins("Noah")], *bystanders("Ben", "Ida")]

    async for played in orders(prepare, acts, refusals={"full"}):
        kinds = [type(act.command) for act in played.order if isinstance(act.command, Leave | Join)]
        assert played.codes(None, Join).count("ok") == (kinds[-1] is not Leave), played


async def test_the_last_place_in_the_waiting_room_is_for_one() -> None:
    room = WaitingRoom(capacity=2)
    prepare = setting("Ben", "Ida", waiting=("First",), waiting_room=room)

    def acts(stage: Stage) -> Acts:
        return [[joins("Mia")], [joins("Noah")], *bystanders("Ben", "Ida")]

    async for played in orders(prepare, acts, refusals={"full"}):
        assert played.codes(None, Join) == ["ok", "full"], played
        assert len(played.stage.meeting.queue) == 2


async def test_a_single_use_ticket_shown_by_two_devices_is_one_persons() -> None:
    prepare = setting("Ben", "Ida")
    ticket = Ticket("t-1", single_use=True)

    def acts(stage: Stage) -> Acts:
        return [[joins("Mia", ticket=ticket)], [joins("Mallory", ticket=ticket)], *bystanders("Ben", "Ida")]

    async for played in orders(prepare, acts, refusals={"ticket_used"}):
        assert played.codes(None, Join) == ["ok", "ticket_used"], played
        assert len(played.seqs("joined")) == len(played.seqs("ticket_flagged")) == 1
        assert "ticket_flagged" in played.stage.peer("Host").types()
        assert "ticket_flagged" not in played.stage.peer("Ben").types()


@pytest.mark.parametrize("present", ["keep", "remove", "put_in_waiting_room"])
async def test_a_region_rule_against_joins_lets_nobody_in_behind_it(present: str) -> None:
    prepare = setting("Ben", "Ida")

    def acts(stage: Stage) -> Acts:
        rule = SetRegionRule("deny", ("BR",), "allow", "allow", present)  # type: ignore[arg-type]  # one of the three
        guests = [[joins(f"Guest {number}", country="BR" if number % 2 else "DE")] for number in range(4)]
        return [[Act("Host", rule)], *guests, *bystanders("Ben", "Ida")]

    async for played in orders(prepare, acts, refusals={"region_blocked"}):
        (rule,) = played.seqs("region_rule_set")
        denied = [one for one in played.stage.meeting.people.values() if one.origin.country == "BR"]
        assert all(seq < rule for one in denied for seq in played.seqs("joined", participant=one.id)), played
        place = {"keep": Place.INSIDE, "remove": Place.REMOVED, "put_in_waiting_room": Place.WAITING}[present]
        assert {one.place for one in denied} <= {place}, played
        for number in (0, 2):
            assert played.code(f"Guest {number}", Join) == "ok"


# What is in flight.


async def test_of_fifty_unmutes_in_flight_none_is_heard_behind_the_suspension() -> None:
    names = [f"Guest {number}" for number in range(5)]
    prepare = setting("Dora", *names, cohosts=("Dora",))

    def acts(stage: Stage) -> Acts:
        talk = [[Act(name, SetAudio(number % 3 != 2)) for number in range(10)] for name in names]
        return [[Act("Dora", Suspend())], *talk]

    async for played in orders(prepare, acts, refusals={"suspended"}):
        (suspended,) = played.seqs("suspended")
        assert all(seq < suspended for seq in played.seqs("audio_changed")), played
        assert not any(person.audio for person in played.stage.meeting.people.values())
        stopped = next(row.data["stopped"] for row in played.rows if row.type == "suspended")
        talking = {row.data["participant"]: row.data["on"] for row in played.rows if row.type == "audio_changed"}
        assert {one["participant"] for one in stopped} == {one for one, on in talking.items() if on}, played


async def test_a_command_of_somebody_whose_role_is_revoked_counts_only_before_it() -> None:
    prepare = setting("Dora", "Ben", "Ida", cohosts=("Dora",))

    def acts(stage: Stage) -> Acts:
        dora, ben, ida = (stage.peer(name).id for name in ("Dora", "Ben", "Ida"))
        orders_of_dora = [Act("Dora", Rename("Benjamin", ben)), Act("Dora", Lock()), Act("Dora", Remove(ida))]
        return [[Act("Host", RevokeCohost(dora))], orders_of_dora, *bystanders("Ben")]

    async for played in orders(prepare, acts, refusals={"not_host"}):
        place = next(at for at, act in enumerate(played.order) if isinstance(act.command, RevokeCohost))
        for at, (act, outcome) in enumerate(zip(played.order, played.outcomes, strict=True)):
            if act.who == "Dora" and outcome is not None:
                assert (outcome.refusal.code if outcome.refusal else "ok") == ("ok" if at < place else "not_host")
        (changed,) = played.seqs("role_changed")
        dora = played.stage.peer("Dora").id
        assert all(row.seq < changed for row in played.rows if row.data.get("by") == dora), played


async def test_after_the_end_nothing_else_stands_in_the_journal() -> None:
    prepare = setting("Dora", "Ben", "Ida", cohosts=("Dora",), waiting=("Mia",), waiting_room=WAITS)

    def acts(stage: Stage) -> Acts:
        mia, ben = stage.peer("Mia").id, stage.peer("Ben").id
        return [
            [Act("http", End())],
            [Act("Host", Admit(mia)), Act("Host", Lock())],
            [Act("Dora", Remove(ben)), Act("Dora", Suspend())],
            [Act("Ben", Chat("hello")), Act("Ben", SetVideo(True))],
            [Act("Ida", Drop())],
            [joins("Noah")],
        ]

    refusals = {"ended", "not_inside", "not_waiting", "locked", "suspended"}
    async for played in orders(prepare, acts, refusals=refusals):
        assert played.rows[-1].type == "ended", played
        ended = next(at for at, act in enumerate(played.order) if isinstance(act.command, End))
        late = [outcome for outcome in played.outcomes[ended + 1 :] if outcome is not None]
        assert {outcome.refusal.code if outcome.refusal else "ok" for outcome in late} <= {"ended", "unavailable"}
        closed = {peer.name: peer.close_code for peer in played.stage.peers.values() if peer.connection.participant}
        assert {code for name, code in closed.items() if name not in {"Ben", "Ida"}} == {4502}, closed
        assert closed["Ben"] in {4500, 4502}
        assert closed["Ida"] in {None, 4502}


# Coming back.


def _dropped(*, first: bool) -> Prepare:
    async def prepare() -> Stage:
        stage = await setting("Dora", "Ben", "Mia", cohosts=("Dora",))()
        if first:
            await stage.does(Act("Mia", Drop()))
        return stage

    return prepare


@pytest.mark.parametrize("dropped", [True, False])
async def test_resume_against_remove_leaves_the_person_out_either_way(*, dropped: bool) -> None:
    def acts(stage: Stage) -> Acts:
        mia = stage.peer("Mia")
        back = resumes(stage, "Mia", on="Mia again")
        return [[back], [Act("Dora", Remove(mia.id))], *bystanders("Ben", "Host")]

    async for played in orders(_dropped(first=dropped), acts, refusals={"removed"}):
        resumed_first = played.first(Resume, Remove) is Resume
        assert played.code("Mia again", Resume) == ("ok" if resumed_first else "removed"), played
        assert played.stage.person("Mia").place is Place.REMOVED
        codes = [played.stage.peer(name).close_code for name in ("Mia", "Mia again")]
        assert codes[1] == (4500 if resumed_first else None), "at the door it is the door that closes"
        if not dropped:
            assert codes[0] == (4003 if resumed_first else 4500), played
        assert len(played.seqs("removed")) == 1


@pytest.mark.parametrize("dropped", [True, False])
async def test_two_resumes_of_one_session_leave_one_connection(*, dropped: bool) -> None:
    def acts(stage: Stage) -> Acts:
        one, other = (resumes(stage, "Mia", on=name) for name in ("One", "Other"))
        return [[one], [other], [Act("Host", Chat("a")), Act("Host", Chat("b"))], *bystanders("Ben", "Dora")]

    async for played in orders(_dropped(first=dropped), acts, refusals=set()):
        later = [act.who for act in played.order if isinstance(act.command, Resume)][-1]
        connections = played.stage.seat.publisher.connections
        assert connections[played.stage.peer("Mia").id] is played.stage.peer(later).connection, played
        closed = {name: played.stage.peer(name).close_code for name in ("One", "Other")}
        assert closed == {name: None if name == later else 4003 for name in closed}, played
        told = [frame["text"] for frame in played.stage.peer(later).frames if frame["type"] == "message"]
        assert [text for text in told if len(text) == 1] == ["a", "b"], played
        assert len(played.seqs("connection_replaced")) == (1 if dropped else 2)


async def test_the_end_of_the_old_connection_does_not_undo_a_resume() -> None:
    def acts(stage: Stage) -> Acts:
        return [[resumes(stage, "Mia", on="Again")], [Act("Mia", Drop())], *bystanders("Ben", "Dora")]

    async for played in orders(_dropped(first=False), acts, refusals=set()):
        assert played.stage.person("Mia").place is Place.INSIDE, played
        assert played.stage.peer("Again").close_code is None
        assert not played.seqs("left")


async def test_what_a_replaced_connection_still_sends_is_void() -> None:
    def acts(stage: Stage) -> Acts:
        talk = [Act("Mia", Chat(str(number))) for number in range(4)]
        return [[resumes(stage, "Mia", on="Again")], talk, *bystanders("Ben")]

    async for played in orders(_dropped(first=False), acts, refusals=set()):
        place = next(at for at, act in enumerate(played.order) if isinstance(act.command, Resume))
        said = [act.command.text for act in played.order[:place] if act.who == "Mia" and isinstance(act.command, Chat)]
        mia = played.stage.peer("Mia").id
        written = [row.data["text"] for row in played.rows if row.type == "message" and row.data["from"] == mia]
        assert written == said, played


# A journal that fails in the middle of it.


async def test_in_a_storm_everything_happened_wholly_or_not_at_all() -> None:
    prepare = setting("Dora", "Ben", "Ida", cohosts=("Dora",), waiting=("Mia",), waiting_room=WAITS)

    def acts(stage: Stage) -> Acts:
        mia, ben = stage.peer("Mia").id, stage.peer("Ben").id
        return [
            [Act("Host", Admit(mia)), Act("Host", Chat("welcome")), Act("Host", PutInWaitingRoom(mia))],
            [Act("Dora", Remove(ben)), Act("Dora", Suspend())],
            [Act("Ben", Chat("hello")), Act("Ben", SetAudio(True))],
            [resumes(stage, "Ida", on="Ida again"), Act("Ida", Drop())],
            [joins("Noah"), Act("Noah", Leave())],
        ]

    failed = 0
    refusals = {"not_waiting", "not_inside", "suspended", "locked"}
    async for played in storms(prepare, acts, refusals=refusals):
        failed += played.stage.journal.failed
        for act, outcome in zip(played.order, played.outcomes, strict=True):
            if outcome is not None and outcome.refusal is None and isinstance(act.command, Remove):
                assert len(played.seqs("removed")) == 1, played
        assert len(played.seqs("removed")) <= 1
        assert len(played.seqs("suspended")) <= 1
    assert failed > ORDERS
