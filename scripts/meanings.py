"""What the words of the tables mean, one line each, where the code has no place for it: read by ``scripts.reference``."""

from __future__ import annotations

from typing import Final

ISSUES: Final = {
    "abuse": "Insults, threats, harassment.",
    "hateful_conduct": "Attacks on people for what they are.",
    "glorification_of_violence": "Violence that is praised or celebrated.",
    "illegal_goods": "Offers of what may not be sold.",
    "sensitive_content": "Pictures or words that nobody asked to see.",
    "child_safety": "Anything that endangers a child.",
    "self_harm": "Somebody hurts themselves, or urges others to.",
    "violent_extremism": "Propaganda or recruiting for violent groups.",
    "private_information": "Somebody's private data shown to others.",
    "spam": "Advertising, floods, repetition.",
    "intellectual_property": "Works of others, shown without a right to.",
    "impersonation": "Somebody pretends to be somebody else.",
    "meeting_disruption": "Whatever makes the meeting impossible.",
    "other": "None of these; say it in `text`.",
}

ACTIVITIES: Final = {
    "audio": "Being heard.",
    "video": "Being seen.",
    "chat": "Writing; has [levels](#chat-levels) where the others are on or off.",
    "share": "Sharing one's screen.",
    "annotate": "Drawing on what is shown.",
    "record": "Recording; the only one that is barred at first.",
    "rename": "Changing one's own name.",
    "profile_picture": "Showing a picture of oneself.",
}

CHAT_LEVELS: Final = {
    "nobody": "Write to nobody.",
    "hosts": "Write to the hosts.",
    "everyone": "Write to everyone, and to the hosts.",
    "everyone_and_private": "Write to everyone, to the hosts, and to each other in private.",
}

ROLES: Final = {
    "host": "Owns the meeting, or was given it; everything.",
    "cohost": "All but ending the meeting, roles, the region rule and the settings.",
    "panelist": "In a webinar: a participant who was invited to speak.",
    "participant": "Whoever comes to a meeting.",
    "attendee": "Whoever comes to a webinar: watches and chats, and does more only where a host allows this one to.",
}

PLACES: Final = {
    "early": "Came before the start.",
    "waiting": "In the waiting room.",
    "inside": "In the main room or a breakout room.",
    "reconnecting": "The connection is lost, the seat is kept: 30 seconds inside or waiting.",
    "removed": "Thrown out.",
    "left": "Gone: left, denied, not back within the grace, or the meeting is over.",
}

WHYS: Final = {
    "waiting_room": "The waiting room is on, and for such people.",
    "put_back": "A host put this person back.",
    "region": "The region rule wants a host to look: country unknown, address anonymous, or put back by a new rule.",
    "unidentified": "Somebody was removed, and this person shows nothing to be told apart by.",
}

DOORS: Final = {
    "socket": "A frame on a WebSocket.",
    "http": "A call of the HTTP API.",
    "resume": "A connection that goes on with an earlier session.",
    "people": "Somebody whom the server itself holds: [People](../how-to/people.md).",
}

RULES: Final = {
    "host": "The host token: its holder always gets in, and is host.",
    "ticket": "A ticket that spares the waiting, or that was shown where nobody waits.",
    "open": "The passcode or user token held, and nothing made this person wait.",
    "early": "The meeting had not started.",
    "waiting_room": "The waiting room is on, and for such people.",
    "put_back": "A host put somebody back to waiting.",
    "region": "The region rule neither lets in nor keeps out: a host must look.",
    "unidentified": "Somebody was removed, and this person shows nothing to be told apart by.",
    "admit": "A host let this person in.",
    "admit_all": "A host let everybody in who waited.",
    "deny": "A host turned this person away; `times` counts how often.",
    "set_waiting_room": "The waiting room was turned on or off; off lets in those who waited for it alone.",
    "remove": "A host removed somebody; `may_return` says whether for good.",
    "let_return": "A host lets a removed person come back.",
    "set_region_rule": "A new region rule, and what it does to those who are here already.",
    "lock": "A host locked the meeting.",
    "unlock": "A host unlocked it.",
    "suspend": "A host suspended participant activities; `inside` counts who was there.",
    "allow": "A host allowed or barred an activity.",
    "make_cohost": "The host made somebody cohost.",
    "revoke_cohost": "The host gave a cohost the earlier role back.",
    "make_host": "The host handed the meeting over.",
    "open_breakout_rooms": "A host opened rooms, and moved those who were named.",
    "join_breakout_room": "Somebody went into a room, or was moved there.",
    "leave_breakout_room": "Somebody went back to the main room, or was brought back.",
    "close_breakout_rooms": "A host closed the rooms.",
    "delete_message": "A line of chat was deleted by its author or a host.",
    "change_settings": "Settings that have no control of their own.",
    "create": "Somebody made the meeting.",
    "start": "The host's first join, or `start` over HTTP.",
    "end": "The host ended the meeting.",
    "join": "The same person came again on a newer connection.",
    "leave": "They left by themselves.",
    "resume": "They came back on the kept seat.",
    "grace": "They lost the connection and were not back in 30 seconds.",
    "restart": "The server came up again; every kept seat gets a whole grace from then on.",
}

SETTINGS: Final = {
    "waiting_room.enabled": "Whether people wait until a host lets them in.",
    "waiting_room.who": "Who waits: everybody, or those without a user token, a mail domain, or a ticket.",
    "waiting_room.chat": "Whether the chat across the door goes both ways, from the hosts only, or not at all.",
    "waiting_room.capacity": "How many may wait; one more is `full`.",
    "waiting_room.denials": "After how many denials one may not ask again.",
    "waiting_room.title": "The words on the door.",
    "waiting_room.description": "More words on the door.",
    "waiting_room.show_topic": "Whether those who wait read the meeting's topic.",
    "region.mode": "Whether the countries are the only ones, or the ones kept out.",
    "region.countries": "ISO 3166-1 alpha-2 codes, or the groups EU and EEA.",
    "region.unknown": "What becomes of people whose country is not known.",
    "region.anonymous": "What becomes of people behind a VPN, a proxy, Tor or a hosting network, where a database says so.",
    "passcode": "What opens the door; null for none.",
    "join_before_host": "Whether people come in before the meeting started.",
    "capacity": "How many seats there are inside; the host's counts, and the host always gets one.",
    "allow.audio": "Whether participants may speak.",
    "allow.video": "Whether participants may be seen.",
    "allow.share": "Whether participants may share their screen.",
    "allow.annotate": "Whether participants may draw on what is shown.",
    "allow.rename": "Whether participants may change their name.",
    "allow.profile_picture": "Whether participants may show a picture.",
    "allow.record": "Whether participants may record.",
    "allow.chat": "How far participants' chat reaches.",
    "removal.match": "By what a removed person is recognised at the door.",
    "removal.may_return": "Whether removed people may come back, unless the removal says otherwise.",
    "removal.unmatched": "What becomes of people who show nothing to match, once somebody was removed.",
    "reports.participants_may_report": "Whether people who are not hosts may report.",
}

EXIT_CODES: Final = {
    0: "All went well.",
    1: "The server refused what was asked for. Of scenarios: an expectation or invariant failed, or a run is not the same again.",
    2: "The command line is wrong, and one line says what; or a file is no scenario, and each error says where.",
    3: "Of scenarios: a threshold was missed.",
    4: "Of scenarios: nothing failed, but something came up vacuous or undecided.",
    5: "No server answers, or it broke; what was tested, or the run itself, broke. Where several hold: 5, 2, 1, 3, 4.",
    126: "Of `exec`: the command cannot be run. What a command ends with is handed on as it is, 128+n for signal n.",
    127: "Of `exec`: there is no such command.",
    130: "Interrupted by Ctrl-C.",
}

CLOSES: Final = {
    1000: "The answer to `leave`.",
    4000: "The server stops. What was told is stored; with `--data` a resume goes on after the restart.",
    4001: "The client did not read, and what waited for it reached its bound. Nobody else waits for it.",
    4002: "The session is unknown or over. Join again, through every rule.",
    4003: "The same person came on a newer connection, which has the seat now.",
    4004: "Refused at the door for a reason that passes, or denied and free to ask once more.",
    4500: "A host removed this person. At once, and without a word before it.",
    4501: "The region rule does not let this person in, or not any more.",
    4502: "The host ended the meeting.",
    4503: "Refused at the door for good, or denied for the last time.",
    4504: "50 malformed frames in 10 seconds, or a frame over 64 KiB.",
}

SERVER_SETTINGS: Final = {
    "seed": "spaces.md",
    "clock": "time.md",
    "record_frames": "people.md",
}
"""Which page of docs/how-to shows what a setting of the server is for."""

CALLS: Final = {
    "/accounts": "accounts.md",
    "/spaces": "spaces.md",
    "/reset": "spaces.md",
    "/clock": "time.md",
    "/geo/networks": "region-rule.md",
    "/meetings/{meeting}/tickets": "tickets.md",
    "/meetings/{meeting}/people/{participant}/explain": "why.md",
    "/meetings/{meeting}/people": "people.md",
    "/meetings/{meeting}/waiting-room": "waiting-room.md",
    "/meetings/{meeting}/events": "events.md",
    "/reports": "report.md",
}
"""Which page of docs/how-to shows which calls, by how their path begins below /api/v1; the longest counts."""

HOW_TO: Final = {
    "allow.md": ("allow",),
    "audio-and-video.md": ("ask_to_unmute", "media", "mute", "mute_all", "set_audio", "set_video", "stop_video"),
    "breakout-rooms.md": (
        "close_breakout_rooms",
        "join_breakout_room",
        "leave_breakout_room",
        "open_breakout_rooms",
    ),
    "chat.md": ("chat", "delete_message"),
    "join-resume-leave.md": ("join", "leave", "resume"),
    "lock.md": ("lock", "unlock"),
    "names.md": ("rename",),
    "region-rule.md": ("set_region_rule",),
    "remove.md": ("let_return", "remove"),
    "report.md": ("report",),
    "roles.md": ("make_cohost", "make_host", "revoke_cohost"),
    "share-annotate-record.md": (
        "annotate",
        "raise_hand",
        "react",
        "set_profile_picture",
        "start_recording",
        "start_share",
        "stop_recording",
        "stop_share",
    ),
    "start-and-end.md": ("end", "start"),
    "suspend.md": ("suspend",),
    "waiting-room-chat.md": ("waiting_room_chat",),
    "waiting-room.md": ("admit", "admit_all", "deny", "put_in_waiting_room", "set_waiting_room"),
}
"""Which page of docs/how-to shows which commands; a command without one has no page, and the reference cannot be made."""
