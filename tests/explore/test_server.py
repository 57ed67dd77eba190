"""The Jupyter server extension: on a real socket, in a real Tornado server."""

import asyncio
import json
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lessonconv.explore import server

tornado_web = pytest.importorskip("tornado.web")
websocket = pytest.importorskip("tornado.websocket")

TURNS_ON = Path(__file__).parents[2] / "jupyter/etc/jupyter/jupyter_server_config.d/lessonconv.json"


class Connection:
    """As Jupyter's: made with its handler, connected as the websocket opens."""

    def __init__(self, websocket_handler: Any) -> None:
        self.websocket_handler = websocket_handler

    def connect(self) -> str:
        return "connected"


def seen_by_the_handler(connection_class: Any) -> dict[str, Any]:
    """What a handler's socket and connection are like once a page has connected."""
    seen: dict[str, Any] = {}

    class Handler(websocket.WebSocketHandler):  # type: ignore[misc]
        def open(self) -> None:
            seen["answer"] = connection_class(self).connect()
            raw = self.ws_connection.stream.socket
            seen["nodelay"] = bool(raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def connect() -> None:
        serving = tornado_web.Application([("/", Handler)]).listen(0, "127.0.0.1")
        (port,) = {listening.getsockname()[1] for listening in serving._sockets.values()}
        page = await websocket.websocket_connect(f"ws://127.0.0.1:{port}/")
        page.close()
        serving.stop()

    asyncio.run(connect())
    return seen


def test_a_connection_sends_at_once_and_connects_as_before() -> None:
    assert seen_by_the_handler(Connection) == {"answer": "connected", "nodelay": False}
    assert seen_by_the_handler(server.prompt(Connection)) == {"answer": "connected", "nodelay": True}


def test_the_extension_keeps_whatever_class_the_server_had() -> None:
    app = SimpleNamespace(web_app=SimpleNamespace(settings={"kernel_websocket_connection_class": Connection}))
    server._load_jupyter_server_extension(app)
    made = app.web_app.settings["kernel_websocket_connection_class"]
    assert issubclass(made, Connection) and made is not Connection


def test_installing_turns_on_the_module_that_exists() -> None:
    extensions = json.loads(TURNS_ON.read_text("utf-8"))["ServerApp"]["jpserver_extensions"]
    assert extensions == {server.__name__: True}
    assert server._jupyter_server_extension_points() == [{"module": server.__name__}]
