"""A throw-away machine with a real systemd as PID 1, in namespaces: where the package is installed."""

import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import unittest

from harness import suite
from harness.process import Process

SCRIPT = pathlib.Path(__file__).resolve().parent / "boot-machine"
CGROUPS = pathlib.Path("/sys/fs/cgroup")
SERVICE = "weather-gateway.service"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def what_is_missing():
    """Why a machine cannot be booted here, as a sentence; empty if it can."""
    if os.geteuid() != 0:
        return "run this as root: it needs mount and process namespaces"
    if not pathlib.Path("/lib/systemd/systemd").exists():
        return "the package systemd is not installed"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--cgroup", "mount", "-t", "tmpfs", "tmpfs",
                            "/mnt"], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"namespaces or mounts are not allowed here: {tried.stderr.strip()}"
    if not os.access(memory_groups(), os.W_OK):
        return f"{memory_groups()}: no memory controller of cgroups to write to"
    return ""


def enter_own_network(*more):
    """Starts this program again in a network of its own, loopback only: the gateway, mosquitto and Kafka can have the
    ports that the manual gives them, whatever else runs here. `more`: further options of unshare."""
    if os.environ.get("WEATHER_OWN_NETWORK") != str(os.getpid()):
        os.environ["WEATHER_OWN_NETWORK"] = "1" if "--pid" in more else str(os.getpid())  # exec keeps it
        os.execvp("unshare", ["unshare", "--net", *more, "--", sys.executable, "-B", *sys.argv])
    with socket.socket() as any_socket:
        get_flags, set_flags, up = 0x8913, 0x8914, 1
        flags = struct.unpack_from("H", fcntl.ioctl(any_socket, get_flags, struct.pack("16sH14x", b"lo", 0)), 16)[0]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def hierarchies():
    """Where control groups are made: one place with cgroup v2, one for each controller with v1."""
    return [CGROUPS] if (CGROUPS / "cgroup.controllers").exists() else [p.parent for p in CGROUPS.glob("*/cgroup.procs")
                                                                       if not p.parent.is_symlink()]


def memory_groups():
    return CGROUPS if hierarchies() == [CGROUPS] else CGROUPS / "memory"


class Machine:
    def __init__(self):
        self.folder = suite.folder("machine")
        name = f"weather-gateway-test-{os.getpid()}-{self.folder.name}"
        self._groups = [place / name for place in hierarchies()]
        self._process = Process([SCRIPT, self.folder, *self._groups], self.folder.with_suffix(".log"))
        unittest.addModuleCleanup(self.stop)
        for group in self._groups:
            _make(group)
        self._process.start()
        suite.wait_for(self._booted, lambda: f"systemd is up: {self._process.output()}", 30)

    def _booted(self):
        assert self._process.running(), f"the machine ended: {self._process.output()}"
        children = pathlib.Path(f"/proc/{self._process.child.pid}/task/{self._process.child.pid}/children").read_text().split()
        self._init = children[0] if children else None
        return self._init and self.call("systemctl", "is-active", "basic.target").stdout == "active\n"

    def stop(self):
        self._process.kill9()
        for top in self._groups:
            for group in sorted([top, *top.rglob("*/")], reverse=True) if top.exists() else []:
                suite.wait_for(lambda g=group: _gone(g), f"{group} is empty")
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *command, **options):
        """Runs a command inside to its end; the result of subprocess.run with text output."""
        options = {"timeout": 120, "capture_output": True, "text": True, **options}
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        return subprocess.run(["nsenter", "-t", self._init, "--root", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--",
                               "env", "-i", f"PATH={PATH}", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
                              **options)

    def run(self, *command, **options):
        """The same for a command that must succeed; its output."""
        done = self.call(*command, **options)
        assert done.returncode == 0, f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.journal()}"
        return done.stdout

    def write(self, path, content, mode="644"):
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, **({"input": content} if isinstance(content, str) else
                                                                      {"input": content, "text": False}))

    def install(self, package, *options):
        """`apt install ./weather-gateway.deb`, as the manual says it."""
        self.write("/root/weather-gateway.deb", package.read_bytes())
        return self.run("apt-get", "install", "-y", *options, "/root/weather-gateway.deb")

    def state(self):
        return self.call("systemctl", "is-active", SERVICE).stdout.strip()

    def show(self, name):
        return self.run("systemctl", "show", "-P", name, SERVICE).strip()

    def main_pid(self):
        return int(self.show("MainPID"))

    def journal(self):
        return self.call("journalctl", "--no-pager", "-o", "cat", "-u", SERVICE).stdout

    def memory_group(self):
        """The service's own memory group, as seen from outside the machine."""
        return memory_groups() / self._groups[0].name / "system.slice" / SERVICE


def _make(group):
    group.mkdir()
    if group.parent == CGROUPS:
        (CGROUPS / "cgroup.subtree_control").write_text("+memory")
    for name in ("cpuset.cpus", "cpuset.mems"):  # v1: a new group of this controller has none and takes no process
        if (group / name).exists():
            (group / name).write_text((group.parent / name).read_text())


def _gone(group):
    try:
        group.rmdir()
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True
