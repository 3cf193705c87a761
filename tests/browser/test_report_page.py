"""A report as a browser shows it: whole, quiet, readable, on a wide screen and on a phone, light and dark.

    LAB_REPORT       the report to open (default: reports/latest/index.html)
    LAB_SCREENSHOTS  a folder for screenshots (default: none are taken)

Needs playwright and Chromium; run by `make check-report`, apart from the test suite.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

REPORT = Path(os.environ.get("LAB_REPORT", "reports/latest/index.html")).resolve()
VIEWS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"


@dataclass
class Opened:
    """A page and what it said and asked for while it was opened."""

    page: Page
    width: int
    scheme: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the system's, or the one that playwright installed."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def opened(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Opened]:
    """The report, opened at one width in one colour scheme."""
    assert REPORT.is_file(), f"no report at {REPORT}; run make experiments, or set LAB_REPORT"
    width, scheme = request.param
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened = Opened(page, width, scheme)
    page.on("console", lambda message: opened.said.append(message.text))
    page.on("pageerror", lambda error: opened.said.append(str(error)))
    page.on("request", lambda asked: opened.asked.append(asked.url))
    page.goto(REPORT.as_uri(), wait_until="load")
    yield opened
    page.close()


def test_it_opens_in_silence_and_asks_for_nothing_else(opened: Opened) -> None:
    """No message on the console, no error, and not one request beyond the file itself."""
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("data:")] == [REPORT.as_uri()]


def test_it_is_no_wider_than_the_screen(opened: Opened) -> None:
    """The page never scrolls sideways, with details closed or open; wide tables scroll by themselves."""
    measure = "document.documentElement.scrollWidth"
    assert opened.page.evaluate(measure) <= opened.width
    opened.page.evaluate(OPEN_ALL)
    assert opened.page.evaluate(measure) <= opened.width


def test_all_text_stands_out_from_its_ground(opened: Opened) -> None:
    """Every visible text, in figures too, has the contrast that WCAG 2 asks for (4.5, large text 3)."""
    opened.page.evaluate(OPEN_ALL)
    found = opened.page.evaluate(CONTRAST)
    assert found["texts"] > 100
    assert found["weak"] == []


def test_figures_are_drawn_and_named(opened: Opened) -> None:
    """Every figure has a size, a name for screen readers, and text no smaller than 9 px on the screen."""
    opened.page.evaluate(OPEN_ALL)
    figures = opened.page.evaluate(
        """Array.from(document.querySelectorAll('figure svg'), svg => ({
            name: svg.getAttribute('aria-label'), width: svg.getBoundingClientRect().width,
            smallest: Math.min(...Array.from(svg.querySelectorAll('text'), text =>
                parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a)) }))"""
    )
    assert figures
    assert [one for one in figures if not one["name"] or one["width"] < 200 or one["smallest"] < 9] == []


def test_the_answers_come_first(opened: Opened) -> None:
    """The first heading below the title is the answers, each with a sentence and a tally; all sections are there."""
    headings = opened.page.locator("h2").all_inner_texts()
    assert headings[0] == "Answers"
    sentences = opened.page.locator("#answers .sentence").all_inner_texts()
    assert sentences
    assert all(len(sentence) > 20 for sentence in sentences)
    assert opened.page.locator("#answers .tally").count() == len(sentences)
    for section in ("answers", "not-measured", "left-out", "control", "method", "machine", "data"):
        assert opened.page.locator(f"section#{section}").count() == 1
    assert opened.page.locator("section.experiment").count() >= 1


def test_heading_levels_are_not_skipped(opened: Opened) -> None:
    """One h1, and no heading more than one level below the one before it."""
    levels = [int(name[1]) for name in opened.page.evaluate(
        "Array.from(document.querySelectorAll('h1,h2,h3,h4'), one => one.tagName)"
    )]  # fmt: skip
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert [step for step in pairwise(levels) if step[1] - step[0] > 1] == []


def test_every_link_leads_somewhere(opened: Opened) -> None:
    """Fragments have their target, files lie beside the report, and downloads hold something."""
    broken = []
    for href in opened.page.evaluate(
        "Array.from(document.querySelectorAll('a[href]'), one => one.getAttribute('href'))"
    ):
        if href.startswith("#"):
            good = opened.page.locator(f"[id='{href[1:]}']").count() == 1
        elif href.startswith("data:"):
            good = len(href) > 100
        else:
            parts = urlparse(href)
            good = not parts.scheme and not parts.netloc and (REPORT.parent / unquote(parts.path)).is_file()
        if not good:
            broken.append(href[:80])
    assert broken == []


def test_simulated_figures_are_labelled(opened: Opened) -> None:
    """Whatever callgrind counted says that it was simulated, in figures and in tables."""
    text = opened.page.locator("main").inner_text()
    assert re.search(r"measured by clock", text)
    for caption in opened.page.locator("figure.value figcaption").all_inner_texts():
        assert re.search(r"simulated|traced|counted|hardware|derived", caption), caption


def test_screenshots_are_taken_where_asked_for(opened: Opened) -> None:
    """Every view can be kept as a picture of its first screens."""
    folder = os.environ.get("LAB_SCREENSHOTS")
    opened.page.evaluate(OPEN_ALL.replace("true", "false"))
    opened.page.set_viewport_size({"width": opened.width, "height": 2400})
    picture = opened.page.screenshot(timeout=120_000)
    assert picture.startswith(b"\x89PNG")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"report-{opened.width}-{opened.scheme}.png").write_bytes(picture)
