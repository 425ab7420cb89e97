"""A relay from where nothing but a proxy can be reached and no name resolves: to a gateway whose name only the proxy knows."""

import json
import os
import unittest

from harness import expect, suite
from harness.gateway import PROGRAM, Gateway
from harness.kafka import Kafka
from harness.real_proxies import Island, Microsocks, Squid
from harness.relay import Tls

SITE = "site.island.test"
LOGIN = {"user": "islander", "password": "hunter2hunter2"}


def setUpModule():
    global kafka, island, tls, server
    kafka = Kafka().start()
    island = Island({SITE: "127.0.0.1"})
    tls = Tls(suite.folder("tls"))
    server = tls.issue("named", f"subjectAltName=DNS:{SITE}")


class Proxied(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        self.port = suite.free_port()
        self.receiver = Gateway(None, kafka.bootstrap, self.topic, f"""
[[http]]
listen = "127.0.0.1:{self.port}"
relay = true
hosts = ["{SITE}"]
tokens_file = "{tls.tokens}"
{server}""")
        self.addCleanup(self.receiver.kill9)
        self.receiver.start(wait=False)
        self.receiver.answers()
        self.sent = 0

    def sender(self, proxy, more="", host=SITE):
        secret = suite.folder("secret") / "password"
        secret.write_text(LOGIN["password"] + "\n")
        secret.chmod(0o600)
        login = f'username = "{proxy.user}"\npassword_file = "{secret}"\n' if proxy.user else ""
        gateway = Gateway(None, "127.0.0.1:1", self.topic, f"""
[kafka.proxy]
url = "{proxy.url}"
{login}
[[route]]
name = "site"
to = "https://{host}:{self.port}"
ca_file = "{tls.ca}"
token_file = "{tls.token}"
{more}""")
        gateway.process.command[:0] = island.inside()
        self.addCleanup(gateway.kill9)
        return gateway

    def start(self, gateway):
        gateway.start(wait=False)
        gateway.answers()
        return gateway

    def send(self, gateway, count):
        gateway.send(range(self.sent, self.sent + count))
        self.sent += count

    def everything_arrives(self, gateway):
        suite.wait_for(lambda: kafka.count(self.topic) >= self.sent, lambda: f"{self.sent} records: {gateway.route('site')}", every=0.3)
        expect.everything_arrived(self, kafka.records(self.topic), {"roof": list(range(self.sent))})

    def checked(self, gateway):
        """What `check` says of the relay."""
        done = island.run(PROGRAM, "check", "--json", "-c", gateway.config, env=os.environ)
        return next(one for one in json.loads(done.stdout)["checks"] if one["check"].startswith("relay "))

    def waits_for(self, gateway, words):
        suite.wait_for(lambda: gateway.route("site")["state"] != "online" and words in gateway.route("site")["reason"],
                       lambda: f"{words}: {gateway.route('site')} {gateway.process.output()}", every=0.2)

    def delivers_over_an_outage_of_the_proxy(self, proxy):
        proxy.start()
        gateway = self.start(self.sender(proxy, "proxy = true"))
        self.assertEqual(self.checked(gateway)["grade"], "ok")
        self.send(gateway, 300)
        self.everything_arrives(gateway)
        proxy.stop()
        self.send(gateway, 300)
        self.waits_for(gateway, proxy.address)
        checked = self.checked(gateway)
        self.assertNotEqual(checked["grade"], "ok")
        self.assertIn(f"{proxy.address}:{proxy.port}", checked["text"])
        proxy.start()
        self.everything_arrives(gateway)
        self.assertEqual(len(kafka.records(self.topic)), self.sent)
        self.assertEqual(gateway.terminate()[0], 0)
        self.assertNotIn(LOGIN["password"], gateway.process.output())

    def test_by_http_connect_with_a_log_in(self):
        self.delivers_over_an_outage_of_the_proxy(Squid(island, **LOGIN))

    def test_by_socks(self):
        self.delivers_over_an_outage_of_the_proxy(Microsocks(island))

    def test_a_proxy_that_does_not_let_it_through_is_told(self):
        proxy = Squid(island, forbidden=SITE).start()
        gateway = self.start(self.sender(proxy, "proxy = true"))
        self.send(gateway, 10)
        self.waits_for(gateway, "403")
        self.assertIn("403", self.checked(gateway)["text"])

    def test_without_the_key_it_goes_directly_and_a_name_between_is_verified(self):
        proxy = Squid(island).start()
        self.assertIn("cannot be looked up", self.checked(self.sender(proxy))["text"])
        other = self.sender(proxy, "proxy = true", host="localhost.island.test")
        island.hosts.write_text(island.hosts.read_text() + "127.0.0.1 localhost.island.test\n")
        proxy.stop()
        proxy.start()
        self.assertIn("no encrypted connection", self.checked(other)["text"])


if __name__ == "__main__":
    suite.main()
