"""Every typed command and event, under one roof.

Generated out of the control table by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

from meetingsim.state.controls.admit import Admit, AdmitAll
from meetingsim.state.controls.allow import Allow, Allowed, Disallowed
from meetingsim.state.controls.audio_video import (
    AskedToUnmute,
    AskToUnmute,
    Mute,
    MuteAll,
    SetAudio,
    SetVideo,
    StopVideo,
)
from meetingsim.state.controls.breakout_rooms import (
    BreakoutRoomsClosed,
    BreakoutRoomsOpened,
    CloseBreakoutRooms,
    JoinBreakoutRoom,
    LeaveBreakoutRoom,
    OpenBreakoutRooms,
    RoomChanged,
)
from meetingsim.state.controls.change_settings import MeetingChanged, SettingsChanged
from meetingsim.state.controls.chat import Chat, Message
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost
from meetingsim.state.controls.create import Created
from meetingsim.state.controls.delete_message import DeleteMessage, MessageDeleted
from meetingsim.state.controls.deny import Denied, Deny
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.let_return import LetReturn, ReturnAllowed
from meetingsim.state.controls.lock import Lock, Locked, Unlock, Unlocked
from meetingsim.state.controls.make_host import MakeHost
from meetingsim.state.controls.media import Media
from meetingsim.state.controls.moments import (
    Annotate,
    Annotated,
    HandChanged,
    ProfilePictureChanged,
    RaiseHand,
    React,
    Reacted,
    SetProfilePicture,
)
from meetingsim.state.controls.presence import Leave, Resume
from meetingsim.state.controls.put_in_waiting_room import PutInWaitingRoom
from meetingsim.state.controls.recording import RecordingStarted, RecordingStopped, StartRecording, StopRecording
from meetingsim.state.controls.remove import Remove
from meetingsim.state.controls.rename import Rename, Renamed
from meetingsim.state.controls.report import Report
from meetingsim.state.controls.set_region_rule import RegionRuleSet, SetRegionRule
from meetingsim.state.controls.set_waiting_room import SetWaitingRoom, WaitingRoomSet
from meetingsim.state.controls.share import StartShare, StopShare
from meetingsim.state.controls.start_end import End, Ended, Start
from meetingsim.state.controls.suspend import Suspend, Suspended
from meetingsim.state.controls.waiting_room_chat import WaitingRoomChat, WaitingRoomMessage
from meetingsim.state.entry_events import (
    Admitted,
    ArrivedEarly,
    ConnectionReplaced,
    EntryRefused,
    Joined,
    JoinedWaitingRoom,
    Left,
    NameFlagged,
    OriginKnown,
    Reconnected,
    Reconnecting,
    TicketFlagged,
)
from meetingsim.state.opening import Started
from meetingsim.state.roles import RoleChanged
from meetingsim.state.streams import AudioChanged, ShareStarted, ShareStopped, VideoChanged
from meetingsim.state.turning_out import PutBack, Removed

__all__ = [
    "Admit",
    "AdmitAll",
    "Admitted",
    "Allow",
    "Allowed",
    "Annotate",
    "Annotated",
    "ArrivedEarly",
    "AskToUnmute",
    "AskedToUnmute",
    "AudioChanged",
    "BreakoutRoomsClosed",
    "BreakoutRoomsOpened",
    "Chat",
    "CloseBreakoutRooms",
    "ConnectionReplaced",
    "Created",
    "DeleteMessage",
    "Denied",
    "Deny",
    "Disallowed",
    "End",
    "Ended",
    "EntryRefused",
    "HandChanged",
    "Join",
    "JoinBreakoutRoom",
    "Joined",
    "JoinedWaitingRoom",
    "Leave",
    "LeaveBreakoutRoom",
    "Left",
    "LetReturn",
    "Lock",
    "Locked",
    "MakeCohost",
    "MakeHost",
    "Media",
    "MeetingChanged",
    "Message",
    "MessageDeleted",
    "Mute",
    "MuteAll",
    "NameFlagged",
    "OpenBreakoutRooms",
    "OriginKnown",
    "ProfilePictureChanged",
    "PutBack",
    "PutInWaitingRoom",
    "RaiseHand",
    "React",
    "Reacted",
    "Reconnected",
    "Reconnecting",
    "RecordingStarted",
    "RecordingStopped",
    "RegionRuleSet",
    "Remove",
    "Removed",
    "Rename",
    "Renamed",
    "Report",
    "Resume",
    "ReturnAllowed",
    "RevokeCohost",
    "RoleChanged",
    "RoomChanged",
    "SetAudio",
    "SetProfilePicture",
    "SetRegionRule",
    "SetVideo",
    "SetWaitingRoom",
    "SettingsChanged",
    "ShareStarted",
    "ShareStopped",
    "Start",
    "StartRecording",
    "StartShare",
    "Started",
    "StopRecording",
    "StopShare",
    "StopVideo",
    "Suspend",
    "Suspended",
    "TicketFlagged",
    "Unlock",
    "Unlocked",
    "VideoChanged",
    "WaitingRoomChat",
    "WaitingRoomMessage",
    "WaitingRoomSet",
]
