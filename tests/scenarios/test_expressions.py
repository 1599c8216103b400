"""What an expression may be, and that nothing else gets past the reader."""

from __future__ import annotations

import ast

import pytest

from meetingsim.scenarios.expressions import LONGEST, ExpressionInvalid, parse
from meetingsim.scenarios.naming import Around, Known, faults_of

KNOWN = Known({"host": 1, "pupils": 5}, frozenset({"alarm"}))


def faults(text: str, around: Around | None = None, need: str = "either") -> list[tuple[int, str]]:
    return [*faults_of(text, KNOWN, around or Around(), need=need)]


def test_a_fact_alone_a_fact_with_a_predicate_and_a_condition() -> None:
    alone, with_predicate, condition = (
        parse("suspended"),
        parse("joined where person == 'x'"),
        parse("count(True) == 0"),
    )
    assert (alone.fact, alone.predicate) == ("suspended", None)
    assert with_predicate.fact == "joined"
    assert isinstance(with_predicate.predicate, ast.Compare)
    assert (condition.fact, isinstance(condition.predicate, ast.Compare)) == (None, True)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "joined where ().__class__",
        "joined where actor.__class__",
        "joined where actor['name']",
        "joined where [one for one in actor]",
        "joined where (lambda: 1)()",
        "joined where f'{actor}'",
        "joined where 1 + 1",
        "joined where -actor",
        "joined where 1 if actor else 2",
        "joined where (x := 1)",
        "joined where b'1' == text",
        "joined where 1j",
        "joined where {1: 2}",
        "joined where open('x')",
        "joined where actor.open('x')",
        "joined where count(actor, actor)",
        "joined where matches(text, text)",
        "joined where has(because)",
        "joined where matches(*text)",
        "joined where before(x=1)",
        "rate(accepted, 'soon') > 1",
        "rate('accepted', '1s') > 1",
        "joined where a ==",
        "joined where (" + "(" * 500,
        "joined where x\nor y",
        "x == " + "1" * LONGEST,
        "",
    ],
)
def test_whatever_is_not_on_the_white_list_is_refused(text: str) -> None:
    with pytest.raises(ExpressionInvalid):
        parse(text)


def test_from_is_a_field_and_stays_a_text_in_a_text() -> None:
    found = parse("message where each.from == 'from' and from != 'x'")
    assert {node.attr for node in ast.walk(found.predicate or ast.Pass()) if isinstance(node, ast.Attribute)} == {
        "from"
    }
    values = [node.value for node in ast.walk(found.predicate or ast.Pass()) if isinstance(node, ast.Constant)]
    assert sorted(map(str, values)) == ["from", "x"]
    assert {node.id for node in ast.walk(found.predicate or ast.Pass()) if isinstance(node, ast.Name)} == {
        "each",
        "from",
    }


@pytest.mark.parametrize(
    ("text", "mark", "said"),
    [
        ("joind", "joind", "there is no fact 'joind' (did you mean 'joined'?)"),
        ("joined where persn == 'host'", "persn", "there is no 'persn' here (did you mean 'person'?)"),
        ("joined where person == 'hots'", "'hots'", "there is no actor 'hots' (did you mean 'host'?)"),
        ("joined where person == 'pupils[7]'", "'pupils[7]'", "'pupils' has 5: pupils[0] to pupils[4]"),
        ("joined where actor.plce == 'inside'", "plce", "'actor' has no 'plce' (did you mean 'place'?)"),
        ("joined where actor.place == 'insid'", "'insid'", "'insid' is no place (did you mean 'inside'?)"),
        ("joined where actor.role in ['host', 'hots']", "'hots'", "'hots' is no role (did you mean 'host'?)"),
        ("sent where 'suspnd' == command", "'suspnd'", "'suspnd' is no command (did you mean 'suspend'?)"),
        ("rule_fired where rule == 'alrm'", "'alrm'", "there is no rule 'alrm' (did you mean 'alarm'?)"),
        ("received where frame.typ == 'view'", "typ", "'frame' has no 'typ' (did you mean 'type'?)"),
        ("received where frame.view.me.postion == 1", "postion", "'me' has no 'postion' (did you mean 'position'?)"),
        ("removed where code == 'x'", "code", "there is no 'code' here"),
        ("joined where text == 'ä' and nmae", "text", "there is no 'text' here"),
        ("joined where actor.name == 'äöü' and nmae", "nmae", "there is no 'nmae' here"),
        ("count(actor.gruop == 'pupils') > 1", "gruop", "'actor' has no 'gruop' (did you mean 'group'?)"),
        ("count(group == 'pupils') > 1", "group", "there is no 'group' here"),
        ("rate(acepted, '1s') > 1", "acepted", "there is no fact 'acepted' (did you mean 'accepted'?)"),
        ("meeting.lockd", "lockd", "'meeting' has no 'lockd' (did you mean 'locked'?)"),
        ("waiting_room_message where from == 'hots'", "'hots'", "there is no actor 'hots' (did you mean 'host'?)"),
    ],
)
def test_names_and_known_words_are_checked_at_their_place(text: str, mark: str, said: str) -> None:
    assert (text.index(mark), said) in faults(text)


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("each.participant in subjects", Around(each="fact:removed", fact="report_filed")),
        ("frame.seq > scope.seq", Around(scope=True, fact="received")),
        ("client.place == 'waiting'", Around(each="actor", client=True)),
        ("report_filed where subjects == 'host'", Around()),
        ("waiting_room_message where to == 'everyone' and event.from != 'host'", Around()),
        ("meeting.suspended == before(meeting.suspended)", Around()),
        ("has(because, 'rule') and 'audio' in suspended", Around(fact="entry_refused")),
    ],
)
def test_names_that_are_there(text: str, around: Around) -> None:
    assert faults(text, around) == []


def test_names_of_other_places_are_not_there() -> None:
    for text in ("joined where person == each", "joined where seq > scope.seq", "joined where client.place == 'left'"):
        assert len(faults(text)) == 1


def test_a_fact_is_no_condition_and_a_condition_no_fact() -> None:
    assert faults("suspended where by == 'host'", need="condition") == [
        (0, "a condition is asked for here, not a fact")
    ]
    assert faults("meeting.locked", need="fact") == [(0, "a fact is asked for here: FACT, or FACT where PREDICATE")]
    assert faults("meeting.locked", need="condition") == []


@pytest.mark.parametrize(
    "text", ["joined where attempt.with == 'new-name'", "message where from == 'host' and event.from != 'mia'"]
)
def test_fields_that_are_words_of_python_are_fields(text: str) -> None:
    predicate = parse(text).predicate
    assert predicate is not None
    names = {node.attr for node in ast.walk(predicate) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(predicate) if isinstance(node, ast.Name)}
    assert names <= {"attempt", "with", "from", "event"}
    assert names & {"with", "from"}
