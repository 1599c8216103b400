"""What each kind of fact changes in a picture: one small function for each, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from meetingsim.scenarios.trace import Fact
from meetingsim.state.settings import Activity

if TYPE_CHECKING:
    from meetingsim.scenarios.picture import Picture, Row

STILL: Final[Mapping[str, Any]] = {
    "audio": False,
    "video": False,
    "share": False,
    "recording": False,
    "hand": False,
    "room": None,
}
STREAM: Final[Mapping[str, str]] = {"audio": "audio", "video": "video", "share": "share", "record": "recording"}
"""The field of a row that says that an activity runs."""
HOSTS: Final = ("host", "cohost")
HERE: Final = ("early", "waiting", "inside")


def plain_role(role: str) -> str:
    """The role that is left of one when a host takes theirs away."""
    return "participant" if role in HOSTS else role


def _enter(picture: Picture, fact: Fact) -> None:
    row, person = picture.become(fact.fields["participant"]), fact.fields.get("person") or {}
    seat = {"joined_waiting_room": "waiting", "arrived_early": "early"}.get(fact.fact, "inside")
    # Of whoever waits no role is told: what hosts made of them before they left counts no more.
    role = person.get("role") or (row["entry_role"] if fact.fact == "joined_waiting_room" else row["role"])
    if role != row["role"]:
        row.update(role=role, earlier_role=plain_role(role))
    name = person.get("name") or fact.fields.get("name") or row["name"]
    shows = bool(person.get("profile_picture", row["profile_picture"]))
    row.update(name=name, seat=seat, place=person.get("place", seat), profile_picture=shows)


def _admitted(picture: Picture, fact: Fact) -> None:
    row, person = picture.row(fact.fields["participant"]), fact.fields.get("person") or {}
    row.update(seat="inside", place=person.get("place", "inside"), role=person.get("role", row["role"]))


def _gone(picture: Picture, fact: Fact) -> None:
    place = "removed" if fact.fact == "removed" else "left"
    picture.row(fact.fields["participant"]).update(STILL, place=place, seat=None)


def _put_back(picture: Picture, fact: Fact) -> None:
    row = picture.row(fact.fields["participant"])
    role = row["earlier_role"] if row["role"] in HOSTS else row["role"]
    place = "reconnecting" if row["place"] == "reconnecting" else "waiting"
    row.update(STILL, place=place, seat="waiting", role=role)


def _reconnecting(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"])["place"] = "reconnecting"


def _reconnected(picture: Picture, fact: Fact) -> None:
    row = picture.become(fact.fields["participant"])
    row["place"] = row["seat"]


def _origin_known(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"])["country"] = fact.fields.get("country")


def _renamed(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"])["name"] = fact.fields["name"]


def _role_changed(picture: Picture, fact: Fact) -> None:
    row = picture.row(fact.fields["participant"])
    earlier = row["earlier_role"] if row["role"] in HOSTS else row["role"]
    row.update(role=fact.fields["role"], earlier_role=earlier)
    _stop(picture, fact.fields.get("stopped") or ())


def _switched(field: str, said: str | bool) -> Callable[[Picture, Fact], None]:
    """A field of a row follows what the event says under a name, or is this."""

    def fold(picture: Picture, fact: Fact) -> None:
        on = said if isinstance(said, bool) else bool(fact.fields.get(said))
        picture.row(fact.fields["participant"])[field] = on

    return fold


def _stop(picture: Picture, stopped: Any) -> None:
    for stop in stopped:
        off = {STREAM[one]: False for one in stop["activities"] if one in STREAM}
        picture.row(stop["participant"]).update(off)


def _room_changed(picture: Picture, fact: Fact) -> None:
    picture.row(fact.fields["participant"]).update(room=fact.fields.get("room"), share=False)


def _rooms_opened(picture: Picture, fact: Fact) -> None:
    picture.set(rooms=[*picture.meeting["rooms"], *fact.fields["rooms"]])


def _rooms_closed(picture: Picture, fact: Fact) -> None:
    for row in picture.everybody():
        if row["room"] is not None:
            row.update(room=None, share=False)
    picture.set(rooms=[])


def _suspended(picture: Picture, fact: Fact) -> None:
    """Only what the event says is stopped, is: that it is everything is for the expectations to find out."""
    bars = fact.fields.get("activities") or [one.value for one in Activity]
    stopped = fact.fields.get("stopped")
    if stopped is not None:
        _stop(picture, stopped)
    for row in picture.everybody():
        row["room"] = None
        if stopped is None:
            row.update(dict.fromkeys(STREAM.values(), False))
    picture.set(suspended=sorted(bars), locked=True, rooms=[])


def _allowed(picture: Picture, fact: Fact) -> None:
    if fact.fields.get("participant") is not None:
        return
    activity, level = fact.fields["activity"], fact.fields.get("level")
    picture.set(suspended=[one for one in picture.suspended if one != activity])
    picture.set_settings(allow={**picture.meeting["allow"], activity: True if level is None else level})


def _disallowed(picture: Picture, fact: Fact) -> None:
    _stop(picture, fact.fields.get("stopped") or ())
    if fact.fields.get("participant") is None:
        activity = fact.fields["activity"]
        barred = "nobody" if activity == "chat" else False
        picture.set_settings(allow={**picture.meeting["allow"], activity: barred})


def _waiting_room_set(picture: Picture, fact: Fact) -> None:
    changes = {name: fact.fields[name] for name in ("enabled", "who") if name in fact.fields}
    picture.set_settings(waiting_room={**picture.meeting["waiting_room"], **changes})


def _meeting_changed(picture: Picture, fact: Fact) -> None:
    picture.set(topic=fact.fields["topic"])
    picture.set_settings(waiting_room={**picture.meeting["waiting_room"], **(fact.fields.get("waiting_room") or {})})


def _created(picture: Picture, fact: Fact) -> None:
    picture.set(topic=fact.fields.get("topic"), kind=fact.fields.get("kind"), id=fact.fields.get("id"))


def _ended(picture: Picture, fact: Fact) -> None:
    for row in picture.everybody():
        if row["seat"] in HERE:
            row.update(STILL, place="left", seat=None)
    picture.set(status="ended")


def _viewed(picture: Picture, fact: Fact) -> None:
    """What a client's view says of its own person: of those whom no event told of, it is all there is."""
    view = fact.fields["view"]
    me = view.get("me") or {}
    if me.get("id") is None:
        return
    row = picture.become(str(me["id"]))
    place = me.get("place", row["place"])
    own: Row = next((one for one in view.get("participants") or () if one.get("id") == me["id"]), {})
    on = {name: bool(own.get(name, row[name])) for name in STREAM.values()}
    row.update(on, place=place, seat=place if place in HERE else None, room=me.get("room"))
    row.update({name: me[name] for name in ("name", "role") if me.get(name) is not None})


def _sent(picture: Picture, fact: Fact) -> None:
    attempt = fact.fields.get("attempt")
    if attempt is not None and fact.actor in picture.cast:
        picture.cast[fact.actor]["attempt"] = attempt
        picture.touched.append(fact.actor)


FOLDS: Final[Mapping[str, Callable[[Picture, Fact], None]]] = {
    "created": _created,
    "started": lambda picture, fact: picture.set(status="started"),
    "ended": _ended,
    "meeting_changed": _meeting_changed,
    "settings_changed": lambda picture, fact: picture.set_settings(**fact.fields["settings"]),
    "waiting_room_set": _waiting_room_set,
    "region_rule_set": lambda picture, fact: picture.set_settings(region=fact.fields["rule"]),
    "locked": lambda picture, fact: picture.set(locked=True),
    "unlocked": lambda picture, fact: picture.set(locked=False),
    "suspended": _suspended,
    "allowed": _allowed,
    "disallowed": _disallowed,
    "arrived_early": _enter,
    "joined": _enter,
    "joined_waiting_room": _enter,
    "admitted": _admitted,
    "denied": _gone,
    "left": _gone,
    "removed": _gone,
    "put_in_waiting_room": _put_back,
    "reconnecting": _reconnecting,
    "reconnected": _reconnected,
    "origin_known": _origin_known,
    "renamed": _renamed,
    "role_changed": _role_changed,
    "audio_changed": _switched("audio", "on"),
    "video_changed": _switched("video", "on"),
    "share_started": _switched("share", True),
    "share_stopped": _switched("share", False),
    "recording_started": _switched("recording", True),
    "recording_stopped": _switched("recording", False),
    "hand_changed": _switched("hand", "up"),
    "profile_picture_changed": _switched("profile_picture", "on"),
    "breakout_rooms_opened": _rooms_opened,
    "breakout_rooms_closed": _rooms_closed,
    "room_changed": _room_changed,
    "viewed": _viewed,
    "sent": _sent,
    "connected": lambda picture, fact: picture.connect(str(fact.actor), fact.fields.get("line"), on=True),
    "disconnected": lambda picture, fact: picture.connect(str(fact.actor), fact.fields.get("line"), on=False),
}
"""What each fact changes. Those that are not here are news, and change nothing that an expression can ask for.

``viewed {view}`` stands in no trace: it is a view that a client read, where there is no journal.
"""
