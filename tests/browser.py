"""A real browser for tests: pages are visited, and what they did is remembered."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

#: Without these Chromium asks for hosts of its own.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Return the path of Chromium, if it is installed."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@dataclass
class Visit:
    """A page in the browser; `said` are its errors and warnings, `asked` the URLs it wanted."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def strangers(self, home: str) -> list[str]:
        """Return what was asked for outside `home`."""
        return [url for url in self.asked if not url.startswith(home)]

    def overflows(self, width: int) -> bool:
        """Does the page scroll sideways on a screen of this width?"""
        self.page.set_viewport_size({"width": width, "height": 844})
        needed: int = self.page.evaluate("document.documentElement.scrollWidth")
        return needed > width


class Chromium:
    """A browser; each visit has a profile of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def visit(
        self,
        url: str,
        *,
        width: int = 1280,
        dark: bool = False,
        script: bool = True,
        scale: float = 1,
        touch: bool = False,
    ) -> Iterator[Visit]:
        """Open a URL, and close it at the end; `scale` is the pixels of a screen to one of css."""
        context: BrowserContext = self._browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            device_scale_factor=scale,
            has_touch=touch,
            is_mobile=touch,
        )
        try:
            visit = Visit(context.new_page())
            visit.page.goto(url)
            yield visit
        finally:
            context.close()


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Start the browser that `find` found."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        try:
            yield Chromium(browser)
        finally:
            browser.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_said: object) -> None:
        """Say nothing: the output belongs to the tests."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_said: object) -> None:
        """A browser that has gone on before everything came is no error."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; what is served, and ends with a slash, is the URL given."""
    handler = partial(_Quiet, directory=str(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
