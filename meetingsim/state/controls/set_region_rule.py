"""Approving or blocking entry by country, for later entries, and if wanted for those who are already here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from meetingsim.state.change import HOSTS_ONLY, with_settings
from meetingsim.state.control import (
    Audience,
    Command,
    Context,
    Control,
    Decision,
    Event,
    EventRow,
    Fact,
    Refuse,
    Stamp,
    because,
    from_origin,
)
from meetingsim.state.entry import region_verdict
from meetingsim.state.guards import require_owner
from meetingsim.state.meeting import Meeting, Place, View, Why
from meetingsim.state.settings import Present, RegionMode, RegionRule, Unknown
from meetingsim.state.turning_out import PutBack, Removed

_HERE = frozenset({Place.WAITING, Place.INSIDE})


@dataclass(frozen=True, slots=True)
class SetRegionRule(Command):
    """Say who may enter by country. ``countries`` are ISO 3166-1 alpha-2 codes or the groups EU and EEA.

    ``present`` says what becomes of those inside and waiting whom the new rule does not let in.
    """

    type: ClassVar[str] = "set_region_rule"
    mode: RegionMode
    countries: tuple[str, ...] = ()
    unknown: Unknown = "deny"
    anonymous: Unknown = "allow"
    present: Present = "keep"


@dataclass(frozen=True, slots=True)
class RegionRuleSet(Event):
    """Another region rule holds. Told to the hosts alone: nobody else learns the list."""

    type: ClassVar[str] = "region_rule_set"
    rule: RegionRule
    by: str


def decide_set_region_rule(meeting: Meeting, command: SetRegionRule, context: Context) -> Decision:
    by = require_owner(meeting, context)
    if command.mode == "approve" and not command.countries:
        raise Refuse("invalid_rule", "Approve at least one country.")
    countries = tuple(sorted(set(command.countries)))
    rule = RegionRule(command.mode, countries, command.unknown, command.anonymous)
    facts: list[Fact] = []
    if rule != meeting.settings.region:
        facts.append(Fact(RegionRuleSet(rule, by), because("set_region_rule", context)))
    if command.present != "keep":
        facts += _turn_out(meeting, rule, command.present, by, context)
    return Decision(tuple(facts))


def _turn_out(meeting: Meeting, rule: RegionRule, present: Present, by: str, context: Context) -> Iterator[Fact]:
    """Those here whom the rule does not let in. A removal by rule holds as long as the rule: they may return after it."""
    for person in meeting.people.values():
        if person.where not in _HERE or person.keys.host or region_verdict(rule, person.origin) == "allow":
            continue
        reason = because("set_region_rule", context, **from_origin(person.origin))
        if present == "remove" and region_verdict(rule, person.origin) == "deny":
            yield Fact(Removed(person.id, by, may_return=True), reason)
        elif person.where is Place.INSIDE:
            yield Fact(PutBack(person.id, by, Why.REGION), reason)


def evolve_region_rule_set(meeting: Meeting, event: RegionRuleSet, stamp: Stamp) -> Meeting:
    return with_settings(meeting, region=event.rule)


def hear_region_rule_set(before: Meeting, after: Meeting, event: RegionRuleSet) -> Audience:
    return HOSTS_ONLY


def show_region_rule_set(view: View, frame: dict[str, Any]) -> None:
    view["meeting"]["settings"]["region"] = frame["rule"]


CONTROLS = (
    Control(
        SetRegionRule,
        decide_set_region_rule,
        who="host",
        summary="Approve or block entry by country.",
        http=True,
        events=(
            EventRow(
                RegionRuleSet,
                evolve_region_rule_set,
                hear_region_rule_set,
                show_region_rule_set,
                "Another region rule holds.",
            ),
        ),
    ),
)
