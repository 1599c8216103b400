"""Every control over HTTP, as a typed method.

Generated out of the control table by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from meetingsim.clients.choices import AnyActivity, AnyChatLevel
from meetingsim.clients.frames import Done
from meetingsim.state.controls.breakout_rooms import RoomPlan
from meetingsim.state.controls.remove import ReportWith
from meetingsim.state.controls.suspend import SuspendReport
from meetingsim.state.settings import Present, RegionMode, Unknown, Who


class HttpControls(ABC):
    """Every control that works over HTTP, as a method: by the holder of the host token, or by the admin.

    What is None is not sent; a refusal raises a RefusedError.
    """

    __slots__ = ()

    @abstractmethod
    async def control(self, name: str, /, **fields: Any) -> Done:
        """Uses the control of this name."""

    async def admit(self, participant: str, *, if_seq: int | None = None) -> Done:
        """Let one waiting person in; ``if_seq`` refuses with ``conflict`` if the entry changed after that seq.

        Who may: host, cohost.
        """
        return await self.control("admit", participant=participant, if_seq=if_seq)

    async def admit_all(self, *, up_to: int | None = None) -> Done:
        """Let everybody in who waits, in order; with ``up_to`` only those who had knocked by that seq.

        Who may: host, cohost.
        """
        return await self.control("admit_all", up_to=up_to)

    async def deny(self, participant: str) -> Done:
        """Turn one waiting person away.

        Who may: host, cohost.
        """
        return await self.control("deny", participant=participant)

    async def put_in_waiting_room(self, participant: str) -> Done:
        """Put somebody inside back to waiting, whether the waiting room is on or off.

        Who may: host, cohost.
        """
        return await self.control("put_in_waiting_room", participant=participant)

    async def set_waiting_room(self, enabled: bool, *, who: Who | None = None) -> Done:
        """Turn the waiting room on or off, and say who waits. Turning it on throws nobody out.

        Who may: host, cohost.
        """
        return await self.control("set_waiting_room", enabled=enabled, who=who)

    async def waiting_room_chat(self, text: str, *, to: str | None = None) -> Done:
        """Write across the door. Hosts leave ``to`` out to reach everybody who waits at that moment.

        Who may: host, cohost; waiting people to the hosts.
        """
        return await self.control("waiting_room_chat", text=text, to=to)

    async def rename(self, name: str, *, participant: str | None = None) -> Done:
        """Change a name; without ``participant`` one's own.

        Who may: oneself while allowed; host, cohost.
        """
        return await self.control("rename", name=name, participant=participant)

    async def set_region_rule(
        self,
        mode: RegionMode,
        *,
        countries: Sequence[str] = (),
        unknown: Unknown = "deny",
        anonymous: Unknown = "allow",
        present: Present = "keep",
    ) -> Done:
        """Say who may enter by country. ``countries`` are ISO 3166-1 alpha-2 codes or the groups EU and EEA.

        ``present`` says what becomes of those inside and waiting whom the new rule does not let in.

        Who may: host.
        """
        return await self.control(
            "set_region_rule", mode=mode, countries=countries, unknown=unknown, anonymous=anonymous, present=present
        )

    async def lock(self) -> Done:
        """Let nobody else enter.

        Who may: host, cohost.
        """
        return await self.control("lock")

    async def unlock(self) -> Done:
        """Let people enter again, by the other rules.

        Who may: host, cohost.
        """
        return await self.control("unlock")

    async def remove(
        self, participant: str, *, may_return: bool | None = None, report: ReportWith | Mapping[str, Any] | None = None
    ) -> Done:
        """Remove somebody; ``may_return`` overrides the meeting's setting, ``report`` is filed in the same step.

        Who may: host, cohost.
        """
        return await self.control("remove", participant=participant, may_return=may_return, report=report)

    async def let_return(self, participant: str) -> Done:
        """Let a removed person come back. Their session stays void, and a void ticket is not given back.

        Who may: host, cohost.
        """
        return await self.control("let_return", participant=participant)

    async def report(self, participants: Sequence[str], issue: str, *, text: str | None = None) -> Done:
        """Report people who are or were here, about one of the issues.

        Who may: anyone inside, about anyone.
        """
        return await self.control("report", participants=participants, issue=issue, text=text)

    async def suspend(self, *, report: SuspendReport | Mapping[str, Any] | None = None) -> Done:
        """Stop everything that participants do, and let them start nothing until it is allowed again, one by one.

        Who may: host, cohost.
        """
        return await self.control("suspend", report=report)

    async def allow(
        self, activity: AnyActivity, allowed: bool | AnyChatLevel, *, participant: str | None = None, stop: bool = False
    ) -> Done:
        """Allow or bar an activity, for one participant or for all. For chat ``allowed`` may be a level.

        ``stop`` also stops running audio or video when it is barred; share and record stop anyway.

        Who may: host, cohost.
        """
        return await self.control("allow", activity=activity, allowed=allowed, participant=participant, stop=stop)

    async def mute(self, participant: str) -> Done:
        """Mute somebody.

        Who may: host, cohost.
        """
        return await self.control("mute", participant=participant)

    async def mute_all(self) -> Done:
        """Mute everybody of a lower rank; nobody is kept from unmuting.

        Who may: host, cohost.
        """
        return await self.control("mute_all")

    async def stop_video(self, participant: str) -> Done:
        """Turn somebody's video off.

        Who may: host, cohost.
        """
        return await self.control("stop_video", participant=participant)

    async def ask_to_unmute(self, participant: str) -> Done:
        """Ask somebody to unmute: they may do so once, even while audio is barred or suspended.

        Who may: host, cohost.
        """
        return await self.control("ask_to_unmute", participant=participant)

    async def stop_share(self, *, participant: str | None = None) -> Done:
        """Stop one's own share, or as a host somebody else's.

        Who may: oneself; host, cohost.
        """
        return await self.control("stop_share", participant=participant)

    async def delete_message(self, message: str) -> Done:
        """Delete a line of chat: one's own, or as a host any that one was told.

        Who may: its author; host, cohost.
        """
        return await self.control("delete_message", message=message)

    async def open_breakout_rooms(self, rooms: Sequence[RoomPlan | Mapping[str, Any]]) -> Done:
        """Open rooms. A room is its name everywhere; a name that is taken is a ``conflict``.

        Who may: host, cohost.
        """
        return await self.control("open_breakout_rooms", rooms=rooms)

    async def join_breakout_room(self, room: str, *, participant: str | None = None) -> Done:
        """Go into a room oneself, or as a host move somebody there.

        Who may: oneself; host, cohost.
        """
        return await self.control("join_breakout_room", room=room, participant=participant)

    async def leave_breakout_room(self, *, participant: str | None = None) -> Done:
        """Go back to the main room, or as a host bring somebody back.

        Who may: oneself; host, cohost.
        """
        return await self.control("leave_breakout_room", participant=participant)

    async def close_breakout_rooms(self) -> Done:
        """Close every room; everybody is back in the main room.

        Who may: host, cohost.
        """
        return await self.control("close_breakout_rooms")

    async def make_cohost(self, participant: str) -> Done:
        """Give somebody inside the rights of a cohost.

        Who may: host.
        """
        return await self.control("make_cohost", participant=participant)

    async def revoke_cohost(self, participant: str) -> Done:
        """Give a cohost back exactly the role they had before.

        Who may: host.
        """
        return await self.control("revoke_cohost", participant=participant)

    async def make_host(self, participant: str) -> Done:
        """Make somebody inside the host. There is one host: the present one becomes cohost.

        Who may: host.
        """
        return await self.control("make_host", participant=participant)

    async def start(self) -> Done:
        """Open the meeting without a joined host, so that it can be hosted by HTTP alone.

        Who may: host.
        """
        return await self.control("start")

    async def end(self) -> Done:
        """End the meeting for everyone.

        Who may: host.
        """
        return await self.control("end")
