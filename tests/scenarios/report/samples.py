"""A lesson that is raided, told by hand and judged by hand: the host is too slow, and one raider comes back."""

from __future__ import annotations

from pathlib import Path

from meetingsim.chance import Chance
from meetingsim.scenarios import Scenario, read
from meetingsim.scenarios.report import Source
from meetingsim.scenarios.trace import Fact
from meetingsim.scenarios.verdicts import Check, Judgement, Measure, Verdict
from tests.scenarios.traces import Telling

YAML = """\
meetingsim: 1
name: told-raid
summary: A link leaks, a crowd comes, the host suspends and cleans up.
seed: 3
duration: 20m
meeting:
  passcode: open-sesame-2026
  waiting_room: {enabled: false}
actors:
  teacher: {role: host, country: US}
  class: {count: 12, country: US, behavior: attendee, arrive: {over: 2m}}
  raiders: {count: 30, country: any, behavior: raider, arrive: {on: link_posted, after: 20s, over: 1m}}
policies:
  teacher:
    rules:
      - {id: panic, when: "rate(accepted, actor.group == 'raiders', '10s') > 5", do: suspend, once: true}
      - {id: clean, when: suspended, do: {remove: {group: raiders}}, pace: 1/2s}
timeline:
  - {at: 5m, do: {post_link: {site: forum}}}
  - {at: 19m, who: teacher, do: end}
faults:
  - {at: 7m, for: 30s, on: raiders, net: {latency: 400ms±200ms, drop: 5%}}
expect:
  - id: out-is-out
    each: removed
    never: joined where person == each.person
  - {id: panic-is-fast, after: rule_fired where rule == 'panic', eventually: suspended, within: 1s}
  - {id: never-comes-up, each: denied, never: joined where person == each.person}
  - {id: cut-by-the-end, after: ended, eventually: report_filed, within: 5m}
thresholds: {removed_ratio: ">= 0.9", exposure_seconds: "< 45 per viewer"}
"""


def scenario() -> Scenario:
    """The scenario that the sample was played from."""
    return read(YAML, "told-raid.scenario.yaml")


def source() -> Source:
    """Its file."""
    return Source.of(Path("scenarios/told-raid.scenario.yaml"), YAML)


def raid(raiders: int = 30, pupils: int = 12, *, name: str = "offensive-name-17") -> Judgement:
    """The judged run. ``name`` is what the raiders call themselves."""
    told = Telling("told-raid", duration=20 * 60_000, seed=3)
    chance = Chance(17)
    told.cast("teacher", role="host")
    crowd = told.cast("class", pupils, behavior="attendee")
    mob = told.cast("raiders", raiders, behavior="raider", disruptive=True, name=name, country="BR")
    told.trace.settings = {"waiting_room": {"enabled": False}, "passcode": "<redacted>"}
    told.trace.oracles = {"clean": "raiders: no host knows who is in a group"}
    moments: list[tuple[int, str, str]] = [(100, "comes", "teacher"), (300_000, "link", "")]
    moments += [(chance.between(1_000, 120_000), "comes", ref) for ref in crowd]
    moments += [(chance.between(30_000, 1_100_000), "talks", crowd[chance.below(pupils)]) for _ in range(pupils * 10)]
    arrivals = {ref: chance.between(320_000, 380_000) for ref in mob}
    moments += [(at, "comes", ref) for ref, at in arrivals.items()]
    moments += [(at + 1_000 + chance.below(60_000), "disturbs", ref) for ref, at in arrivals.items() for _ in range(5)]
    moments += [(420_000, "panic", ""), (424_250, "suspend", "")]
    moments += [(430_000 + 2_000 * at, "removed", ref) for at, ref in enumerate(mob)]
    moments += [(500_000 + 3_000 * at, "knocks", ref) for at, ref in enumerate(mob)]
    moments += [(620_000, "slips in", mob[-1]), (700_000, "allow", ""), (1_140_000, "ended", "")]
    suspends = 424_250
    facts: dict[str, Fact] = {}
    for at, what, ref in sorted(moments):
        _happens(told, facts, at, what, ref, quiet=at > suspends)
    return Judgement(told.over(), _checks(facts, mob[-1]), _measures())


def _happens(told: Telling, facts: dict[str, Fact], at: int, what: str, ref: str, *, quiet: bool) -> None:
    host, everybody = "teacher", list(told.ids)
    if what == "comes":
        told.tells(told.comes(at, ref), *everybody)
    elif what == "link":
        told.happens(at, "link_posted", site="forum")
    elif what in {"talks", "disturbs"} and ref in told.ids:
        sent = told.sends(at, ref, "chat", text=f"{what} <b>&amp;</b>")
        if quiet and what == "disturbs":
            told.refuses(at + 20, sent, "suspended")
        else:
            event = told.event(at + 20, "message", ref, message=f"m{at}", from_=ref, to="everyone", text=what)
            told.tells(event, *everybody)
            told.accepts(at + 20, sent, event)
    elif what == "panic":
        facts["panic"] = told.happens(at, "rule_fired", host, rule="panic")
    elif what == "suspend":
        because = {"rule": "suspend", "door": "socket", "asked_by": told.ids[host], "inside": len(everybody)}
        facts[what] = told.event(
            at, "suspended", host, by=host, activities=["audio", "chat"], stopped=[], because=because
        )
        told.tells(facts[what], *everybody)
    elif what == "removed":
        because = {"rule": "remove", "door": "socket", "asked_by": told.ids[host]}
        facts[ref] = told.event(at, "removed", ref, participant=ref, by=host, because=because)
        told.happens(at, "disconnected", ref, line=told.lines[ref], code=4500)
        told.happens(at, "report_filed", ref, report=f"r{at}", subjects=[told.ids.pop(ref)], source="remove")
    elif what == "knocks":
        sent = told.sends(at, ref, "join", name="again", attempt={"name": "again", "device": "d1"})
        told.refuses(at + 30, sent, "removed", "you were removed from this meeting")
    elif what == "slips in":
        facts[what] = told.comes(at, ref, name="Mia\u202e from class", rule="open")
        told.tells(facts[what], *everybody, ref)
    elif what == "allow":
        told.event(at, "allowed", host, activity="chat", by=host)
    elif what == "ended":
        told.event(at, "ended", host, by=host)


def _checks(facts: dict[str, Fact], one: str) -> list[Check]:
    out, back = facts[one], facts["slips in"]
    late = (facts["suspend"].n, facts["panic"].n)
    told = f"{one} was removed at 08:08.000 and joined again at 10:20.000 by the rule open"
    return [
        Check("expectation", "out-is-out", Verdict.FAIL, told, (back.n, out.n), ("expect", 0), 30),
        Check("expectation", "panic-is-fast", Verdict.FAIL, "it took 4.25 s, not 1 s", late, ("expect", 1), 1),
        Check("expectation", "never-comes-up", Verdict.VACUOUS, "", (), ("expect", 2)),
        Check("expectation", "cut-by-the-end", Verdict.UNDECIDED, "", (), ("expect", 3), 1),
        Check("invariant", "removed.no-return", Verdict.FAIL, told, (back.n, out.n), (), 30),
        Check("invariant", "seq.grows", Verdict.PASS, "", (), (), 1_204),
        Check("invariant", "waiting.sees-nothing", Verdict.PASS, "", (), (), 0),
        Check("invariant", "mirror.equals-view", Verdict.SKIPPED, "the target shows no view", (), ()),
        Check("threshold", "removed_ratio", Verdict.PASS, "1.0", (), ("thresholds", "removed_ratio"), 1, ("clean",)),
        Check("threshold", "exposure_seconds", Verdict.FAIL, "61.3 per viewer", (), ("thresholds", "exposure_seconds")),
    ]


def _measures() -> dict[str, Measure]:
    found = [
        Measure("exposure_seconds", 61.3, "s", "per viewer, of 13 viewers"),
        Measure("removed_ratio", 1.0, "ratio", "30 of 30", ("clean",)),
        Measure("time_to_quiet", None, "s", "it was never quiet"),
    ]
    return {measure.id: measure for measure in found}
