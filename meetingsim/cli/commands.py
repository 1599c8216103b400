"""What each command takes, declared once; what it does is imported when it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer import Argument, Option

from meetingsim.cli.console import INTERRUPTED, OK, USAGE, Stop

Url = Annotated[str | None, Option(help="The server; else MEETINGSIM_URL, else http://127.0.0.1:8765.")]
Token = Annotated[str | None, Option(help="A host or admin token; else MEETINGSIM_TOKEN, else MEETINGSIM_ADMIN_TOKEN.")]
Json = Annotated[bool, Option("--json", help="One JSON object a line on stdout.")]


Host = Annotated[str | None, Option(help="The address to listen on; 127.0.0.1 unless given.")]
Data = Annotated[Path | None, Option(help="A folder that keeps everything; without one it is kept in memory.")]
GeoipDb = Annotated[Path | None, Option(help="A GeoIP2 or GeoLite2 country or city database of your own.")]
AnonymousDb = Annotated[Path | None, Option(help="A GeoIP2 Anonymous IP database of your own.")]
PublicUrl = Annotated[str | None, Option(help="How clients reach the server, if not by its own address.")]
AllowOrigin = Annotated[list[str] | None, Option(help="Another web origin that may use the server.")]
QuietDoor = Annotated[
    bool | None, Option("--quiet-door", help="Refuse alike whatever is refused before the credential holds.")
]
Seed = Annotated[int | None, Option(help="Make ids, passcodes and tokens reproducible. For tests alone.")]
Clock = Annotated[Literal["real", "manual"] | None, Option(help="Follow the machine's clock, or be moved by hand.")]
RecordFrames = Annotated[
    bool | None, Option("--record-frames", help="Keep every frame that people were sent, for the admin to read.")
]
Limits = Annotated[Literal["on", "off"] | None, Option(help="Limit guesses and commands, or not.")]


def serve(  # noqa: PLR0913, PLR0917  # a parameter is an option
    host: Host = None,
    port: Annotated[
        int | None, Option(min=0, max=65535, help="The port; 8765 unless given, 0 takes a free one.")
    ] = None,
    data: Data = None,
    geoip_db: GeoipDb = None,
    anonymous_db: AnonymousDb = None,
    public_url: PublicUrl = None,
    allow_origin: AllowOrigin = None,
    quiet_door: QuietDoor = None,
    seed: Seed = None,
    clock: Clock = None,
    record_frames: RecordFrames = None,
    limits: Limits = None,
    as_json: Annotated[bool, Option("--json", help="One line on stdout once it runs: url, admin_token, pid.")] = False,
) -> int:
    """Run the server, until Ctrl-C. Flags win over MEETINGSIM_… in the environment."""
    flags: dict[str, Any] = dict(locals())
    from meetingsim.cli.serve import run

    as_json = flags.pop("as_json")
    return run(_given(flags), as_json=as_json)


def execute(  # noqa: PLR0913, PLR0917  # a parameter is an option
    context: typer.Context,
    host: Host = None,
    port: Annotated[int | None, Option(min=0, max=65535, help="The port; a free one unless given.")] = None,
    data: Data = None,
    geoip_db: GeoipDb = None,
    anonymous_db: AnonymousDb = None,
    public_url: PublicUrl = None,
    allow_origin: AllowOrigin = None,
    quiet_door: QuietDoor = None,
    seed: Seed = None,
    clock: Clock = None,
    record_frames: RecordFrames = None,
    limits: Limits = None,
) -> int:
    """Run a server for as long as CMD runs, which finds it in MEETINGSIM_URL and MEETINGSIM_ADMIN_TOKEN.

    The exit code is that of CMD, 128+n where signal n ended it, 127 where there is no such command, 126 where it cannot be
    run. The server writes nothing to stdout.
    """
    flags: dict[str, Any] = dict(locals())
    from meetingsim.cli.execute import run

    command: list[str] = flags.pop("context").obj
    return run(_given(flags), command)


def _given(flags: dict[str, Any]) -> dict[str, Any]:
    """What was said: an option that may be given again is an empty list where it was not."""
    return {name: value for name, value in flags.items() if value is not None and value != []}


def demo(
    seed: Annotated[int, Option(help="The same seed, the same raid.")] = 1,
    no_wait: Annotated[bool, Option("--no-wait", help="Run through without pauses, and end.")] = False,
) -> int:
    """Watch a raid, live in the terminal, and what the controls change."""
    from meetingsim.cli.demo import run

    return run(seed=seed, no_wait=no_wait)


def join(  # noqa: PLR0913, PLR0917  # a parameter is an option
    link: Annotated[str, Argument(metavar="LINK", help="The join link, the socket's address, or the meeting's id.")],
    name: Annotated[str, Option(help="Your name in the meeting.")] = "Guest",
    country: Annotated[str | None, Option(help="The country to come from, such as BR.")] = None,
    address: Annotated[str | None, Option(help="The address to come from, instead of a country.")] = None,
    device: Annotated[str | None, Option(help="Your device: any text of 1 to 128 characters.")] = None,
    passcode: Annotated[str | None, Option(help="The passcode, where the link does not have it.")] = None,
    host_token: Annotated[
        str | None, Option(envvar="MEETINGSIM_HOST_TOKEN", show_envvar=True, help="Come as the host.")
    ] = None,
    stay: Annotated[bool, Option("--stay", help="Stay after the last line that was piped in.")] = False,
    url: Url = None,
    token: Token = None,
    as_json: Json = False,
) -> int:
    """Come to a meeting as a test client: shows what happens and takes commands, one a line; 'help' lists them.

    Without a terminal the commands are read from stdin and nothing is ever asked; after the last one you leave, and with
    nothing on stdin you stay until the meeting is over. Exit code 1 if the door or a command was refused.
    """
    options = dict(locals())
    from meetingsim.cli.join import Visit, run

    return run(Visit(**options))


def events(
    meeting: Annotated[str, Argument(metavar="MEETING", help="The meeting's id, or a link to it.")],
    follow: Annotated[bool, Option("--follow", "-f", help="Go on until the meeting ends, or Ctrl-C.")] = False,
    after: Annotated[int, Option(min=0, help="Begin after this seq.")] = 0,
    types: Annotated[
        list[str] | None, Option("--type", help="Only this type; may be given again, or with commas.")
    ] = None,
    url: Url = None,
    token: Token = None,
    as_json: Json = False,
) -> int:
    """Read a meeting's journal: what happened, in order, and because of what."""
    options = dict(locals())
    from meetingsim.cli.events import Reading, run

    return run(Reading(**options))


def why(
    meeting: Annotated[str, Argument(metavar="MEETING", help="The meeting's id, or a link to it.")],
    person: Annotated[str, Argument(metavar="PERSON", help="Somebody who is or was there, by id or name.")],
    url: Url = None,
    token: Token = None,
    as_json: Annotated[bool, Option("--json", help="The person and the chain of events as one line of JSON.")] = False,
) -> int:
    """Say how somebody came to be where they are: every decision about them, and because of what."""
    from meetingsim.cli.why import run

    return run(meeting, person, url, token, as_json=as_json)


def geo(
    addresses: Annotated[list[str], Argument(metavar="ADDRESS...", help="IPv4 or IPv6 addresses.")],
    geoip_db: GeoipDb = None,
    as_json: Json = False,
) -> int:
    """Say which country an address is in, and how that is known. Needs no server."""
    from meetingsim.cli.geo import run

    return run(addresses, geoip_db, as_json=as_json)


def check(
    files: Annotated[
        list[Path] | None, Argument(metavar="FILE...", show_default=False, help="Scenario files: NAME.scenario.yaml.")
    ] = None,
    as_schema: Annotated[
        bool, Option("--schema", help="Print the JSON Schema of the language, for an editor.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Say everything that is wrong with scenario files, each error at its line and column. Needs no server.

    Exit code 2 if one of them is no scenario. Scenarios cannot be run yet.
    """
    from meetingsim.cli.check import run

    return run(files or [], as_schema=as_schema, as_json=as_json)


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> int:
    """Print a script that completes commands and options at TAB: source <(meetingsim completion bash)."""
    from meetingsim.cli.completion import run

    return run(shell)


FUNCTIONS: dict[str, Callable[..., int]] = {
    "serve": serve,
    "exec": execute,
    "demo": demo,
    "join": join,
    "events": events,
    "why": why,
    "geo": geo,
    "check": check,
    "completion": completion,
}
"""What is behind each command but ``host``, which follows from the control table."""


def parser(name: str) -> Any:
    """The command as what parses its words, and knows its options."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, options_metavar="[OPTIONS] -- CMD…" if name == "exec" else "[OPTIONS]")(FUNCTIONS[name])
    return typer.main.get_command(app)


def run_command(name: str, argv: list[str]) -> int:
    """Parses what the command takes and runs it. Raises Stop with one line for everything that is wrong with it."""
    argv, behind = _split(argv) if name == "exec" else (argv, [])
    try:
        code = parser(name).main(args=argv, prog_name=f"meetingsim {name}", standalone_mode=False, obj=behind)
    except typer.Abort:
        return INTERRUPTED
    except typer.TyperException as error:
        said = error.format_message().rstrip(".")
        raise Stop(f"{said[:1].lower()}{said[1:]}; see meetingsim {name} --help", USAGE) from None
    return code if isinstance(code, int) else OK


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """The server's flags, and the command behind the first ``--``. Raises Stop where one is missing."""
    flags, behind = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    if not behind and not {"--help", "-h"} & set(flags):
        missing = "a command" if "--" in argv else "-- and a command"
        raise Stop(f"say {missing} to run, as in meetingsim exec -- pytest; see meetingsim exec --help", USAGE)
    return flags, behind
