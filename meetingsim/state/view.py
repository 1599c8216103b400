"""What one person may know of a meeting: the picture that events are folded into."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from meetingsim.state.meeting import MESSAGES_KEPT, Meeting, Message, Person, Place, View, WaitingMessage
from meetingsim.state.plain import instant, plain
from meetingsim.state.rights import SWITCHED, allowed_for
from meetingsim.state.settings import ChatLevel, Settings, WaitingRoom

SHOWN_OF_WAITING_ROOM = ("enabled", "who", "chat", "title", "description", "show_topic")


def participant_row(person: Person, *, for_host: bool = False) -> dict[str, Any]:
    """Somebody inside as others see them; the country is in hosts' pictures alone."""
    row: dict[str, Any] = {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "place": person.place.value,
        "audio": person.audio,
        "video": person.video,
        "share": person.share,
        "recording": person.recording,
        "hand": person.hand,
        "profile_picture": person.profile_picture,
    }
    if person.room is not None:
        row["room"] = person.room
    if for_host:
        row["country"] = person.origin.country
    return row


class RowOf(Protocol):
    """Makes a participant's row; a caller may hand in one that keeps what it made."""

    def __call__(self, person: Person, *, for_host: bool = False) -> Any: ...


def view_of(meeting: Meeting, participant: str, row_of: RowOf = participant_row) -> View:
    """All that this person may know now. Whoever is not inside gets their own part alone."""
    viewer = meeting.people[participant]
    if viewer.where is not Place.INSIDE:
        return _outside(meeting, viewer)
    inside = meeting.inside()
    shown = meeting_row(meeting, for_host=viewer.is_host)
    me = _me(viewer)
    me["allowed"] = allowed_for(me, shown)
    return {
        "me": me,
        "meeting": shown,
        "participants": [row_of(person, for_host=viewer.is_host) for person in inside],
        "waiting": [waiting_row(meeting.people[one]) for one in meeting.queue] if viewer.is_host else [],
        "messages": [message_row(line) for line in messages_for(meeting, viewer)],
        "waiting_messages": [
            waiting_message_row(line) for line in (meeting.waiting_messages if viewer.is_host else viewer.thread)
        ],
    }


def waiting_row(person: Person) -> dict[str, Any]:
    """Somebody waiting, as hosts see them."""
    return {
        "id": person.id,
        "name": person.name,
        "since": instant(person.since),
        "why": person.why.value if person.why else None,
        "place": person.place.value,
        "country": person.origin.country,
    }


def message_row(line: Message) -> dict[str, Any]:
    """A chat line in a picture; of one that was deleted the place alone is left."""
    row: dict[str, Any] = {
        "message": line.message,
        "from": line.from_,
        "to": line.to,
        "text": line.text,
        "at": instant(line.at),
    }
    if line.deleted:
        row.update(text="", deleted=True)
    return row if line.room is None else row | {"room": line.room}


def waiting_message_row(line: WaitingMessage) -> dict[str, Any]:
    """A waiting-room line in a picture."""
    return {
        "message": line.message,
        "from": line.from_,
        "from_name": line.from_name,
        "to": line.to,
        "text": line.text,
        "at": instant(line.at),
    }


def meeting_row(meeting: Meeting, *, for_host: bool) -> dict[str, Any]:
    """The meeting as people inside see it; the whole settings document, passcode and region rule are the hosts'."""
    room = plain(meeting.settings.waiting_room)
    row: dict[str, Any] = {
        "id": meeting.id,
        "topic": meeting.topic,
        "kind": meeting.kind,
        "status": meeting.status,
        "locked": meeting.locked,
        "suspended": plain(meeting.suspended),
        "rooms": list(meeting.rooms),
        "waiting_room": {name: room[name] for name in SHOWN_OF_WAITING_ROOM},
        "allow": plain(meeting.settings.allow),
    }
    return row | {"settings": settings_row(meeting.settings)} if for_host else row


def settings_row(settings: Settings) -> dict[str, Any]:
    """The settings document on the wire; a meeting without a passcode says so by null."""
    return {**plain(replace(settings, passcode=None)), "passcode": settings.passcode}


def messages_for(meeting: Meeting, viewer: Person) -> list[Message]:
    """The last lines that this person was told, since their admission."""
    lines = [
        line
        for stream in meeting.messages.values()
        for line in stream
        if line.seq > viewer.entered and heard_line(line, viewer)
    ]
    return sorted(lines, key=lambda line: line.seq)[-MESSAGES_KEPT:]


def heard_line(line: Message, viewer: Person) -> bool:
    """Whether a chat line was for this person: everyone's in one's room, the hosts' for hosts, one's own, and private ones."""
    if viewer.id in {line.from_, line.to}:
        return True
    if line.to == "everyone":
        return line.room == viewer.room and line.seq > viewer.room_since
    return line.to == "hosts" and viewer.is_host


def position_of(meeting: Meeting, participant: str) -> int | None:
    """The place in the queue, from 1."""
    return meeting.queue.index(participant) + 1 if participant in meeting.queue else None


def _me(person: Person) -> dict[str, Any]:
    me: dict[str, Any] = {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "place": person.where.value,
        "bars": plain(person.bars),
        "grants": plain(person.grants),
        "chat_bar": plain(person.chat_bar),
        "chat_grant": plain(person.chat_grant),
        "asked_to_unmute": person.asked_to_unmute,
    }
    return me if person.room is None else me | {"room": person.room}


def _outside(meeting: Meeting, person: Person) -> View:
    me = _me(person)
    me["allowed"] = {activity.value: False for activity in SWITCHED} | {"chat": ChatLevel.NOBODY.value}
    if position := position_of(meeting, person.id):
        me["position"] = position
    return {
        "me": me,
        "meeting": {
            "id": meeting.id,
            "status": meeting.status,
            "waiting_room": _sign(meeting.settings.waiting_room, meeting.topic),
        },
        "waiting_messages": [waiting_message_row(line) for line in person.thread],
    }


def _sign(room: WaitingRoom, topic: str) -> dict[str, Any]:
    sign = {"title": room.title, "description": room.description}
    return sign | {"topic": topic} if room.show_topic else sign


def seat_in(view: View, participant: str) -> dict[str, Any]:
    """The row of somebody who is inside for certain. Raises KeyError where the picture lacks them: something went untold."""
    row = person_in(view, participant)
    if row is None:
        raise KeyError(participant)
    return row


def person_in(view: View, participant: str) -> dict[str, Any] | None:
    """The row of somebody inside in a picture, to be changed by a fold."""
    return _row_in(view["participants"], participant)


def waiting_in(view: View, participant: str) -> dict[str, Any] | None:
    """The row of somebody waiting in a picture, to be changed by a fold."""
    return _row_in(view["waiting"], participant)


def _row_in(rows: list[dict[str, Any]], participant: str) -> dict[str, Any] | None:
    for row in rows:
        if row["id"] == participant:
            return row
    return None


def refold_rights(view: View) -> None:
    """Works ``me.allowed`` out anew, after a fold changed what it rests on."""
    view["me"]["allowed"] = allowed_for(view["me"], view["meeting"])
