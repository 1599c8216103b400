"""The matrix as the rules say it, written by hand: a voice of its own beside the code that the cells are played against.

Every line is a trick; its marks stand in the order of ``SETTINGS``. The rules, in the order in which a try meets them:

1. The credential: a passcode that is shown must be the right one, unless a ticket is.
2. A removal that does not say ``may_return`` keeps out whoever shows one of the keys that ``removal.match`` names. The first
   of them, in that order, is the one that is noted. A ticket matches by itself and by the invitation it was made for.
3. After such a removal whoever shows none of the keys that are named waits, is refused, or goes on: ``unmatched``. Everybody
   shows an address and a name.
4. The ticket and the session of the removed are void, whatever is matched, and even where they may return; a void ticket is
   refused before 3, and before region, lock and capacity.
5. An admission looks at 2 again. To turn the waiting room off is no look at somebody whom 3 would hold.
6. The host token, a user, a ticket and a session give a seat back to whoever has it; a removed seat to nobody.
"""

from __future__ import annotations

from tests.evasion.tricks import GROUPS, SETTINGS, Cell

MARKS: dict[str, Cell] = {
    "A": Cell("refused", "removed", "account"),
    "T": Cell("refused", "removed", "ticket"),
    "D": Cell("refused", "removed", "device"),
    "X": Cell("refused", "removed", "address"),
    "N": Cell("refused", "removed", "name"),
    "S": Cell("refused", "removed", "session"),
    "U": Cell("refused", "removed"),
    "V": Cell("refused", "ticket_invalid"),
    "P": Cell("refused", "wrong_passcode"),
    "O": Cell("refused", "not_inside"),
    "Q": Cell("refused", "not_waiting"),
    "w": Cell("waits", "unidentified"),
    "k": Cell("waits", "waiting_room"),
    "o": Cell("in", "open"),
    "t": Cell("in", "ticket"),
    "h": Cell("in", "admit"),
    "j": Cell("in", "join"),
    "r": Cell("in", "resume"),
    "f": Cell("in", "set_waiting_room"),
    "i": Cell("in", "stays"),
}
"""``U``: refused by ``unmatched``, or on an admission, which is not told by which key; ``k``: goes on waiting."""

# account ticket device address name | default all-five | none none-refuse none-admit | default-refuse default-admit | may-return
_TABLE: dict[str, dict[str, str]] = {
    "One thing changed": {
        "nothing changed": "ATDXN AA VVV AA V",
        "new name": "ATDXV AA VVV AA V",
        "new device": "ATVXN AA VVV AA V",
        "no device": "ATVXN AA VVV AA V",
        "new address": "ATDVN AA VVV AA V",
        "no account": "VTDXN TT VVV TT V",
        "another account": "VTDXN TT VVV TT V",
        "no ticket": "AwDXN AA wUo AA o",
        "another's ticket": "AtDXN AA wUt AA t",
    },
    "One thing kept, all else new": {
        "account": "Awooo AA wUo AA o",
        "ticket": "VTVVV TT VVV TT V",
        "device": "wwDoo DD wUo DD o",
        "address": "wwoXo oX wUo oo o",
        "name": "wwooN oN wUo oo o",
        "invited again": "wTttt TT wUt TT t",
        "the earlier name": "wwooo oo wUo oo o",
    },
    "As somebody new": {
        "everything new": "wwooo oo wUo oo o",
        "nothing shown": "wwwoo wo wUo Uo o",
        "nothing shown, admitted": "hhhoo ho hUo Uo o",
        "nothing shown, twice": "wwwXN wX wUo Uo o",
        "another's ticket, all new": "wtttt tt wUt tt t",
        "ticket of somebody inside": "jjjjj jj jjj jj j",
    },
    "By what is left of the first visit": {
        "resume": "SSSSS SS SSS SS S",
        "late frame": "OOOOO OO OOO OO O",
        "late breakout room": "OOOOO OO OOO OO O",
        "removed in a breakout room": "ATDXN AA VVV AA V",
        "removed while waiting": "ATDXN AA VVV AA V",
        "left first": "ATDXN AA VVV AA V",
        "admitted": "QQQQQ QQ QQQ QQ Q",
    },
    "By a second entry": {
        "it waits, admitted": "hhUUh UU hhh UU h",
        "it waits, waiting room off": "kkkkf kk kkf kk f",
        "it showed nothing, waiting room off": "kkkff kf kkf kf f",
        "it is inside": "iiiii ii iii ii i",
        "it resumes": "rrDXr DD rrr DD r",
    },
    "By a change after the removal": {
        "waiting room off": "ATDXN AA VVV AA V",
        "passcode changed": "PPPPP PP PPP PP P",
        "passcode null": "ATDXN AA VVV AA V",
        "match emptied": "wwwww ww wUo Uo o",
        "match emptied, unmatched admit": "ooooo oo ooo oo o",
        "may_return on": "ATDXN AA VVV AA V",
        "host reconnects": "ATDXN AA VVV AA V",
        "server restarts": "ATDXN AA VVV AA V",
    },
}


def expected() -> dict[tuple[str, str, str], Cell]:
    """Every cell by group, trick and setting. Fails where a line has not one mark for each setting."""
    cells: dict[tuple[str, str, str], Cell] = {}
    assert {group: list(tricks) for group, tricks in GROUPS.items()} == {
        group: list(lines) for group, lines in _TABLE.items()
    }
    for group, lines in _TABLE.items():
        for name, line in lines.items():
            for setting, mark in zip(SETTINGS, line.replace(" ", ""), strict=True):
                cells[group, name, setting] = MARKS[mark]
    return cells
