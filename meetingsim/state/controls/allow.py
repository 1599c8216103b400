"""The security menu: what participants may do, for all or for one; after a suspend the way back, one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from meetingsim.state.change import EVERYONE, HOSTS_ONLY, touch, with_settings
from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Control,
    Decision,
    Event,
    EventRow,
    Fact,
    Refuse,
    Stamp,
    because,
)
from meetingsim.state.guards import require_host, require_outranked, require_present
from meetingsim.state.meeting import HOSTS, Meeting, Person, View
from meetingsim.state.rights import chat_reach, may
from meetingsim.state.settings import CHAT_ORDER, Activity, ChatLevel
from meetingsim.state.streams import evolve_stops, show_stops, stopped_of
from meetingsim.state.view import refold_rights

_STOPS_ALWAYS = frozenset({Activity.SHARE, Activity.ANNOTATE, Activity.RECORD})
_MOST = ChatLevel.EVERYONE_AND_PRIVATE


@dataclass(frozen=True, slots=True)
class Allow(Command):
    """Allow or bar an activity, for one participant or for all. For chat ``allowed`` may be a level.

    ``stop`` also stops running audio or video when it is barred; share and record stop anyway.
    """

    type: ClassVar[str] = "allow"
    activity: Activity
    allowed: bool | ChatLevel
    participant: str | None = None
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Allowed(Event):
    """An activity may be started (again), by all or by one; ``level`` goes with chat."""

    type: ClassVar[str] = "allowed"
    activity: Activity
    by: str
    participant: str | None = None
    level: ChatLevel | None = None


@dataclass(frozen=True, slots=True)
class Disallowed(Event):
    """An activity may not be started any more, by all or by one; ``stopped`` lists what was stopped with it."""

    type: ClassVar[str] = "disallowed"
    activity: Activity
    by: str
    stopped: tuple[dict[str, Any], ...] = ()
    participant: str | None = None


def decide_allow(meeting: Meeting, command: Allow, context: Context) -> Decision:
    by = require_host(meeting, context)
    if command.activity is not Activity.CHAT and not isinstance(command.allowed, bool):
        raise Refuse("malformed", "Only chat has levels; say true or false.")
    event: Allowed | Disallowed | None
    if command.participant is None:
        event = _for_all(meeting, command, by)
    else:
        person = require_present(meeting, command.participant)
        require_outranked(meeting, context, person)
        event = _for_one(meeting, person, command, by)
    if event is None or _is_there_already(meeting, event):
        return Decision()
    return Decision((Fact(event, because("allow", context)),))


def _is_there_already(meeting: Meeting, event: Allowed | Disallowed) -> bool:
    """Whether nothing would be different after it: levels, bars and exemptions are too many to ask one by one."""
    unplaced = Stamp(meeting.seq, 0)
    if isinstance(event, Allowed):
        return evolve_allowed(meeting, event, unplaced) == meeting
    return evolve_disallowed(meeting, event, unplaced) == meeting


def _for_all(meeting: Meeting, command: Allow, by: str) -> Allowed | Disallowed:
    activity = command.activity
    level = _level(meeting, command) if activity is Activity.CHAT else None
    if command.allowed is False or level is ChatLevel.NOBODY:
        return Disallowed(activity, by, _stopped([one for one in meeting.inside() if not one.is_host], command))
    return Allowed(activity, by, level=level)


def _for_one(meeting: Meeting, person: Person, command: Allow, by: str) -> Allowed | Disallowed | None:
    activity = command.activity
    if command.allowed is False or command.allowed is ChatLevel.NOBODY:
        return Disallowed(activity, by, _stopped([person], command), person.id)
    level = (
        (command.allowed if isinstance(command.allowed, ChatLevel) else _MOST) if activity is Activity.CHAT else None
    )
    free = activity not in person.bars and may(meeting, person, activity)
    if free and (level is None or level is _MOST is chat_reach(meeting, person)):
        return None  # a lower level is a bar of one's own, even where the meeting's is the same now
    return Allowed(activity, by, person.id, level)


def _level(meeting: Meeting, command: Allow) -> ChatLevel:
    if isinstance(command.allowed, ChatLevel):
        return command.allowed
    if not command.allowed:
        return ChatLevel.NOBODY
    now = meeting.settings.allow.chat
    return now if now is not ChatLevel.NOBODY else meeting.chat_before


def _granted(person: Person, activity: Activity) -> bool:
    if activity is Activity.CHAT:
        return person.chat_grant is not None
    return activity in person.grants or (activity is Activity.AUDIO and person.asked_to_unmute)


def _stopped(people: list[Person], command: Allow) -> tuple[dict[str, Any], ...]:
    if command.activity in _STOPS_ALWAYS or command.stop:
        return stopped_of(people, (command.activity,))
    return ()


def evolve_allowed(meeting: Meeting, event: Allowed, stamp: Stamp) -> Meeting:
    activity, level = event.activity, event.level
    if event.participant is not None:
        return _evolve_allowed_one(meeting, meeting.people[event.participant], event)
    meeting = replace(meeting, suspended=meeting.suspended - {activity})
    value: Any = True if level is None else level
    return with_settings(meeting, allow=replace(meeting.settings.allow, **{activity.value: value}))


def _evolve_allowed_one(meeting: Meeting, person: Person, event: Allowed) -> Meeting:
    activity, level = event.activity, event.level
    free = replace(person, bars=person.bars - {activity}, grants=person.grants - {activity})
    if level is None:
        if not may(meeting, free, activity):
            free = replace(free, grants=free.grants | {activity})
        return touch(meeting, person.id, bars=free.bars, grants=free.grants)
    capped = level is not _MOST
    free = replace(
        free,
        chat_bar=level if capped else None,
        bars=free.bars | {activity} if capped else free.bars,
        chat_grant=None,
    )
    grant = level if CHAT_ORDER[chat_reach(meeting, free)] < CHAT_ORDER[level] else None
    return touch(meeting, person.id, bars=free.bars, chat_bar=free.chat_bar, chat_grant=grant)


def evolve_disallowed(meeting: Meeting, event: Disallowed, stamp: Stamp) -> Meeting:
    activity = event.activity
    meeting = evolve_stops(meeting, event.stopped)
    if event.participant is not None:
        person = meeting.people[event.participant]
        bars, grants = person.bars | {activity}, person.grants - {activity}
        if activity is Activity.CHAT:
            return touch(meeting, person.id, bars=bars, chat_bar=ChatLevel.NOBODY, chat_grant=None)
        asked = person.asked_to_unmute and activity is not Activity.AUDIO
        return touch(meeting, person.id, bars=bars, grants=grants, asked_to_unmute=asked)
    return _bar_all(meeting, activity)


def _bar_all(meeting: Meeting, activity: Activity) -> Meeting:
    """Barring all ends every exemption from it, too."""
    for person in meeting.people.values():
        if _granted(person, activity):
            changes = _without_grant(person, activity)
            meeting = touch(meeting, person.id, **changes)
    allow, before = meeting.settings.allow, meeting.chat_before
    value: Any = False
    if activity is Activity.CHAT:
        before = allow.chat if allow.chat is not ChatLevel.NOBODY else before
        value = ChatLevel.NOBODY
    meeting = replace(meeting, chat_before=before)
    return with_settings(meeting, allow=replace(allow, **{activity.value: value}))


def _without_grant(person: Person, activity: Activity) -> dict[str, Any]:
    if activity is Activity.CHAT:
        return {"chat_grant": None}
    asked = person.asked_to_unmute and activity is not Activity.AUDIO
    return {"grants": person.grants - {activity}, "asked_to_unmute": asked}


def hear_allowed(before: Meeting, after: Meeting, event: Allowed) -> Audience:
    return EVERYONE if event.participant is None else _hosts_and(event.participant)


def hear_disallowed(before: Meeting, after: Meeting, event: Disallowed) -> Audience:
    """One person's bar concerns that person and the hosts, unless it stopped what others see."""
    if event.participant is None or event.stopped:
        return EVERYONE
    return _hosts_and(event.participant)


def _hosts_and(participant: str) -> Audience:
    return replace(HOSTS_ONLY, only=frozenset({participant}))


def show_allowed(view: View, frame: dict[str, Any]) -> None:
    activity, level, me, meeting = frame["activity"], frame.get("level"), view["me"], view["meeting"]
    if "participant" not in frame:
        meeting["suspended"] = [one for one in meeting["suspended"] if one != activity]
        _set_wide(view, activity, True if level is None else level)
    elif frame["participant"] == me["id"]:
        me["bars"] = [one for one in me["bars"] if one != activity]
        me["grants"] = [one for one in me["grants"] if one != activity]
        if level is None:
            refold_rights(view)
            if not me["allowed"][activity]:
                me["grants"] = sorted([*me["grants"], activity])
        else:
            _show_chat_level(view, level)
    refold_rights(view)


def _show_chat_level(view: View, level: str) -> None:
    me = view["me"]
    capped = level != _MOST
    me.update(chat_bar=level if capped else None, chat_grant=None)
    if capped:
        me["bars"] = sorted([*me["bars"], Activity.CHAT.value])
    refold_rights(view)
    reached = ChatLevel(me["allowed"]["chat"])
    if CHAT_ORDER[reached] < CHAT_ORDER[ChatLevel(level)]:
        me["chat_grant"] = level


def show_disallowed(view: View, frame: dict[str, Any]) -> None:
    activity, me = frame["activity"], view["me"]
    show_stops(view, frame["stopped"])
    mine = frame.get("participant") == me["id"]
    if "participant" not in frame:
        _set_wide(view, activity, ChatLevel.NOBODY.value if activity == Activity.CHAT else False)
    if mine and activity not in me["bars"]:
        me["bars"] = sorted([*me["bars"], activity])
    if mine or "participant" not in frame:
        me["grants"] = [one for one in me["grants"] if one != activity]
        if activity == Activity.CHAT:
            me.update(chat_grant=None, chat_bar=ChatLevel.NOBODY.value if mine else me["chat_bar"])
        if activity == Activity.AUDIO:
            me["asked_to_unmute"] = False
    refold_rights(view)


def _set_wide(view: View, activity: str, value: Any) -> None:
    view["meeting"]["allow"][activity] = value
    if view["me"]["role"] in HOSTS:
        view["meeting"]["settings"]["allow"][activity] = value


CONTROLS = (
    Control(
        Allow,
        decide_allow,
        who="host, cohost",
        summary="Allow or bar an activity, for all or for one.",
        http=True,
        events=(
            EventRow(Allowed, evolve_allowed, hear_allowed, show_allowed, "An activity is allowed."),
            EventRow(Disallowed, evolve_disallowed, hear_disallowed, show_disallowed, "An activity is barred."),
        ),
    ),
)
