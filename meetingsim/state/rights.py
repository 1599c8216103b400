"""What a person may do: one rule over plain values, read by the guards and by the fold of every viewer's picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from meetingsim.state.meeting import HOSTS, Meeting, Person, Role
from meetingsim.state.settings import CHAT_ORDER, Activity, ChatLevel

SWITCHED = tuple(activity for activity in Activity if activity is not Activity.CHAT)
"""The activities that are on or off; chat has levels."""


def reach(
    *,
    role: str,
    suspended: Collection[str],
    level: str,
    bar: str | None,
    grant: str | None,
) -> ChatLevel:
    """How far somebody's chat reaches: the meeting's level, no further than the own bar, at least as far as the own grant."""
    if role in HOSTS:
        return ChatLevel.EVERYONE_AND_PRIVATE
    wide = ChatLevel.NOBODY if Activity.CHAT in suspended else ChatLevel(level)
    capped = min(wide, ChatLevel(bar or ChatLevel.EVERYONE_AND_PRIVATE), key=CHAT_ORDER.__getitem__)
    return max(capped, ChatLevel(grant or ChatLevel.NOBODY), key=CHAT_ORDER.__getitem__)


def may_switch(
    activity: str,
    *,
    role: str,
    suspended: Collection[str],
    wide: bool,
    bars: Collection[str],
    grants: Collection[str],
) -> bool:
    """Whether somebody may start an activity: hosts always, others by their own bar, their own grant, the meeting's rule."""
    if role in HOSTS:
        return True
    if activity in bars:
        return False
    if activity in grants:
        return True
    return role != Role.ATTENDEE and activity not in suspended and wide


def may(meeting: Meeting, person: Person, activity: Activity) -> bool:
    """Whether this person may start this activity now; for chat: whether they may write to anybody at all."""
    if activity is Activity.CHAT:
        return chat_reach(meeting, person) is not ChatLevel.NOBODY
    return may_switch(
        activity,
        role=person.role,
        suspended=meeting.suspended,
        wide=getattr(meeting.settings.allow, activity.value),
        bars=person.bars,
        grants=person.grants,
    )


def chat_reach(meeting: Meeting, person: Person) -> ChatLevel:
    """How far this person's chat reaches now."""
    return reach(
        role=person.role,
        suspended=meeting.suspended,
        level=meeting.settings.allow.chat,
        bar=person.chat_bar,
        grant=person.chat_grant,
    )


def allowed_for(me: Mapping[str, Any], meeting: Mapping[str, Any]) -> dict[str, Any]:
    """``me.allowed`` out of the other parts of a picture; ``me`` and ``meeting`` are those of the wire."""
    allowed: dict[str, Any] = {
        activity.value: may_switch(
            activity,
            role=me["role"],
            suspended=meeting["suspended"],
            wide=meeting["allow"][activity.value],
            bars=me["bars"],
            grants=me["grants"],
        )
        for activity in SWITCHED
    }
    allowed["chat"] = reach(
        role=me["role"],
        suspended=meeting["suspended"],
        level=meeting["allow"]["chat"],
        bar=me["chat_bar"],
        grant=me["chat_grant"],
    ).value
    return allowed
