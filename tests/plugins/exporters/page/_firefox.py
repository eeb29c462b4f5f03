"""Debian's Firefox, driven by its own protocol (Marionette): Playwright drives only builds of its own."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Firefox", "firefox", "found"]

_PREFERENCES = {
    "marionette.port": 0,  # any that is free; it is written into the profile
    "network.proxy.type": 1,
    "network.proxy.socks": "127.0.0.1",  # where nobody listens: no request can leave
    "network.proxy.socks_port": 9,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "browser.shell.checkDefaultBrowser": False,
}
_PATIENCE = 60.0


def found() -> str | None:
    """Where Firefox is, if it is."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """A session of one window."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._calls = 0
        self._receive()  # the greeting
        self.call("WebDriver:NewSession", capabilities={})

    def open(self, file: Path) -> None:
        """Open a file, and wait until it has drawn itself."""
        self.call("WebDriver:Navigate", url=file.as_uri())
        self.until("return document.querySelector('#embkit[data-ready]') !== null")

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function in the page."""
        return self.call("WebDriver:ExecuteScript", script=script, args=list(arguments), sandbox=None)[
            "value"
        ]

    def until(self, script: str, *arguments: Any) -> None:
        """Wait until a script gives true."""
        end = time.monotonic() + _PATIENCE
        while not self.run(script, *arguments):
            if time.monotonic() > end:
                raise TimeoutError(script)
            time.sleep(0.02)

    def type(self, selector: str, text: str) -> None:
        """Type into an element, in place of what is there."""
        element = self.call("WebDriver:FindElement", using="css selector", value=selector)["value"]
        (reference,) = element.values()
        self.run("document.querySelector(arguments[0]).select?.()", selector)
        self.call("WebDriver:ElementSendKeys", id=reference, text=text)

    def call(self, command: str, **parameters: Any) -> Any:
        """Send a command, and give its result."""
        self._calls += 1
        message = json.dumps([0, self._calls, command, parameters]).encode()
        self._connection.sendall(b"%d:%b" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return result

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._connection.recv(1)
        left, parts = int(length[:-1]), []
        while left:
            parts.append(self._connection.recv(left))
            left -= len(parts[-1])
        return json.loads(b"".join(parts))


@contextmanager
def firefox(program: str, profile: Path) -> Iterator[Firefox]:
    """A Firefox without a window on the screen, with a new profile."""
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _PREFERENCES.items()
    )
    (profile / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--no-remote", "--profile", str(profile), "--marionette"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            with socket.create_connection(("127.0.0.1", _port(profile)), _PATIENCE) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()


def _port(profile: Path) -> int:
    end = time.monotonic() + _PATIENCE
    file = profile / "MarionetteActivePort"
    while not (file.exists() and file.read_text()):
        if time.monotonic() > end:
            raise TimeoutError("Firefox does not listen")
        time.sleep(0.05)
    return int(file.read_text())
