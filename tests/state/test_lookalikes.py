"""Names that look alike have one key, names that do not have two; and the table is what Unicode's files say."""

import hashlib
import io
import os
import tarfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetingsim.state import lookalike_table
from meetingsim.state.identity import clean_name
from meetingsim.state.lookalikes import name_key, skeleton
from scripts import renew_lookalikes
from scripts.renew_lookalikes import FOLDER, PIN, Pin, RenewalError, archive_of, lookalikes_of, members, source_of

ROOT = Path(__file__).parents[2]
ARCHIVES = "LOOKALIKES_ARCHIVES"
"""The environment variable that names the folder with the pinned archive, for `--archives`."""

NAMES = """
Anna Ana Hanna Hannah Ian Iain Jan Jana Joan John Jon Maria Mario Marie Mary Olaf Olav Sara Sarah Tim Tom Zoe Zoë René Renée
Łukasz Lukas Søren Soren Müller Mueller Иван Ивана Анна Инна Олег Ольга Ελένη Ελένα Γιώργος Γιάννης 李伟 李薇 王伟 王芳 田中 中田
さくら さくや 민준 민지 אנה חנה علي عليا محمد أحمد राम रमा
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def read_table() -> dict[str, str]:
    """A second reading of the shipped table: the look-alikes and their prototypes."""
    found: dict[str, str] = {}
    prototype = ""
    for word in lookalike_table.PROTOTYPES.split():
        *start, source = word.split("=")
        if start:
            prototype = "".join(chr(int(code, 16)) for code in start[0].split("+"))
        found[chr(int(source, 16))] = prototype
    return found


TABLE = read_table()
IGNORABLE = [
    chr(code)
    for first, last in (span.split("-") for span in lookalike_table.IGNORABLE.split())
    for code in range(int(first, 16), int(last, 16) + 1)
]


class TestSkeleton:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", ""),
            ("Anna", "Anna"),
            ("m", "rn"),
            ("1I|l", "llll"),
            ("0O", "OO"),
            ("\u0430\u0440\u0435\u0441", "apec"),
            ("\u0391\u0392\u0395\u03bf", "ABEo"),
            ("\U0001d400\U0001d5ba", "Aa"),
            ("\u2160\u217c", "ll"),
            ("a\u200bb\u200d\u2060\ufeffc", "abc"),
            ("a\ufe0fb\u034fc\u1160", "abc"),
            ("\u3164\uffa0\U000e0100", ""),
            ("\u00a0\u2003", "  "),
            ("\u00e9", "e\u0301"),
            ("\u1e3f", "rn\u0301"),
        ],
    )
    def test_is_what_the_standard_says(self, text: str, expected: str) -> None:
        assert skeleton(text) == expected

    def test_decomposes_again_what_the_prototypes_brought_in(self) -> None:
        assert TABLE["\u01c6"] == "d\u017e"
        assert skeleton("\u01c6") == "dz\u030c"

    def test_the_order_of_independent_marks_does_not_matter(self) -> None:
        assert skeleton("a\u0323\u0301") == skeleton("a\u0301\u0323") == skeleton("\u1ea1\u0301")

    def test_the_order_of_marks_in_one_place_does_matter(self) -> None:
        assert skeleton("a\u0301\u0308") != skeleton("a\u0308\u0301")

    def test_keeps_case_and_white_space_apart(self) -> None:
        assert len({skeleton(text) for text in ("ab", "Ab", "a b", "a  b")}) == 4

    @given(TEXTS)
    def test_is_the_same_for_canonically_equal_texts_and_is_decomposed(self, text: str) -> None:
        found = skeleton(text)
        assert found == skeleton(unicodedata.normalize("NFC", text)) == skeleton(unicodedata.normalize("NFD", text))
        assert unicodedata.is_normalized("NFD", found)

    @given(TEXTS)
    def test_holds_nothing_ignorable(self, text: str) -> None:
        assert set(skeleton(text)).isdisjoint(IGNORABLE)

    @given(st.text(st.sampled_from([char for char in sorted(TABLE) if not unicodedata.combining(char)]), max_size=8))
    def test_looks_at_each_character_by_itself(self, text: str) -> None:
        # Marks are left out: decomposition may change their places before they are looked up.
        assert skeleton(text) == unicodedata.normalize("NFD", "".join(map(skeleton, text)))

    def test_is_its_own_skeleton_for_every_prototype_that_decomposition_leaves_as_it_is(self) -> None:
        # The standard promises it of no other: NFD may bring out a character that has a prototype itself.
        whole = [text for text in set(TABLE.values()) if unicodedata.is_normalized("NFD", text)]
        assert len(whole) > 2_000
        assert [text for text in whole if skeleton(text) != text] == []


class TestNameKey:
    @pytest.mark.parametrize(
        ("name", "other"),
        [
            pytest.param("Alice", "\u0410lice", id="Cyrillic A"),
            pytest.param("paypal", "\u0440\u0430\u0443\u0440\u0430l", id="Cyrillic nearly throughout"),
            pytest.param("Ivan", "\u0406van", id="Ukrainian I"),
            pytest.param("Oskar", "\u039fskar", id="Greek Omicron"),
            pytest.param("nova", "n\u03bf\u03bda", id="Greek small letters"),
            pytest.param("Alice", "al\u200bi\u200dce", id="zero-width inside"),
            pytest.param("Alice", "\ufeffAlice\u2060", id="zero-width around"),
            pytest.param("Alice", "A\ufe0flice", id="variation selector"),
            pytest.param("Alice", "Al\u034fice", id="grapheme joiner"),
            pytest.param("Alice", "ALICE", id="case"),
            pytest.param("Stra\u00dfe", "STRASSE", id="case that changes the length"),
            pytest.param("Ann Lee", " Ann \t\u00a0\u2003 Lee\n", id="white space"),
            pytest.param("Alice", "\uff21\uff2c\uff29\uff23\uff25", id="full width"),
            pytest.param("Alice", "\U0001d4d0\U0001d4f5\U0001d4f2\U0001d4ec\U0001d4ee", id="mathematical script"),
            pytest.param("modern", "modem", id="rn and m"),
            pytest.param("Alice", "A1ice", id="digit one and l"),
            pytest.param("Alice", "A|ice", id="bar and l"),
            pytest.param("Ingo", "ingo", id="capital I is an i"),
            pytest.param("Otto", "0tt0", id="digit zero and O"),
            pytest.param("otto", "0TT0", id="digit zero and small o"),
            pytest.param("Zo\u00eb", "Zoe\u0308", id="composed and not"),
            pytest.param("\u1ea1\u0301nh", "a\u0301\u0323nh", id="marks in another order"),
        ],
    )
    def test_is_one_for_names_that_look_alike(self, name: str, other: str) -> None:
        assert name_key(name) == name_key(other)

    @pytest.mark.parametrize(
        "name", ["\uff21\uff2c\uff29\uff23\uff25", "Al\u200bice", "\u2007Alice\u00a0", "\u24b6lice"]
    )
    def test_is_one_for_what_is_left_of_a_name_once_it_is_clean(self, name: str) -> None:
        assert name_key(clean_name(name)) == name_key("Alice")

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            pytest.param("Alice", "Aiice", id="l and i"),
            pytest.param("Ann Lee", "AnnLee", id="a space and none"),
            pytest.param("Zoe", "Zo\u00eb", id="a mark and none"),
            pytest.param("a\u0301\u0308", "a\u0308\u0301", id="marks in one place"),
            pytest.param("5am", "Sam", id="five and S"),
            pytest.param("Anna", "Ann", id="a letter more"),
            pytest.param("Ren\u00e9", "Ren\u00e8", id="another mark"),
        ],
    )
    def test_is_another_for_names_that_do_not(self, name: str, other: str) -> None:
        assert name_key(name) != name_key(other)

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            pytest.param("Alice", "AIice", id="capital I and l"),
            pytest.param("Mike", "\u041cike", id="Cyrillic capital Em"),
            pytest.param("Bob", "\u0412ob", id="Cyrillic capital Ve"),
            pytest.param("Helen", "\u0397elen", id="Greek capital Eta"),
            pytest.param("Mike", "\u13b7ike", id="Cherokee Lu, a capital M once it has a skeleton"),
            pytest.param("Alice", "Alice \u034f", id="a space that an ignorable character kept"),
        ],
    )
    def test_folding_case_and_white_space_first_has_its_price(self, name: str, other: str) -> None:
        # Look-alikes as they stand; the order of the rule's steps is what keeps them two.
        assert name_key(name) != name_key(other)

    def test_tells_ordinary_names_of_many_scripts_apart(self) -> None:
        names = NAMES.split()
        assert len({name_key(name) for name in names}) == len(set(names)) == len(names)

    @given(st.text("abcdefghijklnopqrstuvwxyz", min_size=1))
    def test_of_plain_letters_is_the_name_itself(self, name: str) -> None:
        assert name_key(name) == name

    @given(st.text("abcdefghijklmnopqrstuvwxyzäöüßéñ 0123456789|"))
    def test_is_its_own_key_where_every_prototype_is_whole(self, name: str) -> None:
        key = name_key(name)
        assert name_key(key) == key

    @given(TEXTS)
    def test_does_not_depend_on_case(self, name: str) -> None:
        assert name_key(name.upper()) == name_key(name) == name_key(name.casefold())

    @given(st.lists(TEXTS.filter(lambda text: text.split() != []), min_size=1, max_size=4), st.data())
    def test_does_not_depend_on_how_much_white_space_there_is(self, words: list[str], data: st.DataObject) -> None:
        space = st.text(" \t\u00a0\u2003\u3000", min_size=1, max_size=3)
        spread = "".join(data.draw(space) + word for word in words) + data.draw(space)
        assert name_key(spread) == name_key(" ".join(words))

    @given(st.text(st.characters(exclude_categories=["Cs", "M", "Z", "Cc"]), min_size=1, max_size=12), st.data())
    def test_does_not_depend_on_ignorable_characters(self, name: str, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(name)))
        spoilt = name[:place] + data.draw(st.sampled_from(IGNORABLE)) + name[place:]
        assert name_key(spoilt) == name_key(name)

    @given(st.text(st.sampled_from([char for char in sorted(TABLE) if not char.isspace()]), min_size=1, max_size=8))
    def test_is_one_for_every_text_and_the_same_with_prototypes_once_case_is_folded(self, text: str) -> None:
        folded = text.casefold()
        swapped = "".join(TABLE.get(char, char) for char in unicodedata.normalize("NFD", folded))
        assert name_key(folded) == unicodedata.normalize("NFD", swapped).casefold()


CONFUSABLES = """\ufeff# confusables.txt
# Date: 2025-07-22, 05:49:37 GMT
# Version: 17.0.0
#
0430 ;\t0061 ;\tMA\t# ( а → a ) CYRILLIC SMALL LETTER A → LATIN SMALL LETTER A\t#

1D41A ;\t0061 ;\tMA\t# an astral one
006D ;\t0072 006E ;\tMA\t#
00E9 ;\t0065 0301 ;\tMA\t# taken apart by NFD
200D ;\t0020 ;\tMA\t# ignorable

# total: 5
"""
PROPERTIES = """# DerivedCoreProperties
0041..005A    ; Alphabetic
00AD          ; Default_Ignorable_Code_Point
200B..200F    ; Default_Ignorable_Code_Point
094D          ; InCB; Linker
"""
DATA = """006D;LATIN SMALL LETTER M;Ll;0;L;;;;;N;;;004D;;004D
00AA;FEMININE ORDINAL INDICATOR;Lo;0;L;<super> 0061;;;;N;;;;;
00E9;LATIN SMALL LETTER E WITH ACUTE;Ll;0;L;0065 0301;;;;N;;;00C9;;00C9
"""


def texts(**changed: str) -> dict[str, str]:
    given_texts = {"confusables": CONFUSABLES, "DerivedCoreProperties": PROPERTIES, "UnicodeData": DATA} | changed
    return {f"{name}.txt": text.removeprefix("\ufeff") for name, text in given_texts.items()}


def archive(files: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, text in {f"{FOLDER}/{name}": text for name, text in files.items()}.items() | {("icu/other", "x")}:
            content = text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


def pin_of(content: bytes) -> Pin:
    return Pin("78.3-2", "made.tar.gz", hashlib.sha256(content).hexdigest())


class TestRenewal:
    def test_reads_prototypes_and_leaves_out_what_no_look_up_meets(self) -> None:
        found = lookalikes_of(texts())
        assert found.prototypes == {0x430: "a", 0x1D41A: "a", 0x6D: "rn"}
        assert found.ignorable == ((0xAD, 0xAD), (0x200B, 0x200F))
        assert (found.version, found.date) == ("17.0.0", "2025-07-22")

    def test_writes_a_module_that_says_where_it_is_from(self, tmp_path: Path) -> None:
        content = archive(texts())
        (tmp_path / "made.tar.gz").write_bytes(content)
        into = tmp_path / "table.py"
        arguments = ["--archives", str(tmp_path), "--into", str(into)]
        assert renew_lookalikes.main(arguments, pin=pin_of(content)) == 0
        written = into.read_text("utf-8")
        names: dict[str, str] = {}
        exec(compile(written, "table", "exec"), names)
        assert names["VERSION"] == "17.0.0"
        assert names["IGNORABLE"].split() == ["AD-AD", "200B-200F"]
        assert names["PROTOTYPES"].split() == ["61=430", "1D41A", "72+6E=6D"]
        for fact in ("17.0.0 of 2025-07-22", found_digest(), "made.tar.gz", "icu 78.3-2", "Identifier: Unicode-3.0"):
            assert fact in written

    def test_refuses_an_archive_that_is_not_the_pinned_one_and_writes_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / PIN.archive).write_bytes(archive(texts()))
        into = tmp_path / "table.py"
        assert renew_lookalikes.main(["--archives", str(tmp_path), "--into", str(into)]) == 1
        assert "pinned is" in capsys.readouterr().err
        assert not into.exists()

    def test_says_which_archive_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(RenewalError, match=rf"{PIN.archive}: No such file"):
            archive_of(PIN, tmp_path)

    def test_says_which_file_an_archive_lacks(self) -> None:
        with pytest.raises(RenewalError, match=r"no DerivedCoreProperties\.txt, UnicodeData\.txt"):
            members(archive({"confusables.txt": CONFUSABLES}))

    def test_reads_what_an_archive_holds_without_its_byte_order_mark(self) -> None:
        assert members(archive({**texts(), "confusables.txt": CONFUSABLES})) == texts()

    @pytest.mark.parametrize(
        ("changed", "complaint"),
        [
            ({"confusables": CONFUSABLES + "0431 ; 0062 ; SL\n"}, "another form"),
            ({"confusables": CONFUSABLES + "0431 0432 ; 0062 ; MA\n"}, "another form"),
            ({"confusables": CONFUSABLES + "0430 ; 0062 ; MA\n"}, "430 twice"),
            ({"confusables": "# Date: 2025-07-22\n# Version: 17.0.0\n"}, "maps nothing"),
            ({"confusables": CONFUSABLES.replace("Version", "Edition")}, "its Version"),
            ({"DerivedCoreProperties": "0041 ; Alphabetic\n"}, "Default_Ignorable"),
        ],
    )
    def test_stops_at_files_of_another_form(self, changed: dict[str, str], complaint: str) -> None:
        with pytest.raises(RenewalError, match=complaint):
            lookalikes_of(texts(**changed))


def found_digest() -> str:
    return hashlib.sha256(texts()["confusables.txt"].encode()).hexdigest()


class TestShippedTable:
    def test_is_small_enough_to_read_and_is_plain_ascii_below_its_heading(self) -> None:
        lines = renew_lookalikes.TABLE.read_text("utf-8").splitlines()
        assert len(lines) < 400
        assert [line for line in lines if not line.startswith("#") and not line.isascii()] == []

    def test_holds_no_entry_that_a_look_up_cannot_meet(self) -> None:
        assert [char for char in TABLE if not unicodedata.is_normalized("NFD", char)] == []
        assert set(TABLE).isdisjoint(IGNORABLE)

    def test_holds_each_look_alike_once_and_none_that_is_its_own_prototype(self) -> None:
        assert len(TABLE) == len(lookalike_table.PROTOTYPES.split())
        assert [char for char, prototype in TABLE.items() if char == prototype] == []


@pytest.fixture(scope="module")
def pinned() -> bytes:
    folder = os.environ.get(ARCHIVES)
    if folder is None:
        pytest.skip(f"set {ARCHIVES} to the folder with {PIN.archive} to hold the table against Unicode's files")
    return archive_of(PIN, Path(folder))


@pytest.mark.xdist_group("the pinned archive")
class TestAgainstThePinnedArchive:
    def test_the_shipped_table_is_what_the_script_makes(self, pinned: bytes) -> None:
        assert renew_lookalikes.TABLE.read_text("utf-8") == source_of(lookalikes_of(members(pinned)), PIN)

    def test_every_line_of_the_original_holds(self, pinned: bytes) -> None:
        lines = [line.split(";") for line in members(pinned)["confusables.txt"].splitlines() if "MA" in line]
        assert len(lines) == 6565
        for source, prototype, *_ in lines:
            text = "".join(chr(int(code, 16)) for code in prototype.split())
            char = chr(int(source, 16))
            if unicodedata.is_normalized("NFD", char) and char not in IGNORABLE:
                assert skeleton(char) == unicodedata.normalize("NFD", text), source

    def test_the_licence_that_ships_is_the_licence_of_the_files(self, pinned: bytes) -> None:
        with tarfile.open(fileobj=io.BytesIO(pinned), mode="r:gz") as tar:
            licence = tar.extractfile("icu/LICENSE")
            assert licence is not None
            theirs = without_years(licence.read().decode("utf-8-sig"))
        ours = without_years((ROOT / "meetingsim/geo/data/LICENSES/Unicode-3.0.txt").read_text("utf-8"))
        assert theirs.startswith(ours)


def without_years(licence: str) -> str:
    lines = licence.strip().splitlines()
    return "\n".join(line for line in lines if not line.startswith("Copyright ©"))
