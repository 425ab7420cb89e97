"""Debian's proxies, and a network namespace in which nothing but a proxy can be reached and no name resolves."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import suite
from harness.process import Process


class Island:
    """A network namespace with one neighbour, this machine at `proxy_address`. The proxies run outside, with a hosts
    file of their own: what is in `names` only they can resolve."""

    def __init__(self, names):
        self.name = f"island-{os.getpid()}"
        block = 4 * (os.getpid() % 16000)
        self.proxy_address, self._address = (f"10.199.{block // 256}.{block % 256 + host}" for host in (1, 2))
        self.hosts = suite.folder("hosts") / "hosts"
        self.hosts.write_text("".join(f"{address} {name}\n" for name, address in {"localhost": "127.0.0.1", **names}.items()))
        etc = pathlib.Path("/etc/netns") / self.name
        etc.mkdir(parents=True)
        unittest.addModuleCleanup(lambda: [file.unlink() for file in etc.iterdir()] and etc.rmdir())
        (etc / "resolv.conf").write_text(f"nameserver {self.proxy_address}\noptions timeout:1 attempts:1\n")  # where nobody answers such questions
        (etc / "hosts").write_text("127.0.0.1 localhost\n")
        self._ip("netns", "add", self.name)
        unittest.addModuleCleanup(self._ip, "netns", "del", self.name)
        self._outer = f"isl{os.getpid()}"
        self._ip("link", "add", self._outer, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        self._ip("address", "add", f"{self.proxy_address}/30", "dev", self._outer)
        self._ip("link", "set", self._outer, "up")
        self._ip("-n", self.name, "address", "add", f"{self._address}/30", "dev", "eth0")
        for device in ("lo", "eth0"):
            self._ip("-n", self.name, "link", "set", device, "up")

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True, timeout=30)

    def connected(self, yes):
        """Without it, everything that is sent is lost, and nobody is told."""
        self._ip("link", "set", self._outer, "up" if yes else "down")

    def inside(self, *command):
        """The command line that runs `command` there."""
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def run(self, *command, **options):
        return subprocess.run(self.inside(*command), **{"capture_output": True, "text": True, "timeout": 90,
                                                        "stdin": subprocess.DEVNULL, **options})


class RealProxy:
    """One of Debian's proxies on a port of the island's neighbour. Keeps its port over restarts."""

    scheme = "http"

    def __init__(self, island, user=None, password=None, **settings):
        self.island, self.user, self.password = island, user, password
        self.port = suite.free_port()
        self.address = island.proxy_address
        self.folder = self._make_folder()
        self.url = f"{self.scheme}://{self.address}:{self.port}"
        # With a hosts file of its own.
        self.process = Process(
            ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', island.hosts,
             *self.command(**settings)], self.folder / "log")
        unittest.addModuleCleanup(self.process.kill9)

    def _make_folder(self):
        return suite.folder(type(self).__name__.lower())

    def start(self):
        self.process.start()
        suite.wait_for(self._answers, lambda: f"{self.url} answers: {self.process.output()}", every=0.1)
        return self

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex((self.address, self.port)) == 0

    def stop(self):
        self.process.kill9()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


class Squid(RealProxy):
    def _make_folder(self):
        """Where one may look who has given up being root, as it does."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="squid-"))
        unittest.addModuleCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        return folder

    def command(self, forbidden="none.invalid"):
        login = ""
        if self.user:
            crypted = subprocess.run(["openssl", "passwd", "-apr1", self.password], check=True, capture_output=True, text=True)
            users = self.write("users", f"{self.user}:{crypted.stdout}")
            login = (f"auth_param basic program /usr/lib/squid/basic_ncsa_auth {users}\nauth_param basic children 1\n"
                     "acl known proxy_auth REQUIRED\nhttp_access deny !known\n")
        return ["squid", "-N", "-f", self.write("squid.conf", f"""\
http_port {self.address}:{self.port}
acl forbidden dstdomain {forbidden}
http_access deny forbidden
{login}http_access allow all
hosts_file /etc/hosts
cache deny all
access_log none
cache_log /dev/null
visible_hostname island
netdb_filename none
pid_filename none
coredump_dir {self.folder}
shutdown_lifetime 0 seconds
via off
""")]


class Tinyproxy(RealProxy):
    def command(self, idle_seconds=600):
        login = f"BasicAuth {self.user} {self.password}\n" if self.user else ""
        return ["tinyproxy", "-d", "-c", self.write("tinyproxy.conf", f"""\
Port {self.port}
Listen {self.address}
Timeout {idle_seconds}
MaxClients 100
LogLevel Error
{login}""")]


class Microsocks(RealProxy):
    scheme = "socks5h"

    def command(self):
        login = ["-u", self.user, "-P", self.password] if self.user else []
        return ["microsocks", "-i", self.address, "-p", self.port, *login]


class EncryptedTinyproxy(Tinyproxy):
    """socat before it takes TLS."""

    scheme = "https"

    def __init__(self, island, certificate, key, **settings):
        super().__init__(island, **settings)
        self._inner = self.port
        self.port = suite.free_port()
        self.url = f"https://{self.address}:{self.port}"
        self._front = Process(
            ["socat", f"OPENSSL-LISTEN:{self.port},bind={self.address},cert={certificate},key={key},verify=0,fork,reuseaddr",
             f"TCP:{self.address}:{self._inner}"], self.folder / "front.log")
        unittest.addModuleCleanup(self._front.kill9)

    def start(self):
        if not self._front.running():
            self._front.start()
        return super().start()
