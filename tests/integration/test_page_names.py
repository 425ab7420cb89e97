"""Names given on the page: renamed and ignored sensors, by whom, where it is kept, and what happens where it cannot be."""

import base64
import json
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness import suite
from harness.browser import Browser
from harness.gateway import Gateway, run


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Names(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(None, "127.0.0.1:1")
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text[:text.index("[[mqtt]]")] + text[text.index("[kafka]"):])
        self.addCleanup(self.gateway.kill9)
        self.names = self.gateway.data / "names.toml"

    def start(self, login=True):
        if login:
            digest = subprocess.run(["openssl", "passwd", "-6", "secret"], check=True, capture_output=True, text=True).stdout
            (self.gateway.folder / "users").write_text(f"me:{digest}")
            text = self.gateway.config.read_text()
            self.gateway.config.write_text(text.replace("[web]\n", f'[web]\nusers_file = "{self.gateway.folder}/users"\n'))
        self.gateway.start(wait=False)
        self.gateway.answers()

    def say(self, *sensors):
        lines = [json.dumps({"id": sensor, "temperature": 20}) for sensor in sensors]
        sent = run("send", "-c", self.gateway.config, "--file", "-", input="\n".join(lines) + "\n")
        self.assertEqual(sent.returncode, 0, sent.stderr)

    def sensors(self):
        return sorted(sensor["id"] for sensor in json.loads(run("sensors", "--json", "-c", self.gateway.config).stdout)["sensors"])

    def ask(self, path, user="me:secret", origin=True, **form):
        """The answer's code, and its text; a form is sent as the page does."""
        headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()} if user else {}
        if origin:
            headers["Origin"] = self.gateway.url if origin is True else origin
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.gateway.url + path, data=body, headers=headers)
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_renamed_in_a_browser_and_called_so_everywhere(self):
        self.start()
        self.say("rtl_433:Nexus-TH:7", "shed")
        browser = Browser(self.gateway.folder)
        self.addCleanup(browser.close)
        browser.open(self.gateway.url.replace("//", "//me:secret@") + "/")
        suite.wait_for(lambda: browser.evaluate("document.readyState === 'complete' && Boolean(document.getElementById('find'))"), "it is let in")
        browser.open(self.gateway.url + "/sensor?id=rtl_433%3ANexus-TH%3A7")
        suite.wait_for(lambda: browser.evaluate("document.readyState === 'complete' && Boolean(document.querySelector('form input[name=name]'))"), "the form is there")
        browser.evaluate("document.querySelector('input[name=name]').value = 'Roof, \"north\" $1'; document.querySelector('button[value=rename]').click()")
        suite.wait_for(lambda: "not heard of yet" in (browser.text("name") or ""), lambda: browser.evaluate("document.body.textContent"))
        self.assertEqual(browser.complaints, [])
        self.assertEqual(self.sensors(), ["shed"], "no row of the old name stays")
        self.assertIn("least 20.0 °C", browser.evaluate("document.querySelector('figure').textContent"), "its chart has come with it")
        self.say("rtl_433:Nexus-TH:7")
        self.assertEqual(self.sensors(), ['Roof, "north" $1', "shed"])
        self.assertIn("Roof, &quot;north&quot; $1", self.ask("/")[1])
        # Renamed again, and back: by the id it comes with.
        self.assertEqual(self.ask("/sensor", id='Roof, "north" $1', act="rename", name="attic")[0], 303)
        self.say("rtl_433:Nexus-TH:7")
        self.assertEqual(self.sensors(), ["attic", "shed"])
        self.assertEqual(self.ask("/sensor", id="attic", act="rename", name="shed")[0], 409, "two sensors would be one")
        self.gateway.terminate()
        self.gateway.start(wait=False)
        self.gateway.answers()
        self.say("rtl_433:Nexus-TH:7")
        self.assertEqual(self.sensors(), ["attic", "shed"], "after a restart too")
        self.assertIn(str(self.names), run("config", "show", "--origin", "-c", self.gateway.config).stdout)

    def test_ignored_is_counted_and_heard_again(self):
        self.start()
        self.say("neighbour", "shed")
        self.assertEqual(self.ask("/sensor", id="neighbour", act="ignore")[0], 303)
        before = self.gateway.status()["log"]
        self.say("neighbour", "neighbour", "shed")
        self.assertEqual(self.sensors(), ["shed"])
        self.assertEqual(self.gateway.status()["log"]["durable"], before["durable"] + 1)
        page = self.ask("/")[1]
        self.assertIn('<a href="/sensor?id=neighbour">neighbour</a>', page)
        self.assertIn("Hear it again", self.ask("/sensor?id=neighbour")[1])
        self.assertEqual(self.ask("/sensor", id="neighbour", act="hear")[0], 303)
        self.say("neighbour")
        self.assertEqual(self.sensors(), ["neighbour", "shed"])

    def test_only_who_has_logged_in_and_only_from_the_page(self):
        self.start()
        self.say("shed")
        form = {"id": "shed", "act": "rename", "name": "evil"}
        self.assertEqual(self.ask("/sensor", user=None, **form)[0], 401)
        self.assertEqual(self.ask("/sensor", user="me:wrong", **form)[0], 401)
        for origin in (False, "null", "http://evil.example", self.gateway.url + "1"):
            self.assertEqual(self.ask("/sensor", origin=origin, **form)[0], 403, origin)
        self.assertEqual(self.ask("/sensor", id="shed")[0], 400)
        self.assertFalse(self.names.exists())
        self.assertEqual(self.sensors(), ["shed"])

    def test_without_a_login_it_says_what_to_do(self):
        self.start(login=False)
        self.say("shed")
        self.assertIn("users_file", self.ask("/sensor?id=shed", user=None)[1])
        code, text = self.ask("/sensor", user=None, id="shed", act="rename", name="roof")
        self.assertEqual(code, 403)
        self.assertIn("users_file", text)

    def test_named_or_ignored_in_the_configuration_leaves_no_row_of_the_id(self):
        self.start(login=False)
        self.say("shed1", "roof1", "hum", "cellar")
        with self.gateway.config.open("a") as file:
            file.write('\n[sensors.names]\nshed1 = "shed"\n[sensors.ignore]\nhum = "no weather"\n')
        reloaded = run("reload", "-c", self.gateway.config)
        self.assertEqual(reloaded.returncode, 0, reloaded.stderr)
        self.assertEqual(self.sensors(), ["cellar", "roof1"])
        self.say("shed1")
        self.assertEqual(self.sensors(), ["cellar", "roof1", "shed"])
        self.gateway.terminate()
        self.gateway.config.write_text(self.gateway.config.read_text().replace("shed1 = ", 'roof1 = "roof"\nshed1 = '))
        self.gateway.start(wait=False)
        self.gateway.answers()
        self.assertEqual(self.sensors(), ["cellar", "shed"], "at a start as well")
        # An id that is another sensor's name is heard of by that name.
        self.gateway.config.write_text(self.gateway.config.read_text().replace('shed1 = "shed"', 'shed1 = "shed"\nshed = "cellar"\ncellar = "deep"'))
        self.assertEqual(run("reload", "-c", self.gateway.config).returncode, 0)
        self.assertEqual(self.sensors(), ["cellar", "shed"])

    def test_where_it_cannot_be_kept_nothing_changes_and_it_says_what_to_do(self):
        self.start()
        self.say("shed")
        self.assertEqual(self.ask("/sensor", id="shed", act="rename", name="first")[0], 303)
        self.say("shed")
        kept = self.names.read_bytes()
        blocked = self.names.with_suffix(".toml.tmp")  # what is written before it is renamed
        blocked.mkdir()
        (blocked / "x").touch()
        code, text = self.ask("/sensor", id="first", act="rename", name="second")
        self.assertEqual(code, 500)
        self.assertIn("cannot be written", text)
        self.assertIn('[sensors.names]\n"shed" = "second"', text)
        self.assertIn("Nothing has changed", text)
        (blocked / "x").unlink()
        blocked.rmdir()
        self.assertEqual(self.names.read_bytes(), kept)
        # A configuration with faults is not read again, so the name is not kept either.
        good = self.gateway.config.read_text()
        self.gateway.config.write_text(good + "\n[nonsense]\n")
        code, text = self.ask("/sensor", id="first", act="rename", name="second")
        self.assertEqual(code, 500)
        self.assertIn("nonsense", text)
        self.assertEqual(self.names.read_bytes(), kept)
        self.gateway.config.write_text(good)
        self.names.write_text("nonsense")
        self.assertEqual(self.ask("/sensor", id="first", act="rename", name="second")[0], 500)
        self.assertEqual(self.names.read_text(), "nonsense")
        self.names.write_bytes(kept)
        self.say("shed")
        self.assertEqual(self.sensors(), ["first"])


if __name__ == "__main__":
    suite.main()
