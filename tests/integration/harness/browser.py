"""Chromium without a window, driven by its DevTools protocol over a pipe (--remote-debugging-pipe)."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile

from harness import fair_clock

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One page. `complaints` gathers what the browser says against it: policy violations, uncaught errors."""

    def __init__(self, folder, width=1000, height=900, arguments=""):
        to_child, self._write = os.pipe()
        self._read, from_child = os.pipe()
        # The protocol's pipes are the descriptors 3 (commands) and 4 (answers).
        command = ('exec "$0" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-pipe '
                   f'{arguments} --user-data-dir="$1" about:blank 3<&{to_child} 4>&{from_child}')
        self._process = subprocess.Popen(["bash", "-c", command, CHROMIUM, tempfile.mkdtemp(prefix="chromium-", dir=folder)], pass_fds=(to_child, from_child),
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self._number, self._buffer, self._session = 0, b"", None
        self.complaints = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setScrollbarsHidden", hidden=True)
        self.resize(width, height)

    def close(self):
        self._process.terminate()
        self._process.wait(20)
        os.close(self._write)
        os.close(self._read)

    def open(self, url):
        self._call("Page.navigate", url=url)

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        result = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def text(self, element):
        return self.evaluate(f"(document.getElementById({json.dumps(element)}) || {{}}).textContent")

    def screenshot(self, path, whole=False):
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]))

    def emulate(self, **features):
        """What the person prefers: prefers_color_scheme="dark", prefers_reduced_motion="reduce"."""
        self._call("Emulation.setEmulatedMedia",
                   features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def resize(self, width, height=900):
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def allow_scripts(self, allowed):
        self._call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Tab": 9}[key])

    def accessible(self):
        """What assistive technology is given: a list of (role, name)."""
        return [(node["role"]["value"], node.get("name", {}).get("value", ""))
                for node in self._call("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]

    def _call(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = fair_clock.seconds() + 60
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self._note(answer)

    def _next(self, deadline):
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], 0.2)[0]:
                assert fair_clock.seconds() < deadline, "the browser does not answer"
                continue
            chunk = os.read(self._read, 65536)
            assert chunk, "the browser ended"
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def _note(self, event):
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"]["text"])
        elif event.get("method") == "Log.entryAdded" and not of_the_network(parameters["entry"]):
            self.complaints.append(parameters["entry"]["text"])


def of_the_network(entry):
    """That a download failed, as it does when the page is left or the gateway killed meanwhile. The manifest's
    icons are downloaded by the browser itself, whose failure is not said as one of the network."""
    return entry["source"] == "network" or ("icon from the Manifest" in entry["text"] and "(Download error" in entry["text"])
