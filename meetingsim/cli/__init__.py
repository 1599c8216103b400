"""The command line: finds the command, loads only what it needs, and answers every mistake in one line.

Nothing heavy may be imported here: ``--help`` and a mistyped command cost no more than Python itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from meetingsim import __version__
from meetingsim.cli.console import NO_COMMAND, Stop, Unread, complain, nearest, note, out, stop_writing

COMMANDS: dict[str, str] = {
    "serve": "Run the server.",
    "exec": "Run a server around another command, and hand on its exit code.",
    "demo": "Watch a raid, live in the terminal, and what the controls change.",
    "join": "Come to a meeting as a test client.",
    "host": "Use the host's controls on a meeting.",
    "events": "Read a meeting's journal, with the reason for everything.",
    "why": "Say how somebody came to be where they are, and because of what.",
    "geo": "Say which country an address is in, and how that is known.",
    "run": "Play scenarios and judge what comes of them.",
    "list": "List the scenarios that come along.",
    "new": "Write a scenario to begin with.",
    "check": "Say everything that is wrong with scenario files.",
    "explore": "Look for a course of a scenario that fails, and make it small.",
    "replay": "Tell what happened in a run, or play it again.",
    "compare": "Play a scenario with and without changes, side by side.",
    "completion": "Print a script that completes commands and options in your shell.",
}
"""Every command in the order of the help, with its line there."""

_HELP = """\
Usage: meetingsim COMMAND …

A local meeting platform that you may attack: waiting rooms, region rules, suspend, remove and report.

Commands:
{commands}

Options:
  --version  Say the version.
  --help     Say this; after a COMMAND, what that command takes.

join, host, events and why talk to the server at --url or MEETINGSIM_URL (http://127.0.0.1:8765 unless you say otherwise),
with the token in --token, MEETINGSIM_TOKEN or MEETINGSIM_ADMIN_TOKEN."""


def main(argv: Sequence[str]) -> int:
    """Runs one command; gives the exit code. Prints no traceback for anything that a user can mend."""
    try:
        return _run(list(argv))
    except Stop as stop:
        return complain(stop)
    except KeyboardInterrupt:
        return 130
    except Unread:
        return stop_writing()


def _run(argv: list[str]) -> int:
    name = argv[0] if argv else ""
    if name in {"--help", "-h", "help"}:
        out(_help())
        return 0
    if name == "--version":
        out(f"meetingsim {__version__}")
        return 0
    if not name:
        note(_help())
        return 2
    if name not in COMMANDS:
        raise Stop(
            f"there is no {'option' if name.startswith('-') else 'command'} {name!a}"
            f"{nearest(name, COMMANDS)}; {NO_COMMAND}",
            2,
        )
    if name == "host":
        from meetingsim.cli.host import run

        return run(argv[1:])
    from meetingsim.cli.commands import run_command

    return run_command(name, argv[1:])


def _help() -> str:
    width = max(map(len, COMMANDS))
    return _HELP.format(commands="\n".join(f"  {name:<{width}}  {line}" for name, line in COMMANDS.items()))
