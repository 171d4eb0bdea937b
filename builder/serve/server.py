"""Serves a site out of memory, on loopback alone, and tells each page that is open of changes."""

from __future__ import annotations

import errno
import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

from builder.files import InputError
from builder.serve.live import MISSING, Live

HOST = "127.0.0.1"
PORT = 8000
EVENTS = "/@live/events"

#: Seconds after which a page that is gone is noticed.
_PATIENCE = 15.0


@contextmanager
def open_server(live: Live, port: int | None) -> Iterator[str]:
    """Serve, and give the address; without a port it is 8000, or any where that is taken."""
    server = _bound(live, port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    try:
        thread.start()
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        live.end()
        if thread.ident:  # an interrupt may come before it was started
            server.shutdown()
        server.server_close()


def _bound(live: Live, port: int | None) -> _Server:
    for number in (PORT, 0) if port is None else (port,):
        try:
            return _Server((HOST, number), partial(_Handler, live))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise InputError(f"port {port} is taken; choose another with `--port`")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_said: object) -> None:
        """A browser that went on before everything came is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, live: Live, *args: object) -> None:
        self._live = live
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file of the site, or with what goes on."""
        parts = urlsplit(self.path)
        if not self._is_meant_for_us():
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"not served under this name\n")
        elif parts.path == EVENTS:
            page = parse_qs(parts.query).get("page", ["/"])[0]
            self._tell(_file(page))
        else:
            self._file(_file(parts.path))

    def do_HEAD(self) -> None:
        """Answer as `do_GET` would, without the content."""
        self.do_GET()

    def _is_meant_for_us(self) -> bool:
        """A page elsewhere must not read the notes by giving its own name our address."""
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        return name in (HOST, "localhost")

    def _file(self, path: str) -> None:
        content = self._live.file(path)
        if content is not None:
            self._send(HTTPStatus.OK, _type(path), content)
        else:
            missing = self._live.file(MISSING) or b""
            self._send(HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", missing)

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _tell(self, path: str) -> None:
        """Send what is new about a page each time something is, until the page is closed."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        said, now = "", self._live.state(path)
        while now is not None:
            text = f"data: {json.dumps({'version': now.version, 'problems': now.problems})}\n\n"
            self.wfile.write(b": still here\n\n" if text == said else text.encode())
            self.wfile.flush()
            said, now = text, self._live.wait(path, now, _PATIENCE)

    def log_message(self, *_said: object) -> None:
        """Say nothing: the terminal is for the notes."""


def _file(path: str) -> str:
    """Return the path of the file that an address means."""
    name = unquote(urlsplit(path).path).removeprefix("/")
    return name + "index.html" if not name or name.endswith("/") else name


def _type(path: str) -> str:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind.endswith(("javascript", "json"))
    return f"{kind}; charset=utf-8" if is_text else kind
