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


def serve(  # noqa: PLR0913, PLR0917  # a parameter is an option
    host: Annotated[str | None, Option(help="The address to listen on; 127.0.0.1 unless given.")] = None,
    port: Annotated[
        int | None, Option(min=0, max=65535, help="The port; 8765 unless given, 0 takes a free one.")
    ] = None,
    data: Annotated[
        Path | None, Option(help="A folder that keeps everything; without one it is kept in memory.")
    ] = None,
    geoip_db: Annotated[Path | None, Option(help="A GeoIP2 or GeoLite2 country or city database of your own.")] = None,
    anonymous_db: Annotated[Path | None, Option(help="A GeoIP2 Anonymous IP database of your own.")] = None,
    public_url: Annotated[str | None, Option(help="How clients reach the server, if not by its own address.")] = None,
    allow_origin: Annotated[list[str] | None, Option(help="Another web origin that may use the server.")] = None,
    quiet_door: Annotated[
        bool | None, Option("--quiet-door", help="Refuse alike whatever is refused before the credential holds.")
    ] = None,
    seed: Annotated[int | None, Option(help="Make ids, passcodes and tokens reproducible. For tests alone.")] = None,
    clock: Annotated[
        Literal["real", "manual"] | None, Option(help="Follow the machine's clock, or be moved by hand.")
    ] = None,
    record_frames: Annotated[
        bool | None, Option("--record-frames", help="Keep every frame that people were sent, for the admin to read.")
    ] = None,
    limits: Annotated[Literal["on", "off"] | None, Option(help="Limit guesses and commands, or not.")] = None,
    as_json: Annotated[bool, Option("--json", help="One line on stdout once it runs: url, admin_token, pid.")] = False,
) -> int:
    """Run the server, until Ctrl-C. Flags win over MEETINGSIM_… in the environment."""
    flags: dict[str, Any] = dict(locals())
    from meetingsim.cli.serve import run

    as_json = flags.pop("as_json")
    return run({**flags, "allow_origin": allow_origin or None}, as_json=as_json)


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


def geo(
    addresses: Annotated[list[str], Argument(metavar="ADDRESS...", help="IPv4 or IPv6 addresses.")],
    geoip_db: Annotated[Path | None, Option(help="A GeoIP2 or GeoLite2 country or city database of your own.")] = None,
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


_FUNCTIONS: dict[str, Callable[..., int]] = {
    "serve": serve,
    "demo": demo,
    "join": join,
    "events": events,
    "geo": geo,
    "check": check,
}


def run_command(name: str, argv: list[str]) -> int:
    """Parses what the command takes and runs it. Raises Stop with one line for everything that is wrong with it."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name)(_FUNCTIONS[name])
    command = typer.main.get_command(app)
    try:
        code = command.main(args=argv, prog_name=f"meetingsim {name}", standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except typer.TyperException as error:
        said = error.format_message().rstrip(".")
        raise Stop(f"{said[:1].lower()}{said[1:]}; see meetingsim {name} --help", USAGE) from None
    return code if isinstance(code, int) else OK
