"""The completion scripts, in the shells they are for: what a TAB offers, command by command."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from meetingsim.cli import COMMANDS
from meetingsim.cli.completion import controls, flags_of

from .conftest import Cli

SHELLS = ("bash", "zsh", "fish")
_BASH = r"""
source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
shift 2
COMP_WORDS=("$@") COMP_CWORD=$(( $# - 1 ))
_meetingsim
printf '%s\n' "${COMPREPLY[@]}"
"""
_ZSH = r"""
compdef() { }
_describe() { local -a rows=("${(@P)2}"); print -l -- "${rows[@]%%:*}" }
compadd() { shift; print -l -- "$@" }
_files() { print -- "<files>" }
_normal() { print -- "<$words>" }
source "$1"
shift 2
words=("$@") CURRENT=$#
_meetingsim
"""
_FISH = "source $argv[1]; complete -C $argv[2]"
_BREAKS = re.compile(r"[=:]|[^=:\s]+")


def needs(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"there is no {shell} here")
    return path


@pytest.fixture
def script(cli: Cli, tmp_path: Path) -> Path:
    """The three scripts in a folder, each by its shell's name."""
    for shell in SHELLS:
        ran = cli("completion", shell)
        assert (ran.code, ran.err) == (0, "")
        (tmp_path / shell).write_text(ran.out)
    return tmp_path


def offered(shell: str, script: Path, line: str) -> list[str]:
    """What a TAB at the end of the line offers; the words are parted as that shell parts them."""
    path = needs(shell)
    words = _BREAKS.findall(line) if shell == "bash" else line.split()
    words += [""] if line.endswith(" ") else []
    command = {
        "bash": [path, "--norc", "-c", _BASH, "bash"],
        "zsh": [path, "-f", "-c", _ZSH, "zsh"],
        "fish": [path, "--no-config", "-c", _FISH],
    }[shell]
    done = subprocess.run(
        [*command, str(script / shell), line, *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "HOME": str(script), "LC_ALL": "C.UTF-8"},
    )
    assert done.stderr == ""
    found = [one.partition("\t")[0] for one in done.stdout.splitlines()]
    return [one for one in found if one.startswith(words[-1]) or shell == "fish"] if shell != "bash" else found


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("meetingsim s", ["serve"]),
        ("meetingsim --v", ["--version"]),
        ("meetingsim serve --cl", ["--clock"]),
        ("meetingsim serve --clock ma", ["manual"]),
        ("meetingsim exec --no-such --lim", ["--limits"]),
        ("meetingsim exec -- meetingsim-no-such-", []),
        ("meetingsim events 1 --type wai", ["waiting_room_message", "waiting_room_set"]),
        ("meetingsim host 1 admit", ["admit", "admit-all"]),
        ("meetingsim host --url http://127.0.0.1:1 1 unl", ["unlock"]),
        ("meetingsim host 1 allow anno", ["annotate"]),
        ("meetingsim host 1 remove mia --may", ["--may-return"]),
        ("meetingsim completion f", ["fish"]),
        ("meetingsim run class-", ["class-raid"]),
        ("meetingsim run --cl", ["--clock"]),
        ("meetingsim run --clock v", ["virtual"]),
        ("meetingsim explore --shr", ["--shrink"]),
        ("meetingsim replay x --type rule_", ["rule_fired"]),
        ("meetingsim new --from class-", ["class-raid"]),
    ],
)
def test_a_tab_offers(shell: str, line: str, words: list[str], script: Path) -> None:
    assert sorted(filter(None, offered(shell, script, line))) == words


def test_an_option_and_its_value_in_one_word(script: Path) -> None:
    assert offered("bash", script, "meetingsim serve --clock=m") == ["manual"]
    assert offered("bash", script, "meetingsim serve --clock=") == ["real", "manual"]
    assert offered("bash", script, "meetingsim host --token=x 1 unl") == ["unlock"]


def test_behind_exec_another_command_is_completed(script: Path) -> None:
    assert "meetingsim" not in offered("bash", script, "meetingsim exec -- serv")
    assert "printf" in offered("bash", script, "meetingsim exec -- print")
    assert offered("bash", script, "meetingsim exec -- printf a") == [""], "nothing of ours: bash offers files"


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_option_and_control_is_in_the_script(shell: str, script: Path) -> None:
    text = (script / shell).read_text()
    assert not re.search(r"@[a-z_]+@", text), "a place that nothing was put in"
    options = {name for command in COMMANDS for flag in flags_of(command) for name in flag.names}
    assert {"--record-frames", "--geoip-db", "-f", "--token"} <= options
    wanted = {*COMMANDS, *(name for name, _, _ in controls())}
    wanted |= {name.lstrip("-") for name in options} if shell == "fish" else options
    assert not [word for word in wanted if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]


@pytest.mark.parametrize("shell", SHELLS)
def test_no_word_can_break_out_of_the_script(shell: str, script: Path) -> None:
    path = needs(shell)
    subprocess.run([path, "-n", str(script / shell)], check=True, timeout=60, capture_output=True)
    assert shlex.split((script / "bash").read_text(), comments=True)


def test_another_shell_is_refused(cli: Cli) -> None:
    ran = cli("completion", "powershell")
    assert (ran.code, ran.out) == (2, "")
    assert "bash" in ran.err
    assert ran.err.count("\n") == 1
