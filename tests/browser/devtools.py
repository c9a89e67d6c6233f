"""Driving Chromium by its DevTools protocol: enough to fill in forms, press buttons and look.

Source: https://chromedevtools.github.io/devtools-protocol/ (Page, Runtime, WebAuthn domains).
"""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import time
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.e2e.cloud import ask, person_environment, until

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--no-proxy-server", "--window-size=1000,800", "--remote-debugging-port=0"),
    "--remote-allow-origins=*",
)


class Browser:
    """One Chromium with one page; `with Browser(program, profile) as page: ...`."""

    def __init__(self, program: str, profile: Path) -> None:
        self._profile = profile
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            env=person_environment(profile),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._ids = itertools.count(1)
        until((profile / "DevToolsActivePort").exists, 60)
        port = int(until((profile / "DevToolsActivePort").read_text, 10).split()[0])
        (target,) = until(
            lambda: [t for t in ask(port, "GET", "/json").json if t["type"] == "page"]
        )
        self._socket = connect(target["webSocketDebuggerUrl"], max_size=None, legacy=True)
        self.send("Page.enable")
        self.send("Runtime.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer; events in between are passed over."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(60))
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return dict(answer["result"])

    def run(self, script: str) -> Any:
        """The value of an expression on the page; promises are waited for."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, url: str) -> None:
        """Go to an address, also when only the part after `#` is new."""
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)

    def text(self) -> str:
        """What a person reads on the page."""
        return str(self.run("document.body ? document.body.innerText : ''"))

    def sees(self, text: str, seconds: float = 20) -> None:
        """Wait until a text is on the page."""
        deadline = time.monotonic() + seconds
        while text not in (found := self.text()):
            assert time.monotonic() < deadline, f"{text!r} is not on the page:\n{found}"
            time.sleep(0.1)

    def fill(self, name: str, value: str) -> None:
        """Type into the field of this name that was added last (a dialog is on top)."""
        script = f"""(() => {{
            const found = [...document.querySelectorAll('input[name={json.dumps(name)}]')].pop();
            if (!found) return false;
            found.focus();
            found.value = {json.dumps(value)};
            found.dispatchEvent(new Event('input', {{bubbles: true}}));
            return true;
        }})()"""
        until(lambda: self.run(script), 20)

    def press(self, label: str) -> None:
        """Press the button or follow the link that says this; the last of them."""
        script = f"""(() => {{
            const found = [...document.querySelectorAll('button:not([disabled]), a')]
                .filter(one => one.innerText.trim() === {json.dumps(label)}).pop();
            if (!found) return false;
            found.click();
            return true;
        }})()"""
        until(lambda: self.run(script), 20)

    def authenticator(self) -> str:
        """Plug in an authenticator that knows its user: CTAP2, built in, discoverable keys."""
        self.send("WebAuthn.enable")
        made = self.send(
            "WebAuthn.addVirtualAuthenticator",
            options={
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            },
        )
        return str(made["authenticatorId"])

    def picture(self, path: Path) -> None:
        """What the page looks like."""
        answer = self.send("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))
