"""The page of a run in a real browser: from the disk, without a network, for the eye, the mouse and the keys."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from meetingsim.scenarios.report import write_run
from meetingsim.scenarios.verdicts import Judgement
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.scenarios.report.samples import raid, scenario, source
from tests.scenarios.traces import Telling

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="apt-get install chromium brings /usr/bin/chromium"),
]
HOSTILE = "</script><img src=x onerror=document.title='owned'>"


@dataclass
class Reader:
    """Somebody who opens pages, with everything that a page asked for or complained about."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def opens(self, path: Path, anchor: str = "") -> None:
        """A page from the disk."""
        await self.page.goto(f"{path.as_uri()}{anchor}")

    async def chosen(self, kind: str) -> None:
        """The event that is told about is of this kind."""
        await expect(self.page.locator("#detail h3")).to_have_text(kind)

    async def pixels(self, lane: int) -> str:
        """What a lane shows, as a text that changes when the picture does."""
        await self.page.wait_for_timeout(100)
        drawn: str = await self.page.locator("#lanes canvas").nth(lane).evaluate("canvas => canvas.toDataURL()")
        return drawn


def written(judgement: Judgement, folder: Path) -> Path:
    """The page of a run."""
    return write_run(scenario(), judgement, folder, source()) / "report.html"


@pytest.fixture(scope="module")
def raided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the sample."""
    return written(raid(), tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for all of them, so that one browser does."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """A browser whose pages are what these tests change, and not itself."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield found
        await found.close()


@pytest.fixture
async def reader(chromium: Browser) -> AsyncIterator[Reader]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    one = Reader(await context.new_page())
    one.page.on("request", lambda request: one.asked.append(request.url))
    one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
    one.page.on("console", lambda message: one.complaints.append(message.text))
    yield one
    await context.close()
    assert [url for url in one.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in one.asked if url.startswith("file:")]) == 1
    assert one.complaints == []


async def test_it_opens_from_the_disk_and_says_first_what_came_of_the_run(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    page = reader.page
    await expect(page.get_by_role("heading", level=1)).to_have_text("told-raid")
    await expect(page.locator("#verdict strong")).to_have_text("4 of 10 checks failed")
    first = page.locator(".check").first
    await expect(first).to_contain_text("raiders[29] was removed at 08:08.000 and joined again")
    await expect(first).to_contain_text("told-raid.scenario.yaml:24")
    await expect(first).to_contain_text("joined where person == each.person")
    await expect(page.locator(".check.vacuous")).to_contain_text("its condition never came up")
    await expect(page.get_by_role("row", name="raiders")).to_contain_text("removed 30")
    await expect(page.locator("#measures")).to_contain_text("oracle")
    left_out = re.compile(r"Left out of this page: [\d,]+ facts are counted and not drawn")
    await expect(page.locator("#foot")).to_contain_text(left_out)
    assert await reader.pixels(0) != await reader.pixels(1)


async def test_a_failed_check_leads_to_its_witness_and_that_to_its_because(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    page = reader.page
    await page.locator(".check", has_text="out-is-out").get_by_role("link", name="joined raiders[29]").click()
    await reader.chosen("joined")
    await expect(page.locator("#detail .because")).to_contain_text("open")
    await expect(page.locator("#detail")).to_contain_text(r"Mia\u202e from class")
    await expect(page.locator("#lanes .lane.person.current")).to_contain_text("raiders[29]")
    await expect(page.locator("#timeline")).to_be_in_viewport(ratio=0.5)
    await expect(page.locator("#range")).to_contain_text("07:35.000 – 10:53.000")
    await page.locator("#detail").get_by_role("link", name="removed.no-return").click()
    await expect(page.locator(".check", has_text="removed.no-return")).to_be_in_viewport()


async def test_a_click_on_an_event_tells_its_fields_and_its_because(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    page = reader.page
    lane = page.locator(".lane.host canvas")
    width = (await lane.bounding_box() or {})["width"]
    x = 424_250 / 1_200_000 * width
    await lane.hover(position={"x": x, "y": 31})
    await expect(page.locator("#tip")).to_contain_text("suspended teacher")
    await lane.click(position={"x": x, "y": 31})
    await reader.chosen("suspended")
    await expect(page.locator("#detail .because dd").nth(1)).to_have_text("socket")
    await expect(page.locator("#detail .because")).to_contain_text("teacher")
    await expect(page.locator("#detail .fields").last).to_contain_text("audio")
    await page.get_by_role("button", name="← before").click()
    await reader.chosen("received")
    await page.locator(".around button", has_text="rule fired").click()
    await reader.chosen("rule fired")


async def test_a_group_opens_into_lanes_those_who_offend_first(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    page = reader.page
    await expect(page.locator(".lane.person")).to_have_count(1)
    await page.locator("#lanes").get_by_role("button", name="raiders").click()
    await expect(page.locator(".lane.person")).to_have_count(25)
    await expect(page.locator(".lane.person").first).to_contain_text("raiders[29]")
    await page.get_by_role("button", name="Show 5 more of 5").click()
    await expect(page.locator(".lane.person")).to_have_count(30)
    await page.locator("#lanes").get_by_role("button", name="raiders").click()
    await expect(page.locator(".lane.person")).to_have_count(1)


async def test_the_mouse_moves_and_zooms_in_time(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    page = reader.page
    shown = page.locator("#range")
    await expect(shown).to_have_text("00:00.000 – 20:00.000 (20 min)")
    before = await reader.pixels(6)
    await page.get_by_role("button", name="+").click()
    await expect(shown).to_have_text("05:00.000 – 15:00.000 (10 min)")
    assert await reader.pixels(6) != before
    box = await page.locator(".lane.group canvas").first.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 300, box["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 300 - box["width"] / 10, box["y"] + 20, steps=3)
    await page.mouse.up()
    await expect(shown).to_contain_text("(10 min)")
    assert (await shown.text_content() or "")[:5] in {"05:59", "06:00"}
    overview = await page.locator(".lane.axis canvas").bounding_box()
    assert overview is not None
    for share in (0.25, 0.5):
        await page.mouse.move(overview["x"] + overview["width"] * share, overview["y"] + 10)
        await (page.mouse.down if share < 0.5 else page.mouse.up)()
    await expect(shown).to_contain_text("(5 min)")
    await page.get_by_role("button", name="Whole run").click()
    await expect(shown).to_contain_text("(20 min)")


async def test_all_of_it_can_be_done_with_the_keys(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    page = reader.page
    await page.locator("#lanes").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown"):
        await page.keyboard.press(key)
    await expect(page.locator(".lane.current")).to_contain_text("teacher")
    await page.keyboard.press("Home")
    await reader.chosen("joined")
    await page.keyboard.press("End")
    await reader.chosen("ended")
    await page.keyboard.press("ArrowLeft")
    await reader.chosen("allowed")
    await expect(page.locator("#spoken")).to_contain_text("allowed, teacher, 11:40.000. chat")
    await page.keyboard.press("+")
    await expect(page.locator("#range")).to_contain_text("05:50.000 – 15:50.000 (10 min)")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(page.locator("#range")).to_contain_text("08:20.000 – 18:20.000")
    await page.keyboard.press("0")
    await expect(page.locator("#range")).to_contain_text("(20 min)")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".lane.person")).to_have_count(13)
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail")).to_be_focused()


async def test_a_name_cannot_do_anything(reader: Reader, tmp_path: Path) -> None:
    await reader.opens(written(raid(name=HOSTILE), tmp_path))
    page = reader.page
    await page.locator("#lanes").get_by_role("button", name="raiders").click()
    await expect(page.locator(".lane.person").nth(1)).to_contain_text(HOSTILE)
    await page.get_by_role("searchbox").fill("onerror")
    await expect(page.locator("#journal li").first).to_contain_text("joined")
    await page.locator("#journal li button").first.click()
    await expect(page.locator("#detail")).to_contain_text(HOSTILE)
    assert await page.locator("img").count() == 0
    assert await page.title() == "told-raid: 4 failed, 1 undecided, 1 vacuous, 3 passed, 1 skipped"


async def test_the_list_is_searched_and_leads_into_the_lanes(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    page = reader.page
    await expect(page.locator("#journal .count")).to_contain_text("200 of ")
    await page.get_by_role("searchbox").fill("raiders[3]")
    await page.get_by_role("button", name="out", exact=True).click()
    await expect(page.locator("#journal li")).to_have_count(1)
    await page.locator("#journal li button").click()
    await reader.chosen("removed")
    await page.get_by_role("searchbox").fill("nobody says this")
    await expect(page.locator("#journal .count")).to_have_text("Nothing like that happened. ")


async def test_a_link_to_a_fact_opens_there(reader: Reader, raided: Path) -> None:
    n = raid().checks[1].witnesses[0]
    await reader.opens(raided, f"#n{n}")
    await reader.chosen("suspended")
    await expect(reader.page.locator("#range")).to_contain_text("06:55.000 – 07:09.250")


async def test_light_and_dark_are_two_pictures(reader: Reader, raided: Path) -> None:
    await reader.page.emulate_media(color_scheme="light")
    await reader.opens(raided)
    light = await reader.pixels(0)
    await reader.page.emulate_media(color_scheme="dark")
    dark = await reader.pixels(0)
    assert dark != light
    await reader.page.get_by_role("button", name="Theme").click()
    assert await reader.pixels(0) == light


async def test_an_empty_run_says_so(reader: Reader, tmp_path: Path) -> None:
    await reader.opens(written(Judgement(Telling("told-raid").over()), tmp_path))
    await expect(reader.page.locator("#verdict strong")).to_have_text("Nothing was checked")
    await expect(reader.page.locator("#checks")).to_contain_text("The scenario expects nothing")
    await expect(reader.page.locator("#measures")).to_contain_text("Nothing was measured")


async def test_a_broken_run_says_why(reader: Reader, tmp_path: Path) -> None:
    judgement = raid()
    judgement.trace.broke = "the target ended with code 3"
    await reader.opens(written(judgement, tmp_path))
    await expect(reader.page.get_by_role("alert")).to_contain_text("the target ended with code 3")
    await expect(reader.page.locator("#verdict strong")).to_have_text("The run broke")


async def test_it_prints_every_lane(reader: Reader, raided: Path) -> None:
    await reader.opens(raided)
    paper = await reader.page.pdf(format="A4", print_background=True)
    assert len(paper) > 20_000
    lanes = await reader.page.locator("#lanes canvas").evaluate_all("all => all.map(one => one.width > 300)")
    assert lanes
    assert all(lanes)
