"""Coming to a meeting: the credential, the rules of entry in their order, and the seat that is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from meetingsim.state.change import put
from meetingsim.state.control import Command, Context, Control, Decision, Fact, Refuse, because, from_origin
from meetingsim.state.entry import (
    Newcomer,
    check_entry,
    check_region,
    check_removal,
    entry_facts,
    refused_fact,
    unknown_knock_fact,
    unknown_knocks_due,
)
from meetingsim.state.entry_events import (
    EVENTS,
    ConnectionReplaced,
    Entrant,
    Left,
    OriginKnown,
    Reconnected,
    TicketFlagged,
)
from meetingsim.state.identity import (
    Shown,
    clean_name,
    digest,
    make_id,
    owner_of_ticket,
    same_secret,
    seat_of,
    waiting_with_device,
)
from meetingsim.state.meeting import Keys, Meeting, Person, Place, Role
from meetingsim.state.opening import opening_facts
from meetingsim.state.roles import owner_is_host
from meetingsim.state.settings import DEVICE_LENGTH

_PRESENT = frozenset({Place.EARLY, Place.WAITING, Place.INSIDE})


@dataclass(frozen=True, slots=True)
class Join(Command):
    """Ask to come in, with a passcode, a ticket, a user token or the host token.

    ``country`` or ``address`` say where the simulated person comes from; the server honours them for testers alone.
    """

    type: ClassVar[str] = "join"
    name: str
    passcode: str | None = None
    ticket: str | None = None
    user_token: str | None = None
    host_token: str | None = None
    device: str | None = None
    country: str | None = None
    address: str | None = None


def decide_join(meeting: Meeting, command: Join, context: Context) -> Decision:
    _check_credential(meeting, command, context)
    name = clean_name(command.name)
    if command.device is not None and not 1 <= len(command.device) <= DEVICE_LENGTH:
        raise Refuse("malformed", f"A device is a text of 1 to {DEVICE_LENGTH} characters.")
    shown = _shown(command, name, context)
    try:
        return _enter(meeting, shown, context)
    except Refuse as refuse:
        refuse.facts = (refused_fact(refuse, name, context.origin, context),)
        raise


def _check_credential(meeting: Meeting, command: Join, context: Context) -> None:
    if meeting.status == "ended":
        raise Refuse("ended", "The meeting has ended.")
    refuse = _credential_refusal(meeting, command, context)
    if refuse is None:
        return
    code = refuse.refusal.code
    inputs = refuse.refusal.because
    if unknown_knocks_due(meeting, context.now):
        refuse.facts = (unknown_knock_fact(code, context.unknown_knocks + 1, context.origin, context, **inputs),)
    else:
        refuse.tally = True
    refuse.facts += refuse.flags
    raise refuse


def _credential_refusal(meeting: Meeting, command: Join, context: Context) -> Refuse | None:
    if command.host_token is not None:
        if same_secret(command.host_token, meeting.host_token):
            return None
        return Refuse("unauthorised", "That is not this meeting's host token.")
    if command.user_token is not None and context.user is None:
        return Refuse("unauthorised", "That user token is not one of this server's.")
    if command.ticket is not None:
        return _ticket_refusal(meeting, command, context)
    if context.user is not None and context.user.account == meeting.account:
        return None
    passcode = meeting.settings.passcode
    if passcode is None or (command.passcode is not None and _equal(command.passcode, passcode)):
        return None
    return Refuse("wrong_passcode", "The passcode is wrong.")


def _ticket_refusal(meeting: Meeting, command: Join, context: Context) -> Refuse | None:
    """A ticket for one belongs to the device that first waited or entered with it; no refusal uses it up."""
    ticket = context.ticket
    if ticket is None:
        return Refuse("ticket_invalid", "That ticket does not open this meeting.", fault=context.ticket_fault)
    owner = owner_of_ticket(meeting, ticket.ticket) if ticket.single_use else None
    if owner is None or owner.keys.device == command.device:
        return None
    refuse = Refuse("ticket_used", "That ticket belongs to another device.")
    refuse.flags = (Fact(TicketFlagged(owner.id, context.origin.country)),)
    return refuse


def _equal(said: str, passcode: str) -> bool:
    return same_secret(said, digest(passcode))


def _shown(command: Join, name: str, context: Context) -> Shown:
    keys = Keys(
        host=command.host_token is not None,
        account=context.user.account if context.user else None,
        user=context.user.user if context.user else None,
        domain=context.user.domain if context.user else None,
        ticket=context.ticket.ticket if context.ticket else None,
        invited=context.ticket.invited if context.ticket else None,
        device=command.device or f"made-up-{context.nonce[:16]}",
    )
    return Shown(name, keys, context.origin.address, made_up=command.device is None)


def _enter(meeting: Meeting, shown: Shown, context: Context) -> Decision:
    known = seat_of(meeting, shown.keys)
    here = known is not None and known.where in _PRESENT
    if known and here and (known.keys.host or not shown.keys.host):
        return _take_seat(meeting, known, shown, context)
    check_entry(meeting, shown, context.origin)
    # The host token is more than the user or ticket by which its holder is known here already: that seat is given up.
    given_up = known if here else waiting_with_device(meeting, shown.keys)
    if given_up:
        meeting = put(meeting, replace(given_up, place=Place.LEFT, seat=None))
    participant = known.id if known else make_id(meeting.id_key, "p", meeting.seq + 1)
    entrant = Entrant(
        shown.name, _role(meeting, shown, context), shown.keys, context.origin, context.session, shown.made_up
    )
    facts = entry_facts(meeting, Newcomer(shown, entrant, participant), context)
    if meeting.status == "scheduled" and shown.keys.host:
        facts += opening_facts(meeting, participant, context, entering=1)
    if shown.keys.host:
        facts += tuple(owner_is_host(meeting, participant, context))
    if given_up:
        facts = (Fact(Left(given_up.id, 4003), because("join", context)), *facts)
    return Decision(facts, participant=participant, answer=_answer(shown))


def _role(meeting: Meeting, shown: Shown, context: Context) -> Role:
    if shown.keys.host:
        return Role.HOST
    if context.ticket:
        return context.ticket.role
    return Role.ATTENDEE if meeting.kind == "webinar" else Role.PARTICIPANT


def _take_seat(meeting: Meeting, known: Person, shown: Shown, context: Context) -> Decision:
    """The same person on a newer connection: removal and region are applied again, nothing else is."""
    check_removal(meeting, shown)
    check_region(meeting, shown.keys, context.origin)
    event = (
        Reconnected(known.id, context.session)
        if known.place is Place.RECONNECTING
        else ConnectionReplaced(known.id, context.session)
    )
    facts = [Fact(event, because("join", context, **from_origin(context.origin)) | {"asked_by": known.id})]
    if context.origin != known.origin:
        facts.append(Fact(OriginKnown(known.id, context.origin.country, context.origin)))
    if shown.keys.host:
        facts += owner_is_host(meeting, known.id, context)
    return Decision(tuple(facts), participant=known.id, answer=_answer(shown))


def _answer(shown: Shown) -> dict[str, str]:
    return {"device": shown.keys.device} if shown.made_up and shown.keys.device else {}


CONTROLS = (
    Control(Join, decide_join, who="anyone", summary="Come to the meeting, through every rule.", events=EVENTS),
)
