"""The flashable image's card: written on another computer, taken over at a start, told of in STATUS.txt."""

import os
import pathlib
import shutil
import subprocess
import unittest

from harness import suite
from harness.gateway import Gateway, run

OFFSET = 4 << 20
CONFIG = """[gateway]\r
id = "{hostname}"\r
[kafka.properties]\r
"bootstrap.servers" = "{broker}:9092"\r
[[mqtt]]\r
url = "mqtt://127.0.0.1"\r
topics = ["weather/#"]\r
"""


def image(folder):
    """A disk as the image has it, its FAT partition empty, the others not made."""
    path = folder / "card.img"
    with open(path, "wb") as disk:
        disk.truncate(24 << 20)
    subprocess.run(["sfdisk", "-q", path], input="4MiB,16MiB,c,*\n20MiB,,83\n", text=True, check=True)
    subprocess.run(["mkfs.vfat", "-F", "16", "-n", "WEATHER", "--offset", str(OFFSET // 512), path, str(16 << 10)], check=True, capture_output=True)
    return path


def on_card(path, name):
    """The bytes of a file of its FAT partition."""
    return subprocess.run(["mtype", "-i", f"{path}@@{OFFSET}", f"::/{name}"], capture_output=True, check=True).stdout.decode()


class Configure(unittest.TestCase):
    def setUp(self):
        self.folder = suite.folder("cards")
        self.image = image(self.folder)
        self.config = self.folder / "c.toml"
        self.config.write_text(CONFIG.replace("{broker}", "10.0.0.1").replace("{hostname}", "roof"))

    def configure(self, *arguments, **options):
        return run("image", "configure", self.image, "--config", self.config, *arguments, timeout=900, **options)

    def test_one_card_gets_its_files_and_nothing_else_changes(self):
        before = self.image.read_bytes()
        (self.folder / "password").write_text("correct horse\r\n")
        (self.folder / "keys").write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJg0YjZkMzQ4ZGE5MjQ0ZjY4YWJkNmQ1ZTFkZmQ2 me\n")
        (self.folder / "kafka").write_text("s3cret")
        for _ in range(2):  # again: over what is there
            done = self.configure("--wifi", "Hof", "--wifi-password-file", self.folder / "password", "--country", "DE", "--hostname", "roof-1",
                                  "--authorized-keys", self.folder / "keys", "--secret", f"kafka={self.folder / 'kafka'}")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('id = "roof"', on_card(self.image, "weather-gateway.toml"))
        self.assertIn('password = "correct horse"', on_card(self.image, "network.toml"))
        self.assertEqual(on_card(self.image, "hostname.txt"), "roof-1\n")
        self.assertEqual(on_card(self.image, "secrets/kafka"), "s3cret")
        self.assertTrue(on_card(self.image, "authorized_keys").startswith("ssh-ed25519 "))
        after = self.image.read_bytes()
        self.assertEqual((before[:OFFSET], before[20 << 20:]), (after[:OFFSET], after[20 << 20:]))
        self.assertEqual(subprocess.run(["fsck.vfat", "-n", self.fat(after)], capture_output=True).returncode, 0)

    def fat(self, disk):
        path = self.folder / "fat"
        path.write_bytes(disk[OFFSET:20 << 20])
        return path

    def test_three_hundred_from_a_table(self):
        self.config.write_text(CONFIG)
        rows = "".join(f"roof-{n};Hof {n};secret-{n:04d};DE;10.0.{n // 250}.{n % 250}\r\n" for n in range(300))
        (self.folder / "hosts.csv").write_bytes(("\ufeffhostname;wifi_ssid;wifi_password;country;broker\r\n" + rows).encode())
        done = self.configure("--hosts", self.folder / "hosts.csv", "--out", self.folder / "out")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("300 images", done.stdout)
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()), sorted(f"roof-{n}.img" for n in range(300)))
        for n in (0, 7, 299):
            card = self.folder / "out" / f"roof-{n}.img"
            self.assertIn(f'id = "roof-{n}"', on_card(card, "weather-gateway.toml"))
            self.assertIn(f'password = "secret-{n:04d}"', on_card(card, "network.toml"))
        again = self.configure("--hosts", self.folder / "hosts.csv", "--out", self.folder / "out")
        self.assertEqual(again.returncode, 73, again.stderr)

    def test_every_fault_is_told_before_a_byte_is_written(self):
        before = self.image.read_bytes()
        (self.folder / "hosts.csv").write_text("hostname,wifi_ssid,wifi_password,country\n_,Hof,12345678,DE\nb,Hof,short,DE\n")
        done = self.configure("--hosts", self.folder / "hosts.csv", "--out", self.folder / "out")
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("hosts.csv:2: hostname", done.stderr)
        self.assertIn("hosts.csv:3: password", done.stderr)
        self.assertFalse((self.folder / "out").exists())
        self.config.write_text("[gatewai]\n")
        done = self.configure()
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("c.toml:1: gatewai", done.stderr)
        self.assertEqual(self.image.read_bytes(), before)

    def test_what_is_no_image_is_left_alone(self):
        unlike = self.folder / "other.img"
        for content in (b"", b"x" * 4096, self.image.read_bytes()[:OFFSET], self.image.read_bytes().replace(b"WEATHER    ", b"HOLIDAYS   ")):
            unlike.write_bytes(content)
            done = run("image", "configure", unlike, "--config", self.config)
            self.assertEqual(done.returncode, 66, done.stderr)
            self.assertEqual(unlike.read_bytes(), content)

    def test_without_mtools_its_package_is_named(self):
        done = self.configure(env={"PATH": "/nowhere"})
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("install the package mtools", done.stderr)


class Start(unittest.TestCase):
    def setUp(self):
        self.folder = suite.folder("start")
        self.card, self.run, self.state, self.led = (self.folder / name for name in ("card", "run", "state", "led"))
        for folder in (self.card, self.card / "secrets", self.led):
            folder.mkdir()
        for file in ("trigger", "delay_on", "delay_off"):
            (self.led / file).write_text("")
        (self.card / "weather-gateway.toml").write_text(CONFIG.replace("{broker}", "10.0.0.1").replace("{hostname}", "roof"))
        (self.card / "network.toml").write_bytes('country = "DE"\r\n[[wifi]]\r\nssid = "Hof"\r\npassword = "correct horse"\r\n'.encode("utf-16"))
        (self.card / "secrets" / "kafka.txt").write_text("s3cret\r\n")
        (self.card / "secrets" / "._kafka.txt").write_bytes(b"\0\5\x16\7")  # of macOS

    def apply(self):
        return run("image", "apply", "--card", self.card, "--run", self.run, "--state", self.state, "--led", self.led)

    def test_the_card_reaches_the_system_and_is_not_written_at_each_start(self):
        first = self.apply()
        self.assertEqual(first.returncode, 0, first.stdout + first.stderr)
        self.assertIn("secrets/kafka.txt was moved", first.stdout)
        self.assertEqual((self.run / "secrets" / "kafka").read_text(), "s3cret")
        self.assertEqual((self.state / "secrets" / "kafka").stat().st_mode & 0o777, 0o600)
        self.assertFalse((self.card / "secrets" / "kafka.txt").exists())
        self.assertNotIn("correct horse", (self.card / "network.toml").read_bytes().decode("utf-16"))
        self.assertIn("correct horse", (self.run / "wpa_supplicant-wlan0.conf").read_text())
        self.assertEqual((self.run / "network" / "20-wlan.network").stat().st_mode & 0o777, 0o644)
        self.assertEqual((self.card / "STATUS.txt").stat().st_size, 8192)
        self.assertIn("all good", (self.card / "STATUS.txt").read_text())
        self.assertEqual((self.led / "trigger").read_text(), "")
        self.assertEqual(self.apply().returncode, 0)  # nothing was moved: STATUS.txt says so no more
        before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in self.card.rglob("*") if path.is_file()}
        self.assertEqual(self.apply().returncode, 0)
        self.assertEqual(before, {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in self.card.rglob("*") if path.is_file()})

    def test_a_fault_is_on_the_console_in_status_and_at_the_led_and_the_last_good_runs(self):
        self.apply()
        good = (self.run / "weather-gateway.toml").read_text()
        (self.card / "weather-gateway.toml").write_text("[gateway]\r\nid = 7\r\n")
        done = self.apply()
        self.assertEqual(done.returncode, 0, done.stdout)
        for text in (done.stdout, (self.card / "STATUS.txt").read_text()):
            self.assertIn("weather-gateway.toml:2: gateway.id", text)
            self.assertIn("the last good one is used", text)
        self.assertEqual((self.run / "weather-gateway.toml").read_text(), good)
        self.assertEqual((self.led / "trigger").read_text(), "timer")

    def test_a_card_that_never_was_good_ends_with_78(self):
        (self.card / "weather-gateway.toml").unlink()
        done = self.apply()
        self.assertEqual(done.returncode, 78, done.stdout)
        self.assertIn("no readings are taken", done.stdout)
        self.assertFalse((self.run / "weather-gateway.toml").exists())

    def test_status_tells_how_the_gateway_is_and_rests_then(self):
        self.apply()
        gateway = Gateway(None, "127.0.0.1:1")
        gateway.start(wait=False)
        gateway.answers()
        def status():
            done = run("image", "status", "--card", self.card, "--run", self.run, "-c", gateway.config)
            self.assertEqual(done.returncode, 0, done.stderr)
            return (self.card / "STATUS.txt").read_text()
        text = status()
        self.assertIn("all good", text)
        self.assertRegex(text, "The gateway: (offline|connecting)")
        gateway.terminate()
        self.assertEqual(status(), text)  # within ten minutes of the last
        (self.run / "status-written").unlink()
        self.assertIn("does not answer", status())

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("networkctl"), "needs root and systemd")
    def test_systemd_networkd_reads_all_of_it(self):
        """Its own parser, in a network namespace without any interface but loopback: it warns of what it does not know."""
        (self.card / "network.toml").write_text('ntp = ["a.example"]\n[ethernet]\naddress = "10.0.0.2/8"\ngateway = "10.0.0.1"\ndns = ["9.9.9.9"]\n'
                                                '[wlan]\naddress = "fd00::2/64"\n[lte]\napn = "internet"\n')
        self.assertEqual(self.apply().returncode, 0)
        # One more, to see that a fault would be told.
        (self.run / "network" / "99-odd.network").write_text("[Match]\nName=odd0\n[Network]\nDHPC=yes\n")
        said = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", """
            mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/network && install -d -o systemd-network -g systemd-network /run/systemd/netif &&
            cp "$0"/network/* /run/systemd/network/
            SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=debug timeout 5 /lib/systemd/systemd-networkd""", self.run], capture_output=True, text=True, timeout=120)
        self.assertIn("99-odd.network:4: Unknown key", said.stderr)
        for line in said.stderr.splitlines():
            if ".network:" in line and not line.endswith("Successfully loaded."):
                self.assertIn("99-odd.network", line)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_a_card_that_is_mounted_read_only_is_so_again_at_the_end(self):
        fat = self.folder / "mounted"
        fat.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", fat], check=True)
        self.addCleanup(subprocess.run, ["umount", fat], check=True)
        shutil.copytree(self.card, fat, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", fat], check=True)
        arguments = ("image", "apply", "--card", fat, "--run", self.run, "--state", self.state, "--led", self.led)
        refused = run(*arguments)
        self.assertIn("could not be wiped", refused.stdout)
        self.assertEqual(sorted(path.name for path in (fat / "secrets").iterdir()), ["._kafka.txt", "kafka.txt"])
        done = run(*arguments, "--remount")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("secrets/kafka.txt was moved", done.stdout)
        self.assertTrue(os.statvfs(fat).f_flag & os.ST_RDONLY)
        self.assertEqual(sorted(path.name for path in (fat / "secrets").iterdir()), ["._kafka.txt"])
        gateway = Gateway(None, "127.0.0.1:1")
        told = run("image", "status", "--card", fat, "--run", self.run, "-c", gateway.config)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("does not answer", (fat / "STATUS.txt").read_text())
        self.assertTrue(os.statvfs(fat).f_flag & os.ST_RDONLY)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_wpa_supplicant_reads_all_of_it(self):
        def said(network):
            (self.card / "network.toml").write_text('country = "DE"\n' + network)
            self.assertEqual(self.apply().returncode, 0)
            return subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", """
                mount -t tmpfs tmpfs /run && timeout 5 wpa_supplicant -i lo -D wired -d -c "$0" """, self.run / "wpa_supplicant-wlan0.conf"],
                capture_output=True, text=True, timeout=120).stdout
        key = "0123456789abcdef" * 4
        for ssid, password, more in (("Hof", "correct horse", "hidden = true"), (r'a \"b\\', "12345678", "priority = 3"), ("Gärtnerei", r'a\"b c\\d5678', ""),
                                     ("k", key, ""), ("three", "12345678", 'security = "wpa3"')):
            with self.subTest(ssid):
                text = said(f'[[wifi]]\nssid = "{ssid}"\npassword = "{password}"\n{more}\n')
                self.assertIn("country='DE'", text)
                self.assertIn("id=0 ssid='", text)
                self.assertNotIn("Failed to read or parse", text)
        self.assertIn("id=0 ssid='", said('[[wifi]]\nssid = "open"\nsecurity = "open"\n'))
        (self.run / "wpa_supplicant-wlan0.conf").write_text('network={\n\tpsk="short"\n}\n')
        told = subprocess.run(["wpa_supplicant", "-i", "lo", "-D", "wired", "-c", self.run / "wpa_supplicant-wlan0.conf"], capture_output=True, text=True, timeout=60)
        self.assertIn("Failed to read or parse", told.stdout)


if __name__ == "__main__":
    suite.main()
