"""`make deb`, twice from nothing, each in a root of its own and without a compiler cache: the same bytes come out.

Each build ends with lintian --pedantic and hardening-check on the packaged program, and fails if they complain.
WEATHER_DEB_ARCH and WEATHER_DEB_SUITE: for another architecture or release than this machine's.
"""

import os
import pathlib
import subprocess
import unittest

from harness import suite

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build(name):
    """One build; its packages by name, and what it said."""
    folder = suite.folder(name)
    arch = os.environ.get("WEATHER_DEB_ARCH") or subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True,
                                                                check=True).stdout.strip()
    release = os.environ.get("WEATHER_DEB_SUITE", "")
    environment = {key: value for key, value in os.environ.items() if key != "WEATHER_ROOT_CACHE"}
    done = subprocess.run([ROOT / "cross/build-deb", arch, release, folder], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={**environment, "DEB_BUILD_OPTIONS": "nocheck"})
    assert done.returncode == 0, f"build-deb: exit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return {package.name: package for package in folder.glob("*.deb")}, done.stdout


class Deb(unittest.TestCase):
    def test_two_builds_from_nothing_give_the_same_bytes_of_a_hardened_program(self):
        (first, said), (second, _) = build("first"), build("second")
        self.assertEqual(set(first), set(second))
        self.assertEqual(len(first), 2, "the program and its debugging symbols")
        for name, package in first.items():
            self.assertEqual(package.read_bytes(), second[name].read_bytes(), name)
        for hardened in ("Position Independent Executable: yes", "Stack protected: yes", "Read-only relocations: yes",
                         "Immediate binding: yes", "Fortify Source functions: yes"):
            self.assertIn(hardened, said)


if __name__ == "__main__":
    suite.main()
