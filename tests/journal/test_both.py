"""What every journal does, whatever keeps it."""

import asyncio
from collections.abc import Awaitable, Callable

import anyio
import pytest

from meetingsim.journal import Journal, JournalUnavailable, MemoryJournal, ReportRow, Row, SeqConflict

from .samples import NOON, report, rows, seqs

pytestmark = pytest.mark.anyio


async def test_rows_come_back_as_they_were_given(journal: Journal) -> None:
    given = [
        Row(1, NOON, "joined", 2, {"name": "Mia \u0000 \U0001f984 ß", "n": 2**53, "x": 1.5}, None, {}),
        Row(2, NOON - 5, "admitted", 1, {"list": [1, None, True, {"deep": []}]}, {}, {"people": ["p1"]}),
        Row(3, 0, "removed", 1, {}, {"rule": "remove", "inputs": {"country": "BR"}}, {"to": "hosts"}),
    ]
    await journal.append("m", 0, given)
    assert await journal.read("m") == given


async def test_appends_go_on_where_the_last_one_ended(journal: Journal) -> None:
    await journal.append("m", 0, rows(1, 3))
    await journal.append("m", 3, rows(4, 2))
    assert seqs(await journal.read("m")) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [
        (0, None, [1, 2, 3, 4, 5]),
        (2, None, [3, 4, 5]),
        (5, None, []),
        (99, None, []),
        (-3, None, [1, 2, 3, 4, 5]),
        (0, 2, [1, 2]),
        (3, 1, [4]),
        (3, 99, [4, 5]),
        (0, 0, []),
        (0, -1, []),
    ],
)
async def test_read_pages(journal: Journal, after: int, limit: int | None, expected: list[int]) -> None:
    await journal.append("m", 0, rows(1, 5))
    assert seqs(await journal.read("m", after, limit)) == expected


async def test_a_meeting_without_rows_reads_as_empty(journal: Journal) -> None:
    assert await journal.read("nobody") == []


@pytest.mark.parametrize("expected_seq", [0, 1, 3])
async def test_a_second_writer_is_refused(journal: Journal, expected_seq: int) -> None:
    await journal.append("m", 0, rows(1, 2))
    with pytest.raises(SeqConflict, match=f"expected {expected_seq} .* it is 2"):
        await journal.append("m", expected_seq, rows(expected_seq + 1), [report("r")])
    assert seqs(await journal.read("m")) == [1, 2]
    assert await journal.reports() == []


async def test_a_conflict_on_a_new_meeting_does_not_create_it(journal: Journal) -> None:
    with pytest.raises(SeqConflict):
        await journal.append("m", 1, rows(2))
    assert await journal.meetings() == []


@pytest.mark.parametrize("given", [[2], [1, 3], [1, 1], [2, 1]])
async def test_rows_with_a_gap_are_refused(journal: Journal, given: list[int]) -> None:
    with pytest.raises(ValueError, match="belongs"):
        await journal.append("m", 0, [row for seq in given for row in rows(seq)], [report("r")])
    assert await journal.meetings() == []
    assert await journal.reports() == []


async def test_reports_alone_check_the_seq_too(journal: Journal) -> None:
    await journal.append("m", 0, rows(1))
    with pytest.raises(SeqConflict):
        await journal.append("m", 0, [], [report("r1")])
    await journal.append("m", 1, [], [report("r2")])
    assert await journal.reports() == [(1, report("r2"))]
    assert seqs(await journal.read("m")) == [1]


async def test_reports_alone_create_no_meeting(journal: Journal) -> None:
    await journal.append("m", 0, [], [report("r")])
    assert await journal.meetings() == []


async def test_an_empty_append_still_checks_the_seq(journal: Journal) -> None:
    await journal.append("m", 0, [])
    with pytest.raises(SeqConflict):
        await journal.append("m", 1, [])


async def test_meetings_are_listed_in_order_of_creation(journal: Journal) -> None:
    for meeting in ("c", "a", "b"):
        await journal.append(meeting, 0, rows(1))
    await journal.append("a", 1, rows(2))
    assert await journal.meetings() == ["c", "a", "b"]
    await journal.forget("c")
    assert await journal.meetings() == ["a", "b"]
    await journal.append("c", 0, rows(1))
    assert await journal.meetings() == ["a", "b", "c"]


async def test_forget_takes_the_rows_of_one_meeting_and_leaves_its_reports(journal: Journal) -> None:
    await journal.append("m", 0, rows(1, 3), [report("r")])
    await journal.append("other", 0, rows(1))
    await journal.forget("m")
    assert await journal.read("m") == []
    assert seqs(await journal.read("other")) == [1]
    assert await journal.reports(meeting="m") == [(1, report("r"))]
    with pytest.raises(SeqConflict):
        await journal.append("m", 3, rows(4))


async def test_forgetting_the_unknown_does_nothing(journal: Journal) -> None:
    await journal.append("m", 0, rows(1))
    await journal.forget("nobody")
    assert await journal.meetings() == ["m"]


async def test_reports_are_paged_by_their_position(journal: Journal) -> None:
    for n, meeting in enumerate(["a", "b", "a", "a"], 1):
        await journal.append(meeting, 0, [], [report(f"r{n}", meeting)])

    async def positions(after: int = 0, limit: int = 100, meeting: str | None = None) -> list[int]:
        return [position for position, _ in await journal.reports(after, limit, meeting)]

    assert await positions() == [1, 2, 3, 4]
    assert await positions(after=2) == [3, 4]
    assert await positions(after=-2, limit=3) == [1, 2, 3]
    assert await positions(limit=0) == await positions(limit=-1) == []
    assert await positions(meeting="a") == [1, 3, 4]
    assert await positions(after=1, limit=1, meeting="a") == [3]
    assert await positions(meeting="nobody") == []


async def test_reports_stop_at_a_hundred_unless_told_otherwise(journal: Journal) -> None:
    await journal.append("m", 0, [], [report(f"r{n}") for n in range(101)])
    assert len(await journal.reports()) == 100
    assert len(await journal.reports(limit=101)) == 101


@pytest.mark.parametrize("twice", ["before", "at once"])
async def test_a_report_id_is_taken_once(journal: Journal, twice: str) -> None:
    await journal.append("m", 0, [], [report("r", kept=1)])
    filed = [report("r")] if twice == "before" else [report("new"), report("new")]
    with pytest.raises(ValueError, match="filed before"):
        await journal.append("m", 0, rows(1), filed)
    assert await journal.reports() == [(1, report("r", kept=1))]
    assert await journal.meetings() == []
    await journal.append("m", 0, [], [report("new")])
    assert [position for position, _ in await journal.reports()] == [1, 2]


async def test_evidence_added_later_changes_nothing_else(journal: Journal) -> None:
    await journal.append("m", 0, [], [report("r1"), report("r2")])
    await journal.complete_report("r1", {"issue": "abuse", "evidence": {"roster": ["p1"]}})
    assert await journal.reports() == [
        (1, ReportRow("r1", "m", NOON, {"issue": "abuse", "evidence": {"roster": ["p1"]}})),
        (2, report("r2")),
    ]


async def test_an_unknown_report_cannot_be_completed(journal: Journal) -> None:
    with pytest.raises(KeyError, match="nothing"):
        await journal.complete_report("nothing", {})


async def test_a_secret_is_made_once_and_kept(journal: Journal) -> None:
    made: list[str] = []

    def make() -> str:
        made.append(f"secret {len(made)}")
        return made[-1]

    assert [await journal.keep("key", make) for _ in range(3)] == ["secret 0"] * 3
    assert await journal.keep("other", make) == "secret 1"
    assert made == ["secret 0", "secret 1"]


async def test_all_who_ask_at_once_get_the_same_secret(journal: Journal) -> None:
    made = iter(range(100))
    answers = await asyncio.gather(*(journal.keep("key", lambda: str(next(made))) for _ in range(20)))
    assert len(set(answers)) == 1


async def test_a_maker_that_fails_leaves_nothing_kept(journal: Journal) -> None:
    with pytest.raises(ZeroDivisionError):
        await journal.keep("key", lambda: str(1 // 0))
    assert await journal.keep("key", lambda: "made") == "made"


async def test_reset_forgets_everything(journal: Journal) -> None:
    await journal.append("m", 0, rows(1, 2), [report("r")])
    await journal.keep("key", lambda: "old")
    await journal.reset()
    assert await journal.meetings() == []
    assert await journal.read("m") == []
    assert await journal.reports() == []
    assert await journal.keep("key", lambda: "new") == "new"
    await journal.append("m", 0, rows(1), [report("r")])
    assert await journal.reports() == [(1, report("r"))]


OPERATIONS: dict[str, Callable[[Journal], Awaitable[object]]] = {
    "append": lambda j: j.append("m", 0, rows(1)),
    "read": lambda j: j.read("m"),
    "meetings": lambda j: j.meetings(),
    "forget": lambda j: j.forget("m"),
    "reports": lambda j: j.reports(),
    "complete_report": lambda j: j.complete_report("r", {}),
    "keep": lambda j: j.keep("key", lambda: "made"),
    "reset": lambda j: j.reset(),
}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_nothing_works_once_closed(journal: Journal, operation: str) -> None:
    await journal.append("m", 0, rows(1), [report("r")])
    await journal.close()
    with anyio.fail_after(30), pytest.raises(JournalUnavailable, match="closed"):
        await OPERATIONS[operation](journal)


async def test_closing_again_does_nothing(journal: Journal) -> None:
    with anyio.fail_after(30):
        await asyncio.gather(journal.close(), journal.close())
        await journal.close()


async def test_what_was_read_does_not_grow(journal: Journal) -> None:
    await journal.append("m", 0, rows(1, 2))
    before = await journal.read("m")
    reports_before = await journal.reports()
    meetings_before = await journal.meetings()
    await journal.append("m", 2, rows(3), [report("r")])
    await journal.append("new", 0, rows(1))
    assert seqs(before) == [1, 2]
    assert reports_before == []
    assert meetings_before == ["m"]


async def test_readers_always_see_a_journal_without_gaps(journal: Journal) -> None:
    async def write() -> None:
        for n in range(60):
            await journal.append("m", 2 * n, rows(2 * n + 1, 2))
            await asyncio.sleep(0)

    async def read() -> None:
        last = 0
        while last < 120:
            found = seqs(await journal.read("m"))
            assert found == list(range(1, len(found) + 1))
            assert len(found) % 2 == 0, "half of a transaction was seen"
            assert len(found) >= last
            last = len(found)
            await asyncio.sleep(0)

    with anyio.fail_after(60):
        await asyncio.gather(write(), read(), read())


async def test_an_acknowledged_row_is_seen_by_the_next_read(journal: Journal) -> None:
    for seq in range(1, 41):
        await journal.append("m", seq - 1, rows(seq))
        assert len(await journal.read("m", after=seq - 1)) == 1


async def test_writers_who_compete_lose_no_row_and_double_none(journal: Journal) -> None:
    conflicts = 0

    async def write(name: str) -> None:
        nonlocal conflicts
        done = 0
        while done < 15:
            last = len(await journal.read("m"))
            await asyncio.sleep(0)
            try:
                await journal.append("m", last, rows(last + 1, text=f"{name} {done}"))
                done += 1
            except SeqConflict:
                conflicts += 1

    with anyio.fail_after(60):
        await asyncio.gather(*(write(name) for name in "abcd"))
    found = await journal.read("m")
    assert seqs(found) == list(range(1, 61))
    assert sorted(row.data["text"] for row in found) == sorted(f"{w} {n}" for w in "abcd" for n in range(15))
    assert conflicts > 0, "they never competed"


async def test_only_a_file_is_durable(journal: Journal) -> None:
    assert journal.durable is not isinstance(journal, MemoryJournal)
