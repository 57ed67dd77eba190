"""Fixtures of the browser tests: a Jupyter server, a page in a real Chromium, notebooks open in it.

A test that uses them fails if its page met a problem (see `Record`), whatever else it asserts. Where there is no
Chromium it is skipped. Playwright and its event loop are given up when the tests leave this folder: other tests start
loops of their own.
"""

import functools
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium as chromium_
from tests.browser.jupyter import JUPYTERLAB, NOTEBOOK7, Notebook, Server, serving

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"

OpenNotebook = Callable[..., Notebook]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser."""
    executable = chromium_.find()
    if executable is None:
        pytest.skip(chromium_.MISSING)
    with chromium_.running(executable) as browser:
        yield browser


@pytest.fixture(scope="session")
def jupyterlab() -> Iterator[Server]:
    """A JupyterLab."""
    with serving(JUPYTERLAB) as server:
        yield server


@pytest.fixture(scope="session")
def notebook7() -> Iterator[Server]:
    """A Notebook 7."""
    with serving(NOTEBOOK7) as server:
        yield server


@pytest.fixture
def record(chromium: Browser) -> Iterator[chromium_.Record]:
    """What the page of this test does behind its learner's back; a problem fails the test."""
    with chromium.new_context(viewport={"width": 1400, "height": 1000}) as context:
        record = chromium_.Record(context.new_page())
        yield record
    record.check()


@pytest.fixture
def page(record: chromium_.Record) -> Page:
    """An empty page that is watched."""
    return record.page


@pytest.fixture
def lab(page: Page, jupyterlab: Server) -> OpenNotebook:
    """Open a notebook of the given cells in JupyterLab: `notebook = lab("x = 1", "x")`."""
    return _opener(page, jupyterlab)


@pytest.fixture
def classic(page: Page, notebook7: Server) -> OpenNotebook:
    """Open a notebook of the given cells in Notebook 7."""
    return _opener(page, notebook7)


@pytest.fixture(params=["jupyterlab", "notebook7"])
def everywhere(page: Page, request: pytest.FixtureRequest) -> OpenNotebook:
    """Open a notebook in JupyterLab and, in a second run of the test, in Notebook 7."""
    return _opener(page, request.getfixturevalue(request.param))


def _opener(page: Page, server: Server) -> OpenNotebook:
    server.end_kernels()  # those of the test before, whose page is gone and can no longer complain
    return functools.partial(Notebook, page, server)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave a picture of the page on which a test failed."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if page and report.failed and call.when != "teardown":
        page.screenshot(path=SCREENSHOTS / f"{item.name}.png")
        report.sections.append(("screenshot", str(SCREENSHOTS / f"{item.name}.png")))
    return report
