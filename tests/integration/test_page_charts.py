"""The charts of a sensor: over a day and a week of the gateway's clock, over restarts, with and without a script, for other pages to show."""

import functools
import html
import http.server
import json
import math
import os
import pathlib
import threading
import unittest
import urllib.error
import xml.etree.ElementTree as xml

from harness import suite
from harness.browser import Browser
from harness.gateway import Gateway, run

DAY, HOUR, MINUTE = 86400, 3600, 60
SENSOR = "rtl_433:Fineoffset-WHx080:133 <b>&\"x"
PATH = "/sensor?id=rtl_433%3AFineoffset-WHx080%3A133%20%3Cb%3E%26%22x"
CHART = PATH.replace("/sensor", "/chart.svg") + "&quantity=temperature"


class Charts(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(None, "127.0.0.1:1")
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text[:text.index("[[mqtt]]")] + text[text.index("[kafka]"):])
        self.wall = self.gateway.folder / "wall"
        self.gateway.process.command = ["env", f"LD_PRELOAD={os.environ['WEATHER_WRONG_CLOCK']}", f"WRONG_CLOCK_FILE={self.wall}",
                                        *self.gateway.process.command]
        self.addCleanup(self.gateway.kill9)
        self.set_clock(-6 * DAY)

    def set_clock(self, offset):
        new = self.wall.with_suffix(".new")
        new.write_text(f"{offset}\n")
        new.rename(self.wall)

    def start(self):
        self.gateway.start(wait=False)
        self.gateway.answers()

    def say(self, *values):
        lines = [json.dumps({"id": SENSOR, "temperature": value, "humidity": 60 + value}) for value in values]
        sent = run("send", "-c", self.gateway.config, "--file", "-", input="\n".join(lines) + "\n")
        self.assertEqual(sent.returncode, 0, sent.stderr)

    def week(self):
        """Six days by the hour, with a silent one; then a day by ten minutes, with four hours missing."""
        self.start()
        for hour in range(6 * 24):
            self.set_clock(-7 * DAY + hour * HOUR)
            if not 60 <= hour < 84:
                self.say(*(12 + 8 * math.sin((hour + part) / 24 * 2 * math.pi) + part for part in (0, 1.5)))
        for part in range(6 * 24):
            self.set_clock(-DAY + part * 10 * MINUTE)
            if not 50 <= part < 74:
                self.say(12 + 8 * math.sin(part / 144 * 2 * math.pi), 13 + 8 * math.sin(part / 144 * 2 * math.pi))
        self.set_clock(0)
        self.say(21.611111111111114)

    def lines(self, range):
        """How many lines the chart has: one more than gaps."""
        return self.gateway.get(f"{CHART}&range={range}").count("<polyline")

    def open(self, path, scripts=True, **options):
        browser = Browser(self.gateway.folder, **options)
        self.addCleanup(browser.close)
        browser.allow_scripts(scripts)
        browser.open(self.gateway.url + path)
        suite.wait_for(lambda: browser.evaluate("document.readyState === 'complete' && Boolean(document.querySelector('h1'))"), "the page is there")
        return browser

    def test_a_day_and_a_week_over_every_kind_of_end(self):
        self.week()
        before = {name: self.gateway.get(f"{CHART}&range={name}") for name in ("day", "week")}
        self.assertEqual((self.lines("day"), self.lines("week")), (2, 3), "a line on either side of what is missing")
        for text in before.values():
            root = xml.fromstring(text)
            words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
            self.assertLessEqual({"25", "°C"}, set(words))
            self.assertTrue(any("<b>" in word and "temperature in °C" in word for word in words), words)

        def same(what):
            for name, text in before.items():
                # The picture moves on with the time; its numbers stay.
                after = self.gateway.get(f"{CHART}&range={name}")
                label = xml.fromstring(text).get("aria-label")
                self.assertEqual(xml.fromstring(after).get("aria-label"), label, what)
                self.assertEqual(after.count(",") // 10, text.count(",") // 10, what)
        self.gateway.kill9()
        self.start()
        same("killed")
        self.gateway.terminate()
        written = [file.stat().st_size for file in (self.gateway.data / "charts").iterdir()]
        print(f"{len(written)} hours in {sum(written)} bytes", flush=True)
        self.assertLess(max(written), 1000)
        self.start()
        same("stopped")
        for file in (self.gateway.data / "charts").iterdir():
            file.write_bytes(file.read_bytes()[:-1])
        self.gateway.terminate()
        for file in (self.gateway.data / "charts").iterdir():
            file.write_bytes(file.read_bytes()[:-1])
        self.start()
        self.assertIn("damaged", self.gateway.process.output())
        self.say(5)

        browser = self.open(PATH, width=390)
        self.assertEqual(browser.complaints, [])

    def test_the_page_of_a_sensor_fits_everywhere_and_needs_no_script(self):
        self.week()
        clipped = """[...document.querySelectorAll("body, body *")].filter((box) => !box.closest("svg") && box.clientWidth && box.scrollWidth > box.clientWidth)
                     .map((box) => `${box.tagName}.${box.className} ${box.scrollWidth} > ${box.clientWidth}`)"""
        for scripts in (True, False):
            browser = self.open(PATH, scripts=scripts)
            browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            for width in (1280, 768, 390, 320):
                browser.resize(width)
                self.assertEqual(browser.evaluate(clipped), [], width)
                self.assertEqual(browser.evaluate("document.documentElement.scrollWidth"), width)
            self.assertEqual(browser.evaluate("document.querySelectorAll('figure svg').length"), 2)
            self.assertGreater(browser.evaluate("document.querySelectorAll('figure:first-of-type tbody tr').length"), 100)
            self.assertIn("temperature21.6 °C", browser.evaluate("document.querySelector('dl').textContent"))
            self.assertEqual(browser.evaluate("document.querySelectorAll('h1 b, dl b').length"), 0, "what sensors say is text")
            self.assertEqual(browser.complaints, [])
        if "WEATHER_SCREENSHOTS" in os.environ:
            folder = pathlib.Path(os.environ["WEATHER_SCREENSHOTS"])
            browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")
            for width in (1280, 390):
                browser.resize(width)
                browser.screenshot(folder / f"sensor-{width}.png", whole=True)

        browser = self.open("/")
        suite.wait_for(lambda: browser.evaluate("document.documentElement.dataset.live") == "yes", "it hears from the gateway")
        browser.evaluate("document.querySelector('#sensors th a').click()")
        suite.wait_for(lambda: (browser.text("name") or "").startswith(SENSOR), lambda: browser.evaluate("location.href"))

    def test_answers_what_it_does_not_have_in_words(self):
        self.start()
        self.say(1)
        for path, code, says in ((CHART.replace("133", "134"), 404, "no sensor"), (CHART + "&range=year", 400, "day or week"),
                                 (PATH.replace("133", "134"), 404, "no sensor"), (CHART.replace("temperature", "x"), 404, "charts of temperature, humidity")):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.gateway.get(path)
            self.assertEqual(refused.exception.code, code, path)
            self.assertIn(says, refused.exception.read().decode())
        self.assertEqual(xml.fromstring(self.gateway.get(CHART + "&theme=dark")).get("width"), "640")

    def test_may_be_shown_by_another_page(self):
        self.start()
        self.say(1)
        elsewhere = self.gateway.folder / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "index.html").write_text(f"<!doctype html><title>x</title><img id=chart src='{html.escape(self.gateway.url + CHART)}'>")

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass
        handler = functools.partial(Quiet, directory=elsewhere)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        browser = Browser(self.gateway.folder)
        self.addCleanup(browser.close)
        # Another name of this machine: another site to a browser.
        browser.open(f"http://localhost:{server.server_port}/")
        suite.wait_for(lambda: browser.evaluate("document.getElementById('chart')?.naturalWidth") == 640, "it is drawn")


if __name__ == "__main__":
    suite.main()
