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
from meetingsim.state.controls.change_settings import MeetingChanged, SettingsChanged
from meetingsim.state.controls.chat import Chat, Message
from meetingsim.state.controls.cohost import MakeCohost, RevokeCohost, RoleChanged
from meetingsim.state.controls.create import Created
from meetingsim.state.controls.deny import Denied, Deny
from meetingsim.state.controls.join import Join
from meetingsim.state.controls.lock import Lock, Locked, Unlock, Unlocked
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
    OriginKnown,
    Reconnected,
    Reconnecting,
)
from meetingsim.state.opening import Started
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
    "Chat",
    "ConnectionReplaced",
    "Created",
    "Denied",
    "Deny",
    "Disallowed",
    "End",
    "Ended",
    "EntryRefused",
    "HandChanged",
    "Join",
    "Joined",
    "JoinedWaitingRoom",
    "Leave",
    "Left",
    "Lock",
    "Locked",
    "MakeCohost",
    "Media",
    "MeetingChanged",
    "Message",
    "Mute",
    "MuteAll",
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
    "RevokeCohost",
    "RoleChanged",
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
    "Unlock",
    "Unlocked",
    "VideoChanged",
    "WaitingRoomChat",
    "WaitingRoomMessage",
    "WaitingRoomSet",
]
