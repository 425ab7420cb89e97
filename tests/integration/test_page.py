"""The live page in a real browser: what it tells, to whom, and that nothing of it is blocked by its own security policy."""

import contextlib
import gzip
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import time
import unittest

from harness import fair_clock, suite
from harness.browser import Browser
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher, publish_one

HERE = pathlib.Path(__file__).resolve().parent


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


class Page(unittest.TestCase):
    def setUp(self):
        kafka.start()
        self.topic = "page_" + self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        self.gateway = Gateway(mosquitto, kafka.bootstrap, self.topic)
        conf_d = self.gateway.folder / "conf.d"
        conf_d.mkdir()
        # Five records at a time: a backlog that can be watched while it drains.
        (conf_d / "slow.toml").write_text("[kafka]\nwindow_records = 5\n")
        self.gateway.start()
        self.addCleanup(self.gateway.kill9)
        self.publisher = Publisher(mosquitto)
        self.addCleanup(self.publisher.close)

    def open(self, scripts=True, **options):
        browser = Browser(self.gateway.folder, **options)
        self.addCleanup(browser.close)
        browser.allow_scripts(scripts)
        self.visit(browser, scripts)
        return browser

    def visit(self, browser, scripts=True):
        browser.open(self.gateway.url + "/")
        live = "document.documentElement?.dataset.live" if scripts else "document.getElementById('verdict') && 'yes'"
        suite.wait_for(lambda: browser.evaluate(live) == "yes", "the page is there, and its script has heard from the gateway")
        suite.wait_for(lambda: browser.evaluate("document.readyState") == "complete", "its style is there too")

    def wait_for_sentence(self, browser, begin):
        suite.wait_for(lambda: browser.text("sentence").startswith(begin), lambda: f"{begin}: {browser.text('sentence')}", every=0.02)

    def publish(self, count):
        self.publisher.publish(count)
        self.publisher.wait_for_acknowledgements()

    def shot(self, browser, name):
        """Kept where WEATHER_SCREENSHOTS says, for the documentation."""
        path = pathlib.Path(os.environ.get("WEATHER_SCREENSHOTS", self.gateway.folder)) / f"{name}.png"
        browser.screenshot(path)
        self.assertGreater(path.stat().st_size, 10_000)

    def test_shows_offline_then_catching_up_then_online_by_itself(self):
        self.publish(50)
        browser = self.open()
        self.wait_for_sentence(browser, "Online")
        browser.evaluate("""{
          window.seen = [];
          new MutationObserver(() => seen.push(document.getElementById("sentence").textContent.split(/[:( ]/)[0]))
            .observe(document.getElementById("sentence"), { childList: true, characterData: true, subtree: true });
        }""")

        kafka.stop()
        self.publish(300)
        self.wait_for_sentence(browser, "Offline")
        suite.wait_for(lambda: "300 readings kept" in browser.text("sentence"), lambda: browser.text("sentence"))
        self.assertEqual(browser.evaluate("document.getElementById('arrow-out').className"), "arrow broken")
        self.assertEqual(browser.evaluate("document.getElementById('arrow-out').getAttribute('aria-label')"), "log to Kafka: broken")
        self.shot(browser, "offline")

        kafka.start()
        self.wait_for_sentence(browser, "Catching up")
        self.assertEqual(browser.evaluate("document.getElementById('arrow-out').className"), "arrow flowing")
        self.shot(browser, "catching-up")
        self.wait_for_sentence(browser, "Online")
        suite.wait_for(lambda: browser.text("unsent") == "0", lambda: browser.text("unsent"))
        seen = browser.evaluate("seen")
        order = [word for word, before in zip(seen, [None, *seen]) if word != before]
        self.assertEqual(order, ["Offline", "Catching", "Online"])
        self.assertEqual(browser.complaints, [])

    def test_says_so_when_the_gateway_itself_is_gone(self):
        browser = self.open()
        self.gateway.kill9()
        self.wait_for_sentence(browser, "The gateway does not answer")
        self.gateway.start()
        self.wait_for_sentence(browser, "Online")
        self.assertEqual(browser.complaints, [])

    def test_the_worst_sensor_comes_first_and_the_table_follows(self):
        self.publish(10)
        browser = self.open()
        first = "document.querySelector('#sensors th').textContent"
        self.assertEqual(browser.evaluate(first), "sensor-001")
        publish_one(mosquitto, "weather/zz-broken", '{"id": "zz-broken", "temperature": 1}')
        suite.wait_for(lambda: browser.evaluate("document.querySelectorAll('#sensors tr').length") == 6, "a sixth sensor")
        publish_one(mosquitto, "weather/zz-broken", "{not json")
        suite.wait_for(lambda: browser.evaluate(first).endswith("zz-broken"), lambda: browser.evaluate(first))
        self.assertIn("rejecting", browser.evaluate("document.querySelector('#sensors td').textContent"))
        self.assertEqual(browser.complaints, [])

    def test_first_paint_within_200_ms_and_40_kib(self):
        self.publish(10)
        browser = self.open()
        paints = []
        while len(paints) < 6 or (min(paints) >= 200 and len(paints) < 30):  # the best: tests share their machine
            began, wall = fair_clock.seconds(), time.monotonic()
            self.visit(browser)
            paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
            painted = suite.wait_for(lambda: browser.evaluate(paint), "a first paint")
            paints.append(painted * (fair_clock.seconds() - began) / (time.monotonic() - wall))  # the browser measures by the wall
        print(f"first contentful paint: {', '.join(f'{paint:.0f}' for paint in paints)} ms", flush=True)
        self.assertLess(min(paints), 200)
        sizes = {path: len(gzip.compress(self.gateway.get(path).encode())) for path in ("/", "/app.css", "/app.js", "/live.json")}
        print(f"bytes by gzip: {sizes}", flush=True)
        self.assertLessEqual(sum(sizes.values()), 40 << 10)

    def test_fits_320_pixels_and_reads_without_javascript(self):
        self.publish(10)
        for scripts in (True, False):
            browser = self.open(scripts=scripts, width=320)
            self.assertLessEqual(browser.evaluate("document.documentElement.scrollWidth"), 320)
            self.assertTrue(browser.text("sentence").startswith("Online"))
            self.assertEqual(browser.evaluate("document.querySelectorAll('#sensors tr').length"), 5)
            self.assertIn("temperature", browser.evaluate("document.querySelector('#sensors td.value').textContent"))
            self.assertEqual(browser.complaints, [])

    def test_contrast_is_enough_in_both_themes_and_every_state(self):
        self.publish(10)
        browser = self.open()
        script = (HERE / "accessibility.js").read_text()
        for scheme in ("light", "dark"):
            browser.emulate(prefers_color_scheme=scheme)
            self.visit(browser)
            for state in ("ok", "warning", "critical"):
                browser.evaluate(f"document.getElementById('verdict').className = 'verdict {state}'")
                found = browser.evaluate(script)
                self.assertGreater(found["texts"], 50)
                self.assertEqual(found["low"], [], f"{scheme}, {state}")
            self.shot(browser, scheme)

    def test_is_there_for_screen_readers_and_keyboards(self):
        self.publish(10)
        browser = self.open()
        nodes = browser.accessible()
        roles = [role for role, _ in nodes]
        for landmark in ("banner", "main", "contentinfo"):
            self.assertEqual(roles.count(landmark), 1, landmark)
        for role in ("region", "image", "link", "columnheader", "rowheader"):
            names = [name for this, name in nodes if this == role]
            self.assertTrue(names, role)
            self.assertNotIn("", names, f"a {role} without a name")
        self.assertEqual(browser.evaluate("document.documentElement.lang"), "en")
        self.assertEqual(browser.evaluate("document.querySelectorAll('[aria-live]').length"), 1)
        levels = browser.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
        self.assertEqual(levels[0], 1)
        self.assertTrue(all(after - before <= 1 for before, after in zip(levels, levels[1:])), levels)
        low = browser.evaluate("[...document.querySelectorAll('a')].filter((a) => a.getBoundingClientRect().height < 24).length")
        self.assertEqual(low, 0, "targets smaller than 24 pixels")

        reached = set()
        for _ in range(12):
            browser.press("Tab")
            reached.add(browser.evaluate("document.activeElement.tagName"))
            if browser.evaluate("document.activeElement !== document.body"):
                self.assertNotEqual(browser.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "none")
        self.assertIn("A", reached)

    def test_moves_nothing_for_those_who_do_not_want_it(self):
        self.publish(10)
        browser = self.open()
        running = "document.getAnimations().filter((a) => a.playState === 'running').length"
        browser.emulate(prefers_reduced_motion="reduce")
        self.visit(browser)
        self.assertEqual(browser.evaluate(running), 0)
        browser.emulate(prefers_reduced_motion="no-preference")
        self.visit(browser)
        self.assertGreater(browser.evaluate(running), 0)

    def test_a_script_from_elsewhere_and_an_inline_one_are_blocked(self):
        """That `complaints` of the other tests can be anything but empty."""
        browser = self.open()
        with contextlib.suppress(AssertionError):
            browser.evaluate("""{ const s = document.createElement("script"); s.textContent = "window.ran = 1";
                                  document.body.append(s); }""")
        self.assertIsNone(browser.evaluate("window.ran"))
        suite.wait_for(lambda: browser.evaluate("1") and browser.complaints, "the browser complains")
        self.assertRegex(browser.complaints[0], "Content Security Policy")


class Elsewhere(unittest.TestCase):
    """On every address of the machine: over TLS, for those who know a name and a password."""

    NAME = "pi.test"

    def setUp(self):
        kafka.start()
        kafka.create_topic("page_elsewhere")
        self.gateway = Gateway(mosquitto, kafka.bootstrap, "page_elsewhere")
        self.folder = self.gateway.folder
        self.port = int(self.gateway.url.rsplit(":", 1)[1])
        self.certify(90)
        self.allow("secret")
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text.replace(
            f'listen = "127.0.0.1:{self.port}"',
            f'listen = "0.0.0.0:{self.port}"\nhosts = ["{self.NAME}"]\ncert_file = "{self.folder}/page.pem"\n'
            f'key_file = "{self.folder}/page.key"\nusers_file = "{self.folder}/users"'))
        self.gateway.start()
        self.addCleanup(self.gateway.kill9)

    def certify(self, days):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        str(days), "-subj", f"/CN={self.NAME}", "-addext", f"subjectAltName=DNS:{self.NAME},IP:127.0.0.1",
                        "-keyout", self.folder / "page.key", "-out", self.folder / "page.pem"], check=True, capture_output=True)

    def allow(self, password):
        digest = subprocess.run(["openssl", "passwd", "-6", password], check=True, capture_output=True, text=True).stdout
        (self.folder / "users").write_text(f"# who may look\nguest:{digest}")

    def ask(self, path="/", *more, user="guest:secret", scheme="https", host=NAME):
        """The answer's code, and its text."""
        done = subprocess.run(["curl", "--silent", "--max-time", "20", "--cacert", self.folder / "page.pem", "--resolve",
                               f"{host}:{self.port}:127.0.0.1", "--write-out", "\n%{http_code}", *(["-u", user] if user else []),
                               *more, f"{scheme}://{host}:{self.port}{path}"], capture_output=True, text=True, timeout=30)
        text, code = done.stdout.rsplit("\n", 1)
        return int(code), text

    def test_serves_who_knows_the_password_and_nobody_else(self):
        code, page = self.ask()
        self.assertEqual(code, 200)
        self.assertIn("Weather Gateway", page)
        for path in ("/metrics", "/api/v1/status", "/healthz", "/live.json", "/app.js"):
            self.assertEqual(self.ask(path)[0], 200, path)
            code, text = self.ask(path, user=None)
            self.assertEqual(code, 401, path)
            self.assertEqual(text, "A name and a password are needed.\n")
        for path in ("/sensor?id=x", "/chart.svg?id=x&quantity=temperature"):
            self.assertEqual(self.ask(path)[0], 404, path)
            self.assertEqual(self.ask(path, user=None)[0], 401, path)
        self.assertEqual(self.ask(user="guest:wrong")[0], 401)
        self.assertEqual(self.ask(user="root:secret")[0], 401)
        self.assertEqual(self.ask(scheme="http")[0], 0, "nothing without TLS")
        self.assertEqual(self.ask("/", "-H", "Host: evil.example")[0], 403)
        self.assertEqual(self.ask("/", "-H", f"Origin: http://{self.NAME}:{self.port}")[0], 403)
        self.assertEqual(self.ask("/", "-H", f"Origin: https://{self.NAME}:{self.port}")[0], 200)
        self.assertEqual(self.ask("/api/v1/pause", "-X", "POST")[0], 403, "acting is for the control socket")
        self.assertEqual(run("status", "-c", self.gateway.config).returncode, 0, "which asks for no password")

    def test_holds_off_who_guesses_and_goes_on_serving_who_is_in(self):
        self.assertEqual(self.ask()[0], 200)
        codes = [self.ask(user=f"guest:wrong{n}")[0] for n in range(7)]
        self.assertEqual(codes, [401] * 5 + [429] * 2)
        self.assertRegex(self.ask("/", "-i", user="guest:wrong")[1], r"(?i)retry-after: [12]\b")
        self.assertEqual(self.ask()[0], 200)
        self.assertNotIn("wrong", self.gateway.process.output())

    def test_a_flood_of_handshakes_is_cut_short(self):
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        done, began = 0, time.monotonic()
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                anybody.wrap_socket(connection).close()
                done += 1
        took = time.monotonic() - began
        print(f"{done} of 200 handshakes in {took:.1f} s", flush=True)
        self.assertGreaterEqual(done, 40)
        self.assertLessEqual(done, 41 + 10 * took)
        publish_one(mosquitto, "weather/roof", '{"id":"meanwhile","temperature":5}')
        suite.wait_for(lambda: self.ask()[0] == 200, "served again")

    def test_is_live_in_a_browser(self):
        browser = Browser(self.folder, arguments=f'--host-resolver-rules="MAP {self.NAME} 127.0.0.1" --ignore-certificate-errors')
        self.addCleanup(browser.close)
        there = "document.getElementById('verdict') ? 'page' : document.body?.textContent"
        browser.open(f"https://{self.NAME}:{self.port}/")
        suite.wait_for(lambda: browser.evaluate(there) != "page", "it is asked for a password")
        # Once in the address, then the browser knows it, as after its own dialogue.
        browser.open(f"https://guest:secret@{self.NAME}:{self.port}/")
        suite.wait_for(lambda: browser.evaluate(there) == "page", lambda: browser.evaluate(there))
        browser.open(f"https://{self.NAME}:{self.port}/")
        suite.wait_for(lambda: browser.evaluate("document.documentElement?.dataset.live") == "yes", "it hears from the gateway")
        publish_one(mosquitto, "weather/roof", '{"id":"over-tls","temperature":5}')
        suite.wait_for(lambda: "over-tls" in (browser.text("sensors") or ""), "a new sensor shows by itself")
        self.assertRegex(browser.text("certificate"), r"✓ (89|90) days left: web.cert_file")
        self.assertEqual(browser.complaints, [])
        self.assertEqual(browser.evaluate("document.cookie"), "")

    def test_takes_a_renewed_certificate_and_new_users_without_a_restart(self):
        def served():
            return ssl.get_server_certificate(("127.0.0.1", self.port))

        def told():
            return json.loads(self.ask("/api/v1/status")[1])["certificates"][0]
        self.assertIn(told()["days_left"], (89, 90))
        before = served()
        self.certify(7)
        self.allow("changed")
        done = run("reload", "--json", "-c", self.gateway.config)
        self.assertEqual(json.loads(done.stdout)["applied"], ["web (files)"], done.stdout)
        self.assertNotEqual(served(), before)
        self.assertEqual(self.ask()[0], 401, "the old password")
        code, metrics = self.ask("/metrics", user="guest:changed")
        self.assertEqual(code, 200)
        ends = re.search(r'certificate_expiry_timestamp_seconds\{certificate="web.cert_file"\} (\S+)', metrics)
        self.assertLess(abs(float(ends.group(1)) - time.time() - 7 * 86400), 120)
        self.assertIn("days left", run("status", "-c", self.gateway.config).stdout)
        self.assertRegex(run("check", "--offline", "-c", self.gateway.config).stdout, "warning  certificate +web.cert_file")

        (self.folder / "page.pem").write_text("no certificate\n")
        refused = run("check", "--offline", "-c", self.gateway.config)
        self.assertEqual(refused.returncode, 78)
        self.assertIn("web.cert_file", refused.stderr)
        done = run("reload", "--json", "-c", self.gateway.config)
        self.assertEqual(done.returncode, 78)
        self.assertIn("web.cert_file", json.loads(done.stdout)["faults"][0])
        self.assertIn("BEGIN CERTIFICATE", served(), "what was read before is in use")


if __name__ == "__main__":
    suite.main()
