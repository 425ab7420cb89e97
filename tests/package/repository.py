"""An apt repository made by `make apt-repository`, served on loopback, and a machine that has no other source of packages."""

import functools
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

import packages
from harness import suite
from machine import Machine

ADDRESS = "https://packages.example.net"  # as the documents call it


def own_gnupg():
    """From here on gpg keeps its keys in a folder of this test program, not in that of whoever runs it. Its sockets want a short path."""
    os.environ["GNUPGHOME"] = tempfile.mkdtemp()
    unittest.addModuleCleanup(shutil.rmtree, os.environ["GNUPGHOME"], ignore_errors=True)
    unittest.addModuleCleanup(subprocess.run, ["gpgconf", "--kill", "all"])


def publish(package, repository, key=""):
    """`make apt-repository` with a folder of this package alone; the result of subprocess.run with text output."""
    folder = suite.folder("deb")
    shutil.copy(package, folder)
    return subprocess.run(["make", "-s", "apt-repository", f"FROM={folder}", f"TO={repository}", f"KEY={key}"], cwd=packages.ROOT,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def add(package, repository, key=""):
    """The same where it must succeed; its output."""
    done = publish(package, repository, key)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def kept_key(repository):
    return repository.with_name(repository.name + "-key") / "secret-key.asc"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve(folder):
    """Serves a folder over HTTP until the module's tests are done; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    unittest.addModuleCleanup(server.server_close)
    unittest.addModuleCleanup(server.shutdown)
    return f"http://127.0.0.1:{server.server_port}"


def bare_machine():
    machine = Machine()
    machine.write("/etc/apt/apt.conf.d/99test", 'Acquire::http::Proxy "DIRECT";\nAcquire::Retries "0";\n')
    machine.run("sh", "-c", "rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*")
    return machine
