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


Scenarios = Annotated[
    list[str], Argument(metavar="FILE_OR_NAME...", show_default=False, help="Scenario files, or names of shipped ones.")
]
OneScenario = Annotated[
    str, Argument(metavar="FILE_OR_NAME", show_default=False, help="A scenario file, or the name of a shipped one.")
]
Set = Annotated[
    list[str] | None,
    Option(
        "--set",
        metavar="PART=VALUE",
        help="Change the scenario: timeline.leak.at=5m; several with ';', or given again.",
    ),
]
Report = Annotated[Path, Option("--report", metavar="DIR", help="Where NAME-SEED/ with the report is written.")]
FirstSeed = Annotated[int | None, Option(min=0, help="The chance of the run; the scenario's own unless given.")]
_REPORTS = Path("meetingsim-out")


def check(
    words: Annotated[
        list[str] | None,
        Argument(metavar="FILE...", show_default=False, help="Scenario files (NAME.scenario.yaml), or shipped names."),
    ] = None,
    as_schema: Annotated[
        bool, Option("--schema", help="Print the JSON Schema of the language, for an editor.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Say everything that is wrong with scenario files, each error at its line and column. Needs no server.

    Exit code 2 if one of them is no scenario.
    """
    from meetingsim.cli.check import run

    return run(words or [], as_schema=as_schema, as_json=as_json)


def run_scenarios(  # noqa: PLR0913, PLR0917  # a parameter is an option
    words: Scenarios,
    url: Annotated[str | None, Option(help="Play against the server there, in real time.")] = None,
    token: Annotated[
        str | None, Option(help="The admin token of --url; else MEETINGSIM_TOKEN, else MEETINGSIM_ADMIN_TOKEN.")
    ] = None,
    target: Annotated[
        str | None, Option(metavar="COMMAND", help="Play against another product, behind an adapter that this starts.")
    ] = None,
    seed: FirstSeed = None,
    seeds: Annotated[int, Option(min=1, help="Play so many courses: the seed, and those after it.")] = 1,
    clock: Annotated[
        Literal["virtual", "real"] | None,
        Option(help="Simulated time, or a server and real time; else as the file says."),
    ] = None,
    changes: Set = None,
    report: Report = _REPORTS,
    as_json: Annotated[bool, Option("--json", help="One JSON object a run on stdout.")] = False,
) -> int:
    """Play scenarios and judge them: a verdict for every expectation, invariant and threshold, and a report of each run.

    Exit code 0: all green; 1 an expectation or invariant failed; 2 no scenario; 3 a threshold missed; 4 something came up vacuous
    or undecided; 5 what was tested, or the run itself, broke.
    """
    from meetingsim.cli.run import Running, run

    return run(Running(words, url, token, target, seed, seeds, clock, changes or [], report, as_json))


def list_scenarios(as_json: Annotated[bool, Option("--json", help="All of them as one JSON object.")] = False) -> int:
    """List the scenarios that come with meetingsim."""
    from meetingsim.cli.listing import run

    return run(as_json=as_json)


def new_scenario(
    name: Annotated[
        str | None, Argument(metavar="NAME_OR_FILE", show_default=False, help="What it is to be called.")
    ] = None,
    shipped: Annotated[
        str | None, Option("--from", metavar="SHIPPED", help="Begin with a copy of a shipped scenario.")
    ] = None,
) -> int:
    """Write a scenario to begin with, NAME.scenario.yaml, that runs green as it is."""
    from meetingsim.cli.new import run

    return run(name, shipped)


def explore(  # a parameter is an option
    word: OneScenario,
    seeds: Annotated[int, Option(min=1, help="So many courses at most.")] = 50,
    first: Annotated[
        int | None, Option("--from", min=0, help="The first seed; the scenario's own unless given.")
    ] = None,
    thresholds: Annotated[bool, Option("--thresholds", help="A missed threshold is a failure, too.")] = False,
    most: Annotated[
        int, Option("--shrink", min=0, help="Try so many smaller scenarios at most; 0 leaves it as it is.")
    ] = 200,
    changes: Set = None,
    report: Report = _REPORTS,
    as_json: Annotated[bool, Option("--json", help="What was found as one JSON object.")] = False,
) -> int:
    """Play one course after the other until one fails, and make that scenario as small as it can be and still fail the same.

    The seed draws when people come, how slow their network is, and the order of what happens at once.
    """
    from meetingsim.cli.explore import Exploring, run

    return run(Exploring(word, seeds, first, thresholds, most, changes or [], report, as_json))


def replay(  # a parameter is an option
    trace: Annotated[
        Path, Argument(metavar="TRACE", show_default=False, help="A trace.jsonl, or the folder of a run.")
    ],
    actors: Annotated[
        list[str] | None, Option("--actor", help="Only about this actor or group: teacher, raiders, raiders[3].")
    ] = None,
    types: Annotated[
        list[str] | None, Option("--type", help="Only this fact; may be given again, or with commas.")
    ] = None,
    begin: Annotated[
        str | None, Option("--from", metavar="TIME", help="Begin at this time of the run: 12m30s.")
    ] = None,
    end: Annotated[str | None, Option("--to", metavar="TIME", help="End at this time of the run.")] = None,
    verify: Annotated[bool, Option("--verify", help="Play the run again, and say whether it is the same.")] = False,
    scenario: Annotated[
        Path | None, Option(help="The scenario for --verify; else scenario.resolved.yaml beside the trace.")
    ] = None,
    as_json: Annotated[bool, Option("--json", help="One fact a line.")] = False,
) -> int:
    """Tell what happened in a run: when, who, what, and because of what.

    With --verify exit code 1 where the run is not the same any more.
    """
    from meetingsim.cli.replay import Replaying, run

    return run(Replaying(trace, actors or [], types or [], begin, end, verify, scenario, as_json))


def compare(
    word: OneScenario,
    variants: Annotated[
        list[str] | None,
        Option(
            "--set", metavar="CHANGES", help="A variant: one change, or several with ';'; give one for each variant."
        ),
    ] = None,
    seed: FirstSeed = None,
    seeds: Annotated[int, Option(min=1, help="Play so many courses of each.")] = 1,
    as_json: Annotated[bool, Option("--json", help="All of it as one JSON object.")] = False,
) -> int:
    """Play a scenario as it is and once for each --set, and show side by side what comes of it.

    Checks that fail are shown and leave the exit code 0.
    """
    from meetingsim.cli.compare import run

    return run(word, variants or [], seed, seeds, as_json=as_json)


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
    "run": run_scenarios,
    "list": list_scenarios,
    "new": new_scenario,
    "explore": explore,
    "replay": replay,
    "compare": compare,
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
