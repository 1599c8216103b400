"""The rules of the door: whom the region rule keeps out, why anybody was let in or not, and that a lock is a lock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from meetingsim.scenarios.invariants.removal import FRESH
from meetingsim.scenarios.invariants.scene import Interests, Scene, moment
from meetingsim.scenarios.invariants.standings import Person
from meetingsim.scenarios.trace import Fact

NAMES: Final = ("region.none-let-in", "region.explained", "locked.none-let-in")
_GRACE_MS: Final = 30_000
_LATE_MS: Final = 1_000
"""By how much a timer of a real server may be late."""
_BACK: Final = frozenset({"reconnected", "connection_replaced"})
_EXPLAINED: Final = frozenset(
    {*FRESH, "admitted", "denied", "entry_refused", "put_in_waiting_room", "removed", "suspended"}
)
_RULES: Final[Mapping[str, frozenset[str]]] = {
    "joined": frozenset({"host", "ticket", "open"}),
    "joined_waiting_room": frozenset({"waiting_room", "put_back", "region", "unidentified"}),
    "arrived_early": frozenset({"early"}),
    "admitted": frozenset({"admit", "admit_all", "set_waiting_room"}),
}
_DOORS: Final = frozenset({"socket", "http", "people", "resume"})
_TOLD_TO_NOBODY: Final = frozenset({"countries", "matched", "address", "database", "mode"})
_CODE: Final = re.compile(r"\b[A-Z]{2}\b")


def verdict(rule: Mapping[str, Any], origin: Mapping[str, Any]) -> str:
    """What a region rule says of somebody from there: the strictest part that applies."""
    if rule.get("mode", "off") == "off":
        return "allow"
    said = [rule.get("anonymous", "allow")] if origin.get("anonymous") else []
    country = origin.get("country")
    if country is None:
        said.append(rule.get("unknown", "deny"))
    else:
        listed = country in (rule.get("countries") or ())
        said.append("allow" if listed is (rule["mode"] == "approve") else "deny")
    return next(one for one in ("deny", "wait", "allow") if one in said)


class Doors:
    """Judges every entry by the rules as they were just then."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._region = scene.found["region.none-let-in"]
        self._explained = scene.found["region.explained"]
        self._locked = scene.found["locked.none-let-in"]
        self._to_turn_out: list[Person] = []
        self._rule_set: Fact | None = None
        self._reasons = False

    def interests(self) -> Interests:
        """Every way in, every refusal, and what a new rule does to those who are there."""
        return Interests(
            before={
                **dict.fromkeys(_EXPLAINED | _BACK, self._decided),
                "accepted": self._accepted,
                "refused": self._refused,
            },
            after={"region_rule_set": self._new_rule},
            end=self._end,
        )

    def _end(self) -> None:
        if self._scene.foreign and not self._reasons:
            self._scene.cannot["region.explained"] = "the target's journal gives no reasons"

    def _decided(self, fact: Fact) -> None:
        kind, because = fact.fact, fact.fields.get("because") or {}
        self._reasons = self._reasons or bool(because)
        if kind in _EXPLAINED:
            self._explain(fact, because)
        person = self._scene.ledger.about(fact)
        if person.owner or because.get("rule") == "host":
            return
        if kind in FRESH or kind in _BACK or kind == "admitted":
            self._let_in_by_region(fact, person, because)
        if kind in FRESH or kind in _BACK:
            self._let_in_by_lock(fact, person)

    # Region

    def _let_in_by_region(self, fact: Fact, person: Person, because: Mapping[str, Any]) -> None:
        origin = because if "country" in because else person.origin
        if "country" not in origin:
            return
        self._region.tested += 1
        rule = self._scene.ledger.now.region
        said = verdict(rule, origin)
        wait_is_no = fact.fact == "joined" or (fact.fact == "admitted" and because.get("rule") == "set_waiting_room")
        if fact.fact == "joined" and (fact.fields.get("person") or {}).get("role") in {"cohost", "panelist"}:
            wait_is_no = False  # they never wait
        if said == "deny" or (said == "wait" and wait_is_no):
            who, country = self._scene.who(person.id), because.get("country") or "an unknown country"
            did = {"joined_waiting_room": "was let wait", "arrived_early": "came early"}.get(fact.fact, "was let in")
            via = f" by {because['anonymous']}" if because.get("anonymous") else ""
            text = f"{who} {did} at {moment(fact.at)} from {country}{via}, whom the region rule says to {said}."
            self._region.fail(text, fact, self._rule_set)

    def _new_rule(self, fact: Fact) -> None:
        self._rule_set = fact
        here = [one for one in self._scene.ledger.people.values() if one.now.place in {"inside", "waiting"}]
        rule = self._scene.ledger.now.region
        self._to_turn_out = [one for one in here if not one.owner and verdict(rule, one.origin) == "deny"]

    def _accepted(self, fact: Fact) -> None:
        if fact.fields.get("command") == "set_region_rule" and fact.seq is not None:
            self._turned_out(fact, str(fact.fields.get("present")))
        attempt, entry = fact.fields.get("attempt"), self._scene.ledger.latest.get(fact.actor or "")
        if attempt and entry and fact.seq is not None and entry.seq <= fact.seq:
            came, judged = attempt.get("address"), entry.person.origin.get("address")
            if came and judged and _plain(came) != _plain(judged):
                text = f"{fact.actor} came from {came} at {moment(fact.at)} and was judged as if from {judged}."
                self._region.fail(text, fact)

    def _turned_out(self, fact: Fact, present: str) -> None:
        wanted = {"remove": {"removed", "left"}, "put_in_waiting_room": {"waiting", "removed", "left"}}.get(present)
        for person in self._to_turn_out if wanted else ():
            self._region.tested += 1
            if person.at(fact.seq or 0).place not in (wanted or ()):
                who, country = self._scene.who(person.id), person.origin.get("country") or "an unknown country"
                text = f"{who} from {country} was still there at {moment(fact.at)}, when the new rule had to turn them out."
                self._region.fail(text, fact, self._rule_set)
        self._to_turn_out = []

    # Reasons

    def _explain(self, fact: Fact, because: Mapping[str, Any]) -> None:
        self._explained.tested += 1
        wanted = ["rule", "door"]
        if fact.fact in {*FRESH, "admitted", "entry_refused"}:
            wanted += ["country", "source"]
        by_region = because.get("rule") in {"region", "region_blocked", "set_region_rule"}
        if by_region and fact.fact != "suspended":
            wanted += ["country", "source", "database", "built"]
        lacking = [name for name in dict.fromkeys(wanted) if name not in because]
        what = f"{fact.fact} {fact.seq} at {moment(fact.at)}"
        if lacking:
            self._explained.fail(f"{what} does not say why: {', '.join(lacking)} is missing in its because.", fact)
            return
        rules = _RULES.get(fact.fact) or ({fact.fields.get("code")} if fact.fact == "entry_refused" else None)
        if rules is not None and because["rule"] not in rules:
            self._explained.fail(f"{what} names a rule that lets nobody in or out so: {because['rule']}.", fact)
        elif because["door"] not in _DOORS:
            self._explained.fail(f"{what} names a door that is none: {because['door']}.", fact)
        elif fact.fact == "entry_refused" and fact.fields.get("country") != because["country"]:
            said = f"{what} tells the hosts {fact.fields.get('country')} and was decided by {because['country']}."
            self._explained.fail(said, fact)

    def _refused(self, fact: Fact) -> None:
        """The refused are told their own country, and nothing by which to get around the rule."""
        if fact.fields.get("command") not in {"join", "resume"}:
            return
        self._explained.tested += 1
        error = fact.fields.get("error") or {}
        told = sorted(_TOLD_TO_NOBODY & error.keys())
        if told:
            said = f"{fact.actor}, refused at {moment(fact.at)}, was told {', '.join(told)}."
            self._explained.fail(said, fact)
        if error.get("code") != "region_blocked":
            return
        listed = set(self._scene.ledger.now.region.get("countries") or ()) - {error.get("country")}
        leaked = [code for code in _CODE.findall(str(error.get("detail"))) if code in listed]
        if leaked:
            said = f"{fact.actor}, refused at {moment(fact.at)}, was told of the rule's list: {', '.join(leaked)}."
            self._explained.fail(said, fact)

    # The lock

    def _let_in_by_lock(self, fact: Fact, person: Person) -> None:
        """Whoever waits already may be admitted, and whoever keeps a seat may come back to it in time."""
        self._locked.tested += 1
        if not self._scene.ledger.now.locked:
            return
        if fact.fact in FRESH:
            who, did = self._scene.who(person.id), "was let wait" if fact.fact == "joined_waiting_room" else "came in"
            said = f"{who} {did} at {moment(fact.at)}, while the meeting was locked."
            self._locked.fail(said, fact, self._scene.ledger.locked_by)
        elif person.lost_at is not None:
            away = fact.at - person.lost_at
            if away > _GRACE_MS + _LATE_MS:
                who = self._scene.who(person.id)
                said = f"{who} was back at {moment(fact.at)} after {away / 1000:g} s in a locked meeting: the grace is 30 s."
                self._locked.fail(said, fact, self._scene.ledger.locked_by)


def _plain(address: str) -> str:
    """An address in one way of writing; one of IPv4 inside IPv6 is that of IPv4."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
