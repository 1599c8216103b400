"""The container's files say what they must: nobody in particular runs it, from a pinned base, and its health is looked at."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import yaml

from meetingsim.opening import CannotStart, require_protected
from meetingsim.settings import ServerSettings
from tests.wire import Server

ROOT = Path(__file__).parents[1]


class Step(NamedTuple):
    """One instruction, and the number of its stage, from 1."""

    stage: int
    word: str
    rest: str


def steps() -> list[Step]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: list[Step] = []
    for line in filter(None, map(str.strip, text.replace("\\\n", " ").splitlines())):
        word, _, rest = line.partition(" ")
        stage = found[-1].stage if found else 0
        found.append(Step(stage + (word == "FROM"), word, " ".join(rest.split())))
    return found


STEPS = steps()
LAST = [step for step in STEPS if step.stage == max(one.stage for one in STEPS)]


def only(word: str) -> str:
    """What the final stage says once, and once alone."""
    (found,) = [step.rest for step in LAST if step.word == word]
    return found


def environment() -> dict[str, str]:
    pairs = (pair.partition("=") for step in LAST if step.word == "ENV" for pair in shlex.split(step.rest))
    return {name: value for name, _, value in pairs}


def test_every_base_is_pinned_to_one_version() -> None:
    defaults = dict(step.rest.split("=", 1) for step in STEPS if step.word == "ARG")
    bases = [step.rest.split()[0] for step in STEPS if step.word == "FROM"]
    assert len(bases) == 2
    for base in bases:
        name = re.sub(r"\$\{(\w+)\}", lambda found: defaults[found[1]], base)
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", name), name


def test_nothing_comes_from_an_address_and_every_tool_is_pinned() -> None:
    assert not [step for step in STEPS if step.word == "ADD" or "://" in step.rest]
    for step in STEPS:
        if "bin/pip install" in step.rest:
            assert re.search(r"\buv==\d+\.\d+\.\d+$", step.rest)
        elif "uv pip install" in step.rest:
            assert "--require-hashes" in step.rest or "--no-deps" in step.rest


def test_the_final_stage_has_the_package_and_not_what_built_it() -> None:
    assert [step.rest for step in LAST if step.word == "COPY"] == ["--from=build /opt/meetingsim /opt/meetingsim"]
    assert not [step for step in LAST if step.word == "RUN" and re.search(r"pip|apt|curl", step.rest)]


def test_nobody_in_particular_runs_it_and_may_write_to_the_volume_alone() -> None:
    user, group = only("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    words = [step.word for step in LAST]
    assert max(at for at, word in enumerate(words) if word in {"RUN", "COPY"}) < words.index("USER")
    made = next(step.rest for step in LAST if step.word == "RUN")
    assert f"--uid {user} " in made
    assert f"--gid {group} " in made
    assert f"--owner meetingsim --group meetingsim --mode 0700 {only('VOLUME')}" in made
    assert environment()["MEETINGSIM_DATA"] == only("VOLUME")


def test_signals_reach_the_server_itself() -> None:
    """A shell as the first process would take them."""
    assert json.loads(only("ENTRYPOINT")) == ["meetingsim"]
    assert json.loads(only("CMD")) == ["serve"]


def test_it_listens_to_all_and_therefore_wants_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        if name.startswith("MEETINGSIM_"):
            monkeypatch.setenv(name, value)
    settings = ServerSettings()
    assert (settings.host, settings.loopback) == ("0.0.0.0", False)
    assert str(settings.port) == only("EXPOSE")
    assert "MEETINGSIM_ADMIN_TOKEN" not in environment()
    with pytest.raises(CannotStart):
        require_protected(settings)


def health(port: int) -> int:
    command = json.loads(only("HEALTHCHECK").partition("CMD ")[2])
    assert command[0] == "python"
    done = subprocess.run(
        [sys.executable, *command[1:]],
        env={"MEETINGSIM_PORT": str(port), "http_proxy": "http://192.0.2.1"},
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )
    return done.returncode


def test_the_health_check_tells_a_server_from_none(server: Server, unused_tcp_port: int) -> None:
    assert health(urlsplit(server.url).port or 0) == 0
    assert health(unused_tcp_port) != 0


@pytest.fixture
def unused_tcp_port() -> Iterator[int]:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield int(probe.getsockname()[1])  # bound and not listening: nobody else takes it meanwhile


def ignored(path: str) -> bool:
    """By the rules of .dockerignore: the last line that matches decides."""
    said = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        if line and not line.startswith("#") and (fnmatch(path, pattern) or fnmatch(Path(path).name, pattern)):
            said = not line.startswith("!")
    return said


def test_what_is_copied_is_there_and_little_else_is_sent_to_the_builder() -> None:
    copied = [one for step in STEPS if step.word == "COPY" and step.stage == 1 for one in step.rest.split()[:-1]]
    assert "meetingsim" in copied
    for one in copied:
        assert (ROOT / one).exists()
        assert not ignored(one)
    for one in (".git", ".venv", "tests", "docs", "Dockerfile", ".env", "meetingsim.db", "meetingsim/cli/__pycache__"):
        assert ignored(one), one


def test_the_example_gives_away_nothing() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    service = compose["services"]["meetingsim"]
    assert service["environment"]["MEETINGSIM_ADMIN_TOKEN"].startswith("${MEETINGSIM_ADMIN_TOKEN:?"), "no default"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ports"] == [f"127.0.0.1:{only('EXPOSE')}:{only('EXPOSE')}"]
    assert service["volumes"] == [f"data:{only('VOLUME')}"]
    assert "data" in compose["volumes"]
    url = re.search(r":-(\S+)\}", service["environment"]["MEETINGSIM_PUBLIC_URL"])
    assert url is not None
    assert url[1] == f"http://127.0.0.1:{only('EXPOSE')}"
