"""The pytest plugin: scenario files as tests, simulated meetings and a real server as fixtures.

Every suite on this machine imports this module, so whatever it needs is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from meetingsim.pytest_plugin.files import ScenarioFile
    from meetingsim.pytest_plugin.runs import Told
    from meetingsim.scenarios.verdicts import Judgement
    from meetingsim.targets.process import ServerProcess
    from meetingsim.testing.server import ServerSpace
    from meetingsim.testing.sync import Simulation

_ENDING: Final = ".scenario.yaml"
_MARKERS: Final = (
    "scenario(file, seed=None): plays a scenario, a file beside the test or a shipped one; the fixture meetingsim_run is its"
    " judgement, and the test fails where the run does.",
    "seeds(n): once for each of n seeds: the fixture meetingsim_seed, from seed=, --sim-seed or 1 on.",
)
_SIMULATION: Final[pytest.StashKey[Simulation]] = pytest.StashKey()
_TOLD: Final[pytest.StashKey[Told]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("meetingsim")
    group.addoption("--sim-seed", type=int, metavar="N", help="The seed of scenarios and simulations; else their own.")
    group.addoption(
        "--sim-artifacts", metavar="DIR", help="Write DIR/NAME-SEED/ with report and trace of failing runs."
    )
    group.addoption("--sim-keep", choices=("failed", "all"), default="failed", help="Of which runs; failed by default.")
    help_files = "Patterns of the scenario files that are tests. Those named on the command line are, in any case."
    parser.addini("meetingsim_files", help_files, type="args", default=[f"*{_ENDING}"])


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    if file_path.suffix not in {".yaml", ".yml"}:
        return None
    named = file_path.name.endswith(_ENDING) and parent.session.isinitpath(file_path)
    if not named and not any(map(file_path.match, parent.config.getini("meetingsim_files"))):
        return None
    from meetingsim.pytest_plugin import files

    if not parent.config.pluginmanager.is_registered(files):
        parent.config.pluginmanager.register(files)
    return files.ScenarioFile.from_parent(parent, path=file_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    seeds = metafunc.definition.get_closest_marker("seeds")
    if seeds is not None:
        _parametrize(metafunc, *seeds.args, **seeds.kwargs)


def _parametrize(metafunc: pytest.Metafunc, n: int) -> None:
    if "meetingsim_seed" not in metafunc.fixturenames:
        metafunc.fixturenames.append("meetingsim_seed")
    scenario = metafunc.definition.get_closest_marker("scenario")
    said = scenario.kwargs.get("seed") if scenario is not None else None
    first = metafunc.config.getoption("sim_seed") if said is None else said
    first = 1 if first is None else first
    numbers = range(first, first + n)
    metafunc.parametrize("meetingsim_seed", numbers, ids=[f"seed{number}" for number in numbers])


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and item.get_closest_marker("scenario") is not None:
        item.fixturenames.append("meetingsim_run")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    simulation, told = pyfuncitem.stash.get(_SIMULATION, None), pyfuncitem.stash.get(_TOLD, None)
    if simulation is None and told is None:
        return (yield)
    from meetingsim.pytest_plugin.watching import watched

    return (yield from watched(pyfuncitem, simulation, told))


@pytest.fixture
def meetingsim_seed(request: pytest.FixtureRequest) -> int:
    """The seed of this test: one of ``seeds(n)``, else what its scenario is marked with, ``--sim-seed``, or its own."""
    from meetingsim.pytest_plugin.watching import seed_of

    return seed_of(request.node)


@pytest.fixture(name="meetingsim")
def _meetingsim(request: pytest.FixtureRequest, meetingsim_seed: int) -> Iterator[Simulation]:
    """Meetings in process, in time that is only counted; ``meetingsim.aio`` is the asynchronous face.

    An ``async def`` test is run in its loop. What holds in every meeting is judged after the test, which else fails.
    """
    from meetingsim.pytest_plugin.watching import called
    from meetingsim.testing.sync import Simulation

    with Simulation(meetingsim_seed, called(request.node)) as simulation:
        request.node.stash[_SIMULATION] = simulation
        yield simulation
        del request.node.stash[_SIMULATION]


@pytest.fixture
def meetingsim_run(request: pytest.FixtureRequest, meetingsim_seed: int) -> Iterator[Judgement]:
    """The judgement of the scenario that the test is marked with."""
    from meetingsim.pytest_plugin.watching import played

    told, judgement = played(request.node, meetingsim_seed)
    request.node.stash[_TOLD] = told
    yield judgement
    del request.node.stash[_TOLD]


@pytest.fixture(scope="session")
def meetingsim_server_args() -> list[str]:
    """What ``meetingsim serve`` is told, such as ``["--clock", "manual"]``: for a conftest to say otherwise."""
    return []


@pytest.fixture(scope="session")
def _meetingsim_process(meetingsim_server_args: list[str]) -> Iterator[ServerProcess]:
    from meetingsim.testing.server import running

    with running(meetingsim_server_args) as process:
        yield process


@pytest.fixture
def meetingsim_server(_meetingsim_process: ServerProcess) -> Iterator[ServerSpace]:
    """A real server on a free port, one for each worker, in it a space for each test: ``url``, ``token``, and the SDK's
    ``Server`` as ``sync`` and as ``aio``.
    """
    from meetingsim.testing.server import space

    with space(_meetingsim_process) as made:
        yield made
