"""The scenario language: a raid as a file, with what must come of it; who plays it, who judges it, and what comes out."""

from meetingsim.scenarios.document import Mistake, ScenarioInvalid
from meetingsim.scenarios.reading import read, read_file
from meetingsim.scenarios.scenario import Scenario

__all__ = ["Mistake", "Scenario", "ScenarioInvalid", "read", "read_file"]
