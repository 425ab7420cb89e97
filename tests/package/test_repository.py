"""docs/packages.md is true: a repository of two versions, added, installed and upgraded from as a user does; what the
publisher did not sign is refused."""

import gzip
import pathlib
import re
import shutil
import subprocess
import unittest

import packages
from harness import suite
from machine import enter_own_network, what_is_missing
from repository import ADDRESS, add, bare_machine, kept_key, own_gnupg, publish, serve

SUDO = '#!/bin/sh\nexec "$@"\n'
OLD, NEW = "0.1.0~test1", "0.1.0~test2"
RELEASE = re.search(r"^VERSION_CODENAME=(\w+)$", pathlib.Path("/etc/os-release").read_text(), re.MULTILINE).group(1)
LISTS = f"dists/{RELEASE}"
ARCHITECTURE = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def setUpModule():
    global old, new, served, key, stranger
    missing = what_is_missing()
    if missing:
        raise RuntimeError(f"the package cannot be installed in a test machine: {missing}")
    own_gnupg()
    old = packages.pack("~test1").wait()
    new = packages.repack(old, NEW)
    served = suite.folder("served") / "apt"
    add(old, served)
    key = suite.folder("key") / "secret.asc"
    shutil.copy(kept_key(served), key)
    # Who calls himself the same and has a key of his own.
    stranger = suite.folder("stranger") / "apt"
    add(old, stranger)


def blocks():
    return re.findall(r"^```sh\n(.*?)^```$", (packages.ROOT / "docs/packages.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def fingerprint(file):
    shown = subprocess.run(["gpg", "--show-keys", "--with-colons", file], capture_output=True, text=True, check=True).stdout
    return re.search(r"^fpr:+(\w+):$", shown, re.MULTILINE).group(1)


class Publisher(unittest.TestCase):
    def setUp(self):
        self.repository = suite.folder("publisher") / "apt"

    def refused(self, why, package, key=""):
        before = self.files()
        done = publish(package, self.repository, key)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(why, done.stderr)
        self.assertEqual(self.files(), before)

    def files(self):
        return {path: path.read_bytes() for path in self.repository.rglob("*") if path.is_file()}

    def listed(self, release=RELEASE):
        """The versions that apt is told of, in both forms of the list."""
        place = self.repository / "dists" / release / "main" / f"binary-{ARCHITECTURE}"
        plain = (place / "Packages").read_text()
        self.assertEqual(gzip.decompress((place / "Packages.gz").read_bytes()).decode(), plain)
        return re.findall(r"^Version: (.*)$", plain, re.MULTILINE)

    def test_a_key_that_was_made_is_told_kept_apart_and_used_again(self):
        kept = kept_key(self.repository)
        self.assertIn(f"no KEY= given, so a signing key was made: {kept}", add(old, self.repository))
        self.assertEqual((kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777), (0o600, 0o700))
        self.assertFalse([path for path, content in self.files().items() if b"PRIVATE" in content])
        first = fingerprint(self.repository / "weather-gateway.asc")
        said = add(new, self.repository)
        self.assertNotIn("was made", said)
        self.assertIn(f"is signed by {first}", said)
        self.assertEqual(self.listed(), [OLD, NEW])
        for taken_back in self.repository.glob(f"pool/*/*{NEW}*"):
            taken_back.unlink()
        add(old, self.repository)
        self.assertEqual(self.listed(), [OLD])
        kept.unlink()
        self.refused(f"is signed by {first}", new)

    def test_signs_with_a_file_of_a_key_or_with_the_id_of_one(self):
        add(old, self.repository, key)
        self.assertFalse(kept_key(self.repository).exists())
        self.assertEqual(fingerprint(self.repository / "weather-gateway.asc"), fingerprint(key))
        subprocess.run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "other@example.net", "ed25519",
                        "sign", "never"], check=True)
        said = add(new, self.repository, "other@example.net")
        self.assertIn(f"it was signed by {fingerprint(key)} before", said)
        verified = subprocess.run(["gpg", "--verify", self.repository / LISTS / "Release.gpg", self.repository / LISTS / "Release"],
                                  capture_output=True)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.refused("no secret key in 'nobody@example.net'", new, "nobody@example.net")

    def test_a_published_version_is_not_replaced_by_other_bytes(self):
        add(old, self.repository, key)
        self.refused("differs from the one of this version", packages.repack(old, OLD), key)

    def test_the_version_says_which_release_a_package_is_for(self):
        for version in ("0.1.0~deb12u1", "0.1.0~deb13u1"):
            add(packages.repack(old, version), self.repository, key)
        for release, version in (("bookworm", "0.1.0~deb12u1"), ("trixie", "0.1.0~deb13u1")):
            self.assertEqual(self.listed(release), [version])


class User(unittest.TestCase):
    """A machine whose only source of packages is the repository, over loopback."""

    @classmethod
    def setUpClass(cls):
        cls.address = serve(served)

    def setUp(self):
        self.machine = bare_machine()
        self.addCleanup(self.machine.stop)
        self.machine.write("/usr/local/bin/sudo", SUDO, "755")

    def type(self, block):
        return self.machine.call("bash", "-euo", "pipefail", "-c", block.replace(ADDRESS, self.address))

    def works(self, block):
        done = self.type(block)
        self.assertEqual(done.returncode, 0, f"{block}\n{done.stdout}\n{done.stderr}")

    def installed(self):
        return self.machine.call("dpkg-query", "-W", "-f", "${Version}", "weather-gateway").stdout

    def refused(self, block, why):
        """Where apt has good lists of before it says why, goes on with those and may end with 0: what counts is what is installed."""
        before = self.installed()
        done = self.type(block)
        self.assertRegex(done.stdout + done.stderr, why)
        self.assertEqual(self.installed(), before)

    def test_installs_the_older_upgrades_to_the_newer_and_refuses_what_the_publisher_did_not_sign(self):
        install, upgrade = blocks()
        public = served / "weather-gateway.asc"
        own = public.read_bytes()
        public.write_bytes((stranger / public.name).read_bytes())
        self.refused(install, "NO_PUBKEY|Missing key")
        public.write_bytes(own)
        self.works(install)
        self.assertEqual((self.installed(), self.machine.state()), (OLD, "active"))
        add(new, served)

        packed, plain = (served / LISTS / f"main/binary-{ARCHITECTURE}" / name for name in ("Packages.gz", "Packages"))
        good = {path: path.read_bytes() for path in (packed, plain, served / LISTS / "InRelease", served / LISTS / "Release.gpg")}
        # One byte of the lists: the sum of another package.
        changed = bytearray(good[plain])
        at = changed.index(b"SHA256: ") + len("SHA256: ")
        changed[at] = ord("0") if changed[at] != ord("0") else ord("1")
        plain.write_bytes(changed)
        packed.write_bytes(gzip.compress(changed))
        self.refused(upgrade, "unexpected size|Hash Sum mismatch")
        # Lists that nobody signed.
        for path, content in good.items():
            path.write_bytes(content)
        for name in ("InRelease", "Release.gpg"):
            (served / LISTS / name).unlink()
        self.refused(upgrade, "is not signed|no longer signed")
        # Lists signed by the stranger.
        add(new, served, kept_key(stranger))
        self.refused(upgrade, "NO_PUBKEY|Missing key")
        # A package with other bytes than the lists say.
        add(new, served, key)
        [package] = served.glob(f"pool/*/*{NEW}*.deb")
        whole = package.read_bytes()
        package.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        self.refused(upgrade, "Hash Sum mismatch")
        package.write_bytes(whole)

        self.works(upgrade)
        self.assertEqual((self.installed(), self.machine.state()), (NEW, "active"))
        self.assertEqual(re.findall(r"0\.1\.0\S+", self.machine.run("apt-cache", "madison", "weather-gateway")), [NEW, OLD])
        self.machine.run("apt-get", "install", "-y", "--allow-downgrades", f"weather-gateway={OLD}")
        self.assertEqual((self.installed(), self.machine.state()), (OLD, "active"))


if __name__ == "__main__":
    if not what_is_missing():
        enter_own_network()
    suite.main()
