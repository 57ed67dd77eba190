"""A headless Chromium that is on the machine already, a record of what a page does there, and axe's opinion of it."""

import importlib.resources
import json
import os
import re
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Request, WebSocket, sync_playwright

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
MISSING = "no Chromium found: install chromium, or put the path of a Chrome into the variable CHROME_PATH"
SCRIPT = re.compile(r"(?:blob:)?https?://[^/\s]+(/[^?\s:]*)")  # in a stack: where a script is on its server
JUPYTER = ("/static/lab/", "/static/notebook/")
LOCAL = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")


def find() -> str | None:
    """The path of a Chromium on this machine. Playwright's own downloads are not used."""
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def running(executable: str | None) -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


class Record:
    """What a page did that a learner would not see: problems, and messages between it and the kernel.

    `problems` are errors on the console, exceptions that nothing caught (but for those inside of Jupyter's own code,
    which has some), requests that failed, and requests to anywhere but this machine. `sent` and `received` are the
    types of the messages to and from kernels. A widget's are "comm_msg"; the others are Jupyter's and its debugger's.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.sent: list[str] = []
        self.received: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._exception)
        page.on("request", self._request)
        page.on("requestfailed", self._failed_request)
        page.on("websocket", self._websocket)

    def check(self) -> None:
        """Raise an AssertionError that lists the problems, if there is one."""
        assert not self.problems, "\n".join(self.problems)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location['url']})")

    def _exception(self, error: Error) -> None:
        scripts = SCRIPT.findall(error.stack or "")
        if not scripts or any(not script.startswith(JUPYTER) for script in scripts):
            self.problems.append(f"exception: {error.stack or error}")

    def _request(self, request: Request) -> None:
        self._address(request.url)

    def _failed_request(self, request: Request) -> None:
        self.problems.append(f"request failed: {request.url} ({request.failure})")

    def _websocket(self, socket: WebSocket) -> None:
        self._address(socket.url)
        if "/api/kernels/" in socket.url:
            socket.on("framesent", lambda frame: self.sent.append(_type(frame)))
            socket.on("framereceived", lambda frame: self.received.append(_type(frame)))

    def _address(self, url: str) -> None:
        if not url.startswith(LOCAL):
            self.problems.append(f"external request: {url}")


def _type(frame: str | bytes) -> str:
    """The type of a Jupyter message. As bytes it begins with a number n, n offsets, and parts that begin there."""
    if isinstance(frame, bytes):
        n = int.from_bytes(frame[:8], "little")
        _channel, header, parent, *_ = struct.unpack_from(f"<{n}Q", frame, 8)
        return str(json.loads(frame[header:parent])["msg_type"])
    return str(json.loads(frame)["header"]["msg_type"])


AXE = importlib.resources.files("axe_playwright_python") / "axe.min.js"

RUN_AXE = """async (element) => {
    const { violations } = await axe.run(element, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
}"""


def violations(locator: Locator) -> list[str]:
    """What axe-core finds wrong in an element for people who use a screen reader, a keyboard or their own colours."""
    locator.page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = locator.evaluate(RUN_AXE)
    return found
