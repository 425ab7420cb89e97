"""What fits on the page where, and how one finds a sensor among 300: in a real browser, without Kafka and MQTT."""

import json
import unittest
import urllib.request

from harness import suite
from harness.browser import Browser
from harness.gateway import Gateway, run


class Layout(unittest.TestCase):
    """What fits where: 300 sensors, long names and long errors, from a desk's screen to the smallest phone."""

    WIDTHS = (1280, 768, 390, 320)
    # Boxes whose content is wider than they are, and boxes that reach beyond the screen.
    CLIPPED = """(() => {
      const boxes = [...document.querySelectorAll("body, body *")].filter((box) => !box.closest("svg") && box.getClientRects().length);
      const name = (box) => `${box.tagName}.${box.className}#${box.id}`;
      return { boxes: boxes.length,
               clipped: boxes.filter((box) => box.clientWidth && box.scrollWidth > box.clientWidth)
                             .map((box) => `${name(box)} ${box.scrollWidth} > ${box.clientWidth}`),
               outside: boxes.filter((box) => box.getBoundingClientRect().right > innerWidth + 0.5 || box.getBoundingClientRect().left < 0).map(name),
               wide: document.documentElement.scrollWidth, high: document.documentElement.scrollHeight };
    })()"""
    LONG = "failed-to-reach-" + "kafka." * 60 + " because of " + "x" * 200
    # What the server would send if everything that can be long were long.
    WORST = """(() => {
      stop();
      const long = %s, many = (n, f) => Array.from({ length: n }, (_, i) => f(i));
      const texts = Object.fromEntries([...document.querySelectorAll("[id]")].filter((node) => !node.children.length && node.tagName !== "INPUT" && node.tagName !== "OPTION")
        .map((node) => [node.id, long.slice(0, 120)]));
      show({ texts: { ...texts, sentence: long }, classes: {}, labels: {}, routes: many(3, (i) => [i + long, "catching up", "12,345,678", "1234 ms", long]),
             brokers: many(2, (i) => [i + long, "✕ down", "1234 ms", "1234 ms"]), sources: many(4, (i) => [i + long, "✕ " + long, "123,456,789", "123,456", "12,345"]),
             events: many(20, () => ["2026-01-01T00:00:00Z", "error", long]), pager: [["← page 1", "/"], ["page 3 →", "/?page=3"]],
             sensors: many(25, (i) => ({ id: i + long, state: "✕ rejecting", class: "critical", value: long, age: "364 d 23 h",
                                         points: "0,21.0 118,3.0", label: long, scale: "apparent temperature indoor.channel_7 " + long.slice(0, 60) })),
             ages: many(25, () => "364 d 23 h"), order: many(25, (i) => i + long) });
    })()""" % json.dumps(LONG)

    def setUp(self):
        self.gateway = Gateway(None, "127.0.0.1:1", "topic_" + "with.a.long.name." * 8)
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text[:text.index("[[mqtt]]")] + text[text.index("[kafka]"):])
        self.gateway.start(wait=False)
        self.addCleanup(self.gateway.kill9)
        self.gateway.answers()
        names = [f"sensor-{i:03}" + ("-in-the-garden-" + "x" * 100 if i % 3 == 0 else "") for i in range(300)]
        lines = [json.dumps({"id": name, "temperature": 21.611111111111114, "humidity": 60.44444, "pressure": 1013.2499, "wind_speed": 3.14159,
                             "wind_direction": 271, "rain": 0.254, "place": "y" * 300}) for name in names]
        sent = run("send", "-c", self.gateway.config, "--file", "-", input="\n".join([*lines, "{not json " + "y" * 500]) + "\n")
        self.assertEqual(sent.returncode, 65, "one of them is undecodable: " + sent.stderr)

    def open(self, path="/", scripts=True, **options):
        browser = Browser(self.gateway.folder, **options)
        self.addCleanup(browser.close)
        browser.allow_scripts(scripts)
        browser.open(self.gateway.url + path)
        there = "document.documentElement?.dataset.live" if scripts else "document.querySelector('#sensors tr') && 'yes'"
        suite.wait_for(lambda: browser.evaluate(there) == "yes", "the page is there")
        suite.wait_for(lambda: browser.evaluate("document.readyState") == "complete", "its style is there too")
        return browser

    def assert_fits(self, browser, width, what):
        found = browser.evaluate(self.CLIPPED)
        self.assertGreater(found["boxes"], 100)
        self.assertEqual((found["clipped"], found["outside"], found["wide"]), ([], [], width), f"{what}, {width} px")
        return found["high"]

    def test_nothing_is_clipped_at_any_width_whatever_is_long(self):
        for scripts in (True, False):
            browser = self.open(scripts=scripts)
            for width in self.WIDTHS:
                browser.resize(width)
                high = self.assert_fits(browser, width, f"300 sensors, scripts: {scripts}")
                print(f"300 sensors at {width} px: {high} px high", flush=True)
                self.assertLess(high, 10_000)
        browser = self.open()
        browser.evaluate(self.WORST)
        for width in self.WIDTHS:
            browser.resize(width)
            self.assert_fits(browser, width, "everything is long")
        # That the look above finds what does not fit:
        browser.evaluate("document.querySelector('.cards td').append(Object.assign(document.createElement('pre'), { textContent: 'z'.repeat(500) }))")
        self.assertNotEqual(browser.evaluate(self.CLIPPED)["clipped"], [])
        self.assertEqual(browser.complaints, [])

    def test_can_be_put_on_a_home_screen(self):
        browser = self.open()
        with urllib.request.urlopen(browser.evaluate("document.querySelector('link[rel=manifest]').href"), timeout=10) as answer:
            self.assertEqual(answer.headers["Content-Type"], "application/manifest+json")
            self.assertIn("manifest-src 'self'", answer.headers["Content-Security-Policy"])
            manifest = json.loads(answer.read())
        self.assertEqual((manifest["name"], manifest["display"]), ("Weather Gateway", "standalone"))
        for icon in manifest["icons"]:
            with urllib.request.urlopen(self.gateway.url + icon["src"], timeout=10) as answer:
                self.assertEqual(answer.headers["Content-Type"], icon["type"])
            browser.evaluate(f"document.body.append(Object.assign(new Image(), {{ id: 'shown-icon', src: '{icon['src']}' }}))")
            suite.wait_for(lambda: (browser.evaluate("document.getElementById('shown-icon')?.naturalWidth ?? 0") or 0) >= 150, icon["src"])
            browser.evaluate("document.getElementById('shown-icon').remove()")
        self.assertEqual(browser.complaints, [])

    def test_sensors_come_first_on_a_phone(self):
        browser = self.open(width=390)
        top = "document.querySelector({!r}).getBoundingClientRect().top"
        self.assertLess(browser.evaluate(top.format("#sensors tr")), 500)
        self.assertLess(browser.evaluate(top.format("#sensors tr")), browser.evaluate(top.format(".flow")))
        browser.resize(1280)
        self.assertGreater(browser.evaluate(top.format("#sensors tr")), browser.evaluate(top.format(".flow")))

    def test_values_are_rounded_and_have_units(self):
        browser = self.open("/?find=sensor-001")
        self.assertEqual(browser.evaluate("document.querySelector('#sensors .value').textContent"),
                         "temperature 21.6 °C, humidity 60 %, pressure 1013.2 hPa, wind speed 3.1 m/s and 3 more")

    def test_finds_filters_and_turns_pages_with_and_without_a_script(self):
        count = "document.querySelectorAll('#sensors tr').length"
        browser = self.open()
        self.assertEqual(browser.evaluate(count), 25)
        self.assertEqual(browser.text("more"), "1 to 25 of 301")
        browser.evaluate("document.querySelector('#pager a').click()")
        suite.wait_for(lambda: browser.text("more") == "26 to 50 of 301", lambda: browser.text("more"))
        browser.evaluate("$('find').value = 'SENSOR-29'; $('find').dispatchEvent(new Event('input', { bubbles: true }))")
        suite.wait_for(lambda: browser.text("more") == "10 of 301", lambda: browser.text("more"))
        self.assertEqual(browser.evaluate(count), 10)
        self.assertEqual(browser.evaluate("location.search"), "?find=SENSOR-29", "it can be kept")
        browser.evaluate("$('find').value = ''; $('state').value = 'rejecting'; $('state').dispatchEvent(new Event('input', { bubbles: true }))")
        suite.wait_for(lambda: browser.text("more") == "1 of 301", lambda: browser.text("more"))
        self.assertEqual(browser.complaints, [])

        browser = self.open("/?find=SENSOR-2&page=2", scripts=False)
        self.assertEqual(browser.text("more"), "26 to 50 of 100 that match")
        self.assertEqual(browser.evaluate("document.getElementById('find').value"), "SENSOR-2")
        self.assertEqual(browser.evaluate("[...document.querySelectorAll('#pager a')].map((a) => a.getAttribute('href'))"),
                         ["/?find=SENSOR-2", "/?find=SENSOR-2&page=3"])


if __name__ == "__main__":
    suite.main()
