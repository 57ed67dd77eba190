"""JupyterLab or Notebook 7 on 127.0.0.1 with nobody's settings, and notebooks opened there in a page.

Nothing is found by class names, and nothing waits on time: JupyterLab's own application object, which it exposes when
asked to, runs the commands behind its menus and says when they are done.
"""

import ast
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from playwright.sync_api import Page

from tools.notebooks import KERNEL, quiet_environment

START_SECONDS = 60  # to start a server and to open a notebook: a slow machine is not a failing test

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


# Servers ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Application:
    """One of the programs that learners open notebooks in."""

    module: str
    traits: str
    page: str


JUPYTERLAB = Application("jupyterlab", "LabApp", "lab/tree/{name}?reset&token={token}")
NOTEBOOK7 = Application("notebook", "JupyterNotebookApp", "notebooks/{name}?token={token}")


@dataclass(frozen=True)
class Server:
    """A running server, and the folder that it shows."""

    application: Application
    address: str
    token: str
    folder: Path

    def write(self, *cells: str) -> str:
        """Put a notebook of these code cells into the folder; its name."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells], metadata={"kernelspec": KERNEL}
        )
        name = f"{secrets.token_hex(4)}.ipynb"
        nbformat.write(notebook, self.folder / name)
        return name

    def copy(self, path: Path) -> str:
        """Put a copy of a stored notebook into the folder, under its own name, as links know it."""
        shutil.copy(path, self.folder)
        return path.name

    def url(self, name: str) -> str:
        """Where a notebook of the folder opens."""
        return f"{self.address}{self.application.page.format(name=name, token=self.token)}"

    def end_kernels(self) -> None:
        """End every notebook's kernel."""
        for session in json.loads(self._request("GET", "api/sessions")):
            self._request("DELETE", f"api/sessions/{session['id']}")

    def shut_down(self) -> None:
        """End the kernels and the server itself."""
        self._request("POST", "api/shutdown")

    def _request(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.address}{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
            body: bytes = answer.read()
        return body


@contextmanager
def serving(application: Application) -> Iterator[Server]:
    """A server with an empty folder; it and its kernels end with the block."""
    with tempfile.TemporaryDirectory(prefix="lessonconv-", ignore_cleanup_errors=True) as temporary:
        home = Path(temporary)
        folder, runtime, log = home / "notebooks", home / "runtime", home / "server.log"
        for new in (folder, runtime, home / "config" / "labconfig"):
            new.mkdir(parents=True)
        (home / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(SETTINGS), "utf-8")
        command = [sys.executable, "-m", application.module, "--no-browser", "--allow-root"]
        traits = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": 0,  # any that is free; the server writes down which
            "ServerApp.root_dir": folder,
            f"{application.traits}.expose_app_in_browser": True,
        }
        with quiet_environment(), log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *(f"--{trait}={value}" for trait, value in traits.items())],
                env={
                    **os.environ,
                    "JUPYTER_TOKEN": secrets.token_hex(16),
                    "JUPYTER_CONFIG_DIR": str(home / "config"),
                    "JUPYTER_DATA_DIR": str(home / "data"),
                    "JUPYTER_RUNTIME_DIR": str(runtime),
                    "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
                    "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests: they stop the server
            )
            try:
                running = _wait_until_up(process, runtime, log)
                server = Server(application, f"http://127.0.0.1:{running['port']}/", running["token"], folder)
                yield server
                server.shut_down()
                process.wait(START_SECONDS)
            finally:
                process.kill()  # if it has not ended by itself; its kernels notice, and follow
                process.wait()


def _wait_until_up(process: "subprocess.Popen[bytes]", runtime: Path, log: Path) -> dict[str, Any]:
    """What the server wrote down about itself, once it listens: it writes before it does."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        for file in runtime.glob("jpserver-*.json"):
            text = file.read_text("utf-8")
            if text.endswith("}"):  # all of it is written
                running: dict[str, Any] = json.loads(text)
                with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", running["port"]), 5):
                    return running
        time.sleep(0.05)
    raise RuntimeError(f"The Jupyter server did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


# Notebooks ----------------------------------------------------------------------------------------------------------

IS_OPEN = """(name) => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.path === name && panel.sessionContext.isReady
        && panel.sessionContext.session?.kernel?.status === "idle";
}"""

RUN_ALL = """async () => {
    const { commands, shell } = window.jupyterapp;
    await commands.execute("notebook:run-all-cells");
    const outputs = shell.currentWidget.content.widgets.flatMap((cell) => cell.model.outputs?.toJSON() ?? []);
    return outputs.filter((it) => it.output_type === "error").map((it) => `${it.ename}: ${it.evalue}`);
}"""

IS_IDLE = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === "idle" """

EXECUTE = """async ([code, expressions]) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const request = { code, user_expressions: expressions, silent: true, store_history: false };
    return (await kernel.requestExecute(request).done).content;
}"""

CHANGE_THEME = """(theme) => window.jupyterapp.commands.execute("apputils:change-theme", { theme })"""

HAS_THEME = "(isLight) => document.body.dataset.jpThemeLight === isLight"


class Notebook:
    """A notebook open in a page, with a kernel of its own."""

    def __init__(self, page: Page, server: Server, *cells: str, name: str = "") -> None:
        """Open a new notebook of these cells, or else the one of this name in the server's folder."""
        self.page = page
        name = name or server.write(*cells)
        page.goto(server.url(name), wait_until="domcontentloaded")
        page.wait_for_function(IS_OPEN, arg=name, timeout=START_SECONDS * 1000)
        self.theme("light")  # an earlier page may have left the server another

    def run_all(self) -> None:
        """Run every cell and wait until the kernel rests. A cell that raises is an AssertionError here."""
        errors = self.page.evaluate(RUN_ALL)
        assert not errors, errors
        self.page.wait_for_function(IS_IDLE, timeout=START_SECONDS * 1000)

    def execute(self, code: str) -> None:
        """Run code in the notebook's kernel, as if Python had changed something there."""
        self._kernel(code, {})

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the notebook's kernel: numbers, strings, and what lists and tuples hold."""
        found = self._kernel("", {"value": f"repr(({expression}))"})["user_expressions"]["value"]
        if found["status"] == "error":
            raise RuntimeError(f"{found['ename']}: {found['evalue']}")
        return ast.literal_eval(ast.literal_eval(found["data"]["text/plain"]))

    def _kernel(self, code: str, expressions: dict[str, str]) -> dict[str, Any]:
        reply: dict[str, Any] = self.page.evaluate(EXECUTE, [code, expressions])
        if reply["status"] == "error":
            raise RuntimeError(f"{reply['ename']}: {reply['evalue']}")
        return reply

    def theme(self, name: Literal["light", "dark"]) -> None:
        """Show Jupyter's light or dark theme."""
        self.page.evaluate(CHANGE_THEME, f"JupyterLab {name.capitalize()}")
        self.page.wait_for_function(HAS_THEME, arg=str(name == "light").lower())
