"""Every command of the socket, as a typed method.

Generated out of the control table by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from meetingsim.clients.choices import AnyActivity, AnyChatLevel
from meetingsim.clients.frames import Reply
from meetingsim.state.controls.breakout_rooms import RoomPlan
from meetingsim.state.controls.remove import ReportWith
from meetingsim.state.controls.suspend import SuspendReport
from meetingsim.state.settings import Present, RegionMode, Unknown, Who


class SocketCommands(ABC):
    """Every command of the socket, as a method. What is None is not sent; a refusal raises a RefusedError.

    The types are what the server takes. Nothing is checked before it is sent, so that a test may send anything.
    """

    __slots__ = ()

    @abstractmethod
    def _ask(self, command: str, fields: dict[str, Any]) -> Reply:
        """Sends a command and waits for its reply."""

    @abstractmethod
    def _tell(self, command: str, fields: dict[str, Any]) -> str:
        """Sends a command that is answered only where it is refused; gives its ``ref``."""

    def join(
        self,
        name: str,
        *,
        passcode: str | None = None,
        ticket: str | None = None,
        user_token: str | None = None,
        host_token: str | None = None,
        device: str | None = None,
        country: str | None = None,
        address: str | None = None,
    ) -> Reply:
        """Ask to come in, with a passcode, a ticket, a user token or the host token.

        ``country`` or ``address`` say where the simulated person comes from; the server honours them for testers alone.

        Who may: anyone.
        """
        return self._ask(
            "join",
            {
                "name": name,
                "passcode": passcode,
                "ticket": ticket,
                "user_token": user_token,
                "host_token": host_token,
                "device": device,
                "country": country,
                "address": address,
            },
        )

    def leave(self) -> Reply:
        """Go for good: the seat is free, the session over.

        Who may: anyone.
        """
        return self._ask("leave", {})

    def resume(
        self, session: str, epoch: str, after: int, *, country: str | None = None, address: str | None = None
    ) -> Reply:
        """Go on with the same presence after the connection was lost; ``after`` is the last seq that was received.

        Who may: anyone.
        """
        return self._ask(
            "resume", {"session": session, "epoch": epoch, "after": after, "country": country, "address": address}
        )

    def admit(self, participant: str, *, if_seq: int | None = None) -> Reply:
        """Let one waiting person in; ``if_seq`` refuses with ``conflict`` if the entry changed after that seq.

        Who may: host, cohost.
        """
        return self._ask("admit", {"participant": participant, "if_seq": if_seq})

    def admit_all(self, *, up_to: int | None = None) -> Reply:
        """Let everybody in who waits, in order; with ``up_to`` only those who had knocked by that seq.

        Who may: host, cohost.
        """
        return self._ask("admit_all", {"up_to": up_to})

    def deny(self, participant: str) -> Reply:
        """Turn one waiting person away.

        Who may: host, cohost.
        """
        return self._ask("deny", {"participant": participant})

    def put_in_waiting_room(self, participant: str) -> Reply:
        """Put somebody inside back to waiting, whether the waiting room is on or off.

        Who may: host, cohost.
        """
        return self._ask("put_in_waiting_room", {"participant": participant})

    def set_waiting_room(self, enabled: bool, *, who: Who | None = None) -> Reply:
        """Turn the waiting room on or off, and say who waits. Turning it on throws nobody out.

        Who may: host, cohost.
        """
        return self._ask("set_waiting_room", {"enabled": enabled, "who": who})

    def waiting_room_chat(self, text: str, *, to: str | None = None) -> Reply:
        """Write across the door. Hosts leave ``to`` out to reach everybody who waits at that moment.

        Who may: host, cohost; waiting people to the hosts.
        """
        return self._ask("waiting_room_chat", {"text": text, "to": to})

    def rename(self, name: str, *, participant: str | None = None) -> Reply:
        """Change a name; without ``participant`` one's own.

        Who may: oneself while allowed; host, cohost.
        """
        return self._ask("rename", {"name": name, "participant": participant})

    def set_region_rule(
        self,
        mode: RegionMode,
        *,
        countries: Sequence[str] = (),
        unknown: Unknown = "deny",
        anonymous: Unknown = "allow",
        present: Present = "keep",
    ) -> Reply:
        """Say who may enter by country. ``countries`` are ISO 3166-1 alpha-2 codes or the groups EU and EEA.

        ``present`` says what becomes of those inside and waiting whom the new rule does not let in.

        Who may: host.
        """
        return self._ask(
            "set_region_rule",
            {"mode": mode, "countries": countries, "unknown": unknown, "anonymous": anonymous, "present": present},
        )

    def lock(self) -> Reply:
        """Let nobody else enter.

        Who may: host, cohost.
        """
        return self._ask("lock", {})

    def unlock(self) -> Reply:
        """Let people enter again, by the other rules.

        Who may: host, cohost.
        """
        return self._ask("unlock", {})

    def remove(
        self, participant: str, *, may_return: bool | None = None, report: ReportWith | Mapping[str, Any] | None = None
    ) -> Reply:
        """Remove somebody; ``may_return`` overrides the meeting's setting, ``report`` is filed in the same step.

        Who may: host, cohost.
        """
        return self._ask("remove", {"participant": participant, "may_return": may_return, "report": report})

    def let_return(self, participant: str) -> Reply:
        """Let a removed person come back. Their session stays void, and a void ticket is not given back.

        Who may: host, cohost.
        """
        return self._ask("let_return", {"participant": participant})

    def report(self, participants: Sequence[str], issue: str, *, text: str | None = None) -> Reply:
        """Report people who are or were here, about one of the issues.

        Who may: anyone inside, about anyone.
        """
        return self._ask("report", {"participants": participants, "issue": issue, "text": text})

    def suspend(self, *, report: SuspendReport | Mapping[str, Any] | None = None) -> Reply:
        """Stop everything that participants do, and let them start nothing until it is allowed again, one by one.

        Who may: host, cohost.
        """
        return self._ask("suspend", {"report": report})

    def allow(
        self, activity: AnyActivity, allowed: bool | AnyChatLevel, *, participant: str | None = None, stop: bool = False
    ) -> Reply:
        """Allow or bar an activity, for one participant or for all. For chat ``allowed`` may be a level.

        ``stop`` also stops running audio or video when it is barred; share and record stop anyway.

        Who may: host, cohost.
        """
        return self._ask("allow", {"activity": activity, "allowed": allowed, "participant": participant, "stop": stop})

    def set_audio(self, on: bool) -> Reply:
        """Unmute or mute oneself.

        Who may: oneself, while allowed.
        """
        return self._ask("set_audio", {"on": on})

    def set_video(self, on: bool) -> Reply:
        """Turn one's own video on or off.

        Who may: oneself, while allowed.
        """
        return self._ask("set_video", {"on": on})

    def mute(self, participant: str) -> Reply:
        """Mute somebody.

        Who may: host, cohost.
        """
        return self._ask("mute", {"participant": participant})

    def mute_all(self) -> Reply:
        """Mute everybody of a lower rank; nobody is kept from unmuting.

        Who may: host, cohost.
        """
        return self._ask("mute_all", {})

    def stop_video(self, participant: str) -> Reply:
        """Turn somebody's video off.

        Who may: host, cohost.
        """
        return self._ask("stop_video", {"participant": participant})

    def ask_to_unmute(self, participant: str) -> Reply:
        """Ask somebody to unmute: they may do so once, even while audio is barred or suspended.

        Who may: host, cohost.
        """
        return self._ask("ask_to_unmute", {"participant": participant})

    def start_share(self) -> Reply:
        """Share one's screen.

        Who may: oneself, while allowed.
        """
        return self._ask("start_share", {})

    def stop_share(self, *, participant: str | None = None) -> Reply:
        """Stop one's own share, or as a host somebody else's.

        Who may: oneself; host, cohost.
        """
        return self._ask("stop_share", {"participant": participant})

    def annotate(self) -> Reply:
        """Draw on what is shown.

        Who may: oneself, while allowed.
        """
        return self._ask("annotate", {})

    def react(self, kind: str) -> Reply:
        """Show a reaction, such as ``applause``.

        Who may: anyone inside.
        """
        return self._ask("react", {"kind": kind})

    def raise_hand(self, up: bool) -> Reply:
        """Raise or lower one's hand.

        Who may: anyone inside.
        """
        return self._ask("raise_hand", {"up": up})

    def set_profile_picture(self, on: bool) -> Reply:
        """Show or hide one's profile picture.

        Who may: oneself, while allowed.
        """
        return self._ask("set_profile_picture", {"on": on})

    def start_recording(self) -> Reply:
        """Record the meeting.

        Who may: oneself, while allowed.
        """
        return self._ask("start_recording", {})

    def stop_recording(self) -> Reply:
        """Stop one's own recording.

        Who may: oneself.
        """
        return self._ask("stop_recording", {})

    def chat(self, text: str, *, to: str | None = None) -> Reply:
        """Write to ``everyone`` (of one's room), to ``hosts``, or to a participant's id.

        Who may: anyone inside, as far as their level reaches.
        """
        return self._ask("chat", {"text": text, "to": to})

    def delete_message(self, message: str) -> Reply:
        """Delete a line of chat: one's own, or as a host any that one was told.

        Who may: its author; host, cohost.
        """
        return self._ask("delete_message", {"message": message})

    def media(self, kind: Literal["audio", "video", "share"], n: int) -> str:
        """One synthetic packet of an activity that is on; ``n`` is the sender's own count. Answered only when refused.

        Who may: whoever's activity of that kind is on.
        """
        return self._tell("media", {"kind": kind, "n": n})

    def open_breakout_rooms(self, rooms: Sequence[RoomPlan | Mapping[str, Any]]) -> Reply:
        """Open rooms. A room is its name everywhere; a name that is taken is a ``conflict``.

        Who may: host, cohost.
        """
        return self._ask("open_breakout_rooms", {"rooms": rooms})

    def join_breakout_room(self, room: str, *, participant: str | None = None) -> Reply:
        """Go into a room oneself, or as a host move somebody there.

        Who may: oneself; host, cohost.
        """
        return self._ask("join_breakout_room", {"room": room, "participant": participant})

    def leave_breakout_room(self, *, participant: str | None = None) -> Reply:
        """Go back to the main room, or as a host bring somebody back.

        Who may: oneself; host, cohost.
        """
        return self._ask("leave_breakout_room", {"participant": participant})

    def close_breakout_rooms(self) -> Reply:
        """Close every room; everybody is back in the main room.

        Who may: host, cohost.
        """
        return self._ask("close_breakout_rooms", {})

    def make_cohost(self, participant: str) -> Reply:
        """Give somebody inside the rights of a cohost.

        Who may: host.
        """
        return self._ask("make_cohost", {"participant": participant})

    def revoke_cohost(self, participant: str) -> Reply:
        """Give a cohost back exactly the role they had before.

        Who may: host.
        """
        return self._ask("revoke_cohost", {"participant": participant})

    def make_host(self, participant: str) -> Reply:
        """Make somebody inside the host. There is one host: the present one becomes cohost.

        Who may: host.
        """
        return self._ask("make_host", {"participant": participant})

    def start(self) -> Reply:
        """Open the meeting without a joined host, so that it can be hosted by HTTP alone.

        Who may: host.
        """
        return self._ask("start", {})

    def end(self) -> Reply:
        """End the meeting for everyone.

        Who may: host.
        """
        return self._ask("end", {})
