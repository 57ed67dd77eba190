"""A Jupyter server extension: what a kernel says reaches the page at once.

TCP holds a small message back until the receiver has acknowledged the one before, which may take 40 ms (Nagle's
algorithm, delayed acknowledgement). A kernel says "busy" before each answer, so an explorer's picture waited behind
it. Installing lessonconv turns the extension on; `jupyter server extension disable lessonconv.explore.server` turns
it off. Source: Tornado's documentation of `WebSocketHandler.set_nodelay`.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Let the server's connections between page and kernel, whatever their class, send without delay."""
    settings = server.web_app.settings
    settings["kernel_websocket_connection_class"] = prompt(settings["kernel_websocket_connection_class"])


def prompt(connection_class: Any) -> Any:
    """The class of connections, with TCP's delay of small messages turned off as they open."""

    class Prompt(connection_class):
        def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return Prompt
