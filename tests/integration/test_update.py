"""Updates of the flashable image: RAUC's own judgement of bundles, downloads that are cut off, and the trial of a slot."""

import datetime
import hashlib
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import threading
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness import json_schema, suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka

BOARD = "weather-gateway-virt"
REFUSED, TRY_LATER, UNAVAILABLE = 65, 75, 69


class Signer:
    """A key with a certificate of its own, good for these days from now."""

    def __init__(self, folder, name, since=-1, until=30, purpose=True):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.utcnow()
        make = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now + datetime.timedelta(days=since)).not_valid_after(now + datetime.timedelta(days=until))
                .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
                .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False))
        if purpose:
            make = make.add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CODE_SIGNING, x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        certificate = make.sign(key, hashes.SHA256())
        self.key, self.certificate = folder / f"{name}.key", folder / f"{name}.pem"
        self.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


class Machine:
    """The folders of a machine that runs slot A, and what it calls in its PATH: RAUC's real `info`, the rest noted down."""

    def __init__(self, keyring, cmdline="ro rauc.slot=A", version="1.0", clock_days=0):
        self.root = suite.folder("machine")
        for path, text in (("proc/cmdline", cmdline), ("proc/sys/kernel/random/boot_id", "first"), ("usr/share/weather-image/version", version)):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text + "\n")
        self.calls = self.root / "calls"
        self.calls.write_text("")
        self.failed = self.root / "failed"
        self.failed.write_text("")
        (self.root / "clock").write_text(str(clock_days * 86400))
        (self.root / "rauc.conf").write_text(f"[system]\ncompatible={BOARD}\nbootloader=noop\nbundle-formats=-plain\n"
                                             f"[keyring]\npath={keyring.certificate}\ncheck-purpose=codesign\n")
        status = {"compatible": BOARD, "variant": "", "booted": "A", "boot_primary": "rootfs.0", "slots": [
            {"rootfs.1": {"class": "rootfs", "bootname": "B", "state": "inactive", "boot_status": "good"}},
            {"rootfs.0": {"class": "rootfs", "bootname": "A", "state": "booted", "boot_status": "good"}}]}
        (self.root / "status.json").write_text(json.dumps(status))
        preload = f"LD_PRELOAD={os.environ['WEATHER_WRONG_CLOCK']} WRONG_CLOCK_FILE={self.root}/clock" if clock_days else ""
        self.program("rauc", f"""echo "rauc $1 $2" >>{self.calls}
case $1 in
  info) {preload} exec /usr/bin/rauc --conf={self.root}/rauc.conf "$@" ;;
  status) [ "$2" = mark-good ] || cat {self.root}/status.json ;;
  install) echo '  0% Installing'; echo ' 40% Copying image to rootfs.1'; [ ! -e {self.root}/broken ] || {{ echo 'LastError: no space' >&2; exit 1; }}; echo '100% Installing done.' ;;
esac""")
        self.program("fw_printenv", "printf 'BOOT_ORDER=A B\\nBOOT_A_LEFT=3\\nBOOT_B_LEFT=2\\n'")
        self.program("systemctl", f'echo "systemctl $*" >>{self.calls}; [ "$1" != list-units ] || cat {self.failed}')

    def program(self, name, text):
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)

    def update(self, command, *arguments, **environment):
        path = f"{self.root}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return run("update", command, "--root", self.root, *arguments, env={**os.environ, "PATH": path, **environment}, timeout=300)

    def config(self, text):
        path = self.root / "run" / "weather-card" / "weather-gateway.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if isinstance(text, pathlib.Path):
            path.symlink_to(text)
        else:
            path.write_text(text)

    def called(self):
        return self.calls.read_text().splitlines()

    def last(self):
        return json.loads(self.update("status", "--json").stdout)["last"]


def bundle(folder, signer, version="1.1", compatible=BOARD, clock_days=0):
    content = suite.folder("content")
    (content / "slot.ext4").write_bytes(os.urandom(64 << 10))
    (content / "manifest.raucm").write_text(f"[update]\ncompatible={compatible}\nversion={version}\n[bundle]\nformat=verity\n[image.rootfs]\nfilename=slot.ext4\n")
    path = folder / f"{version}-{compatible}-{signer.key.stem}.raucb"
    (folder / "clock").write_text(str(clock_days * 86400))
    environment = {"LD_PRELOAD": os.environ["WEATHER_WRONG_CLOCK"], "WRONG_CLOCK_FILE": str(folder / "clock")} if clock_days else {}
    subprocess.run(["rauc", "bundle", f"--cert={signer.certificate}", f"--key={signer.key}", f"--keyring={signer.certificate}", content, path],
                   check=True, capture_output=True, env={**os.environ, **environment})
    return path


class Bundles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = suite.folder("bundles")
        cls.ours, cls.foreign = Signer(cls.folder, "ours"), Signer(cls.folder, "foreign")
        cls.good = bundle(cls.folder, cls.ours)

    def refused(self, path, word, machine=None):
        machine = machine or Machine(self.ours)
        done = machine.update("install", path)
        self.assertEqual(done.returncode, REFUSED, done.stdout + done.stderr)
        self.assertIn(word, done.stderr)
        self.assertFalse([call for call in machine.called() if "install" in call], done.stderr)

    def test_a_newer_one_is_installed_and_told_of(self):
        machine = Machine(self.ours)
        done = machine.update("install", self.good, "--reboot")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("version 1.1 is in slot B", done.stdout)
        self.assertIn("40% Copying image", done.stderr)
        self.assertEqual([call for call in machine.called() if "install" in call or "reboot" in call], ["rauc install --progress", "systemctl reboot"])
        shown = machine.update("status", "--json")
        json_schema.check("update status", shown.stdout)
        status = json.loads(shown.stdout)
        self.assertEqual((status["version"], status["last"]["phase"], status["last"]["version"], status["trial"]), ("1.0", "installed", "1.1", False))
        self.assertEqual({slot["name"]: slot["attempts_left"] for slot in status["slots"]}, {"A": 3, "B": 2})
        text = machine.update("status").stdout
        self.assertIn("slot A (running): good, 3 attempts left", text)
        self.assertIn("last update: 1.1 over 1.0 into slot B", text)
        (machine.root / "proc/sys/kernel/random/boot_id").write_text("second\n")  # the boot loader took A again
        self.assertEqual(machine.last()["phase"], "left")
        again = machine.update("install", self.good)
        self.assertEqual(again.returncode, REFUSED, again.stdout)
        self.assertIn("was left at its trial: its slot did not come up; --again", again.stderr)
        self.assertEqual(machine.update("install", self.good, "--again").returncode, 0)

    def test_what_rauc_does_not_trust_is_refused(self):
        self.refused(bundle(self.folder, self.foreign), "verif")
        data = self.good.read_bytes()
        for name, content in (("truncated", data[:len(data) // 2]), ("cut", data[:-1]), ("empty", b""), ("changed", data[:-300] + b"x" + data[-299:])):
            with self.subTest(name):
                path = self.folder / f"{name}.raucb"
                path.write_bytes(content)
                self.refused(path, "rauc:")

    def test_one_whose_certificate_has_expired_is_refused(self):
        old = Signer(self.folder, "old", since=-400, until=-300)
        path = bundle(self.folder, old, clock_days=-350)
        self.refused(path, "expired", Machine(old))

    def test_one_that_is_signed_for_something_else_is_refused(self):
        other = Signer(self.folder, "other", purpose=False)
        self.refused(bundle(self.folder, other), "purpose", Machine(other))

    def test_older_ones_and_other_boards_are_refused_and_the_same_is_no_fault(self):
        self.refused(bundle(self.folder, self.ours, version="0.9"), "older than 1.0")
        machine = Machine(self.ours)
        done = machine.update("install", bundle(self.folder, self.ours, version="1.0"))
        self.assertEqual((done.returncode, done.stdout), (0, "version 1.0 runs already\n"), done.stderr)
        self.assertFalse([call for call in machine.called() if "install" in call])
        self.refused(bundle(self.folder, self.ours, compatible="weather-gateway-rpi"), "is for the board rpi, this is a virt")

    def test_an_installation_that_fails_is_told_and_changes_nothing(self):
        machine = Machine(self.ours)
        (machine.root / "broken").touch()
        done = machine.update("install", self.good)
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertIn("no space", done.stderr)
        self.assertEqual((machine.last()["phase"], "no space" in machine.last()["reason"]), ("failed", True))

    def test_held_hours_are_kept_unless_told_otherwise(self):
        machine = Machine(self.ours)
        now = datetime.datetime.now()
        hour = datetime.timedelta(hours=1)
        machine.config(f'[update]\nhold = ["{now - hour:%H:%M}-{now + hour:%H:%M}"]\n')
        done = machine.update("install", self.good)
        self.assertEqual(done.returncode, TRY_LATER, done.stderr)
        self.assertEqual(machine.called(), [])
        self.assertEqual(machine.update("install", self.good, "--now").returncode, 0)
        machine.config("[update]\nhold = 7\n")
        done = machine.update("install", self.good)
        self.assertEqual(done.returncode, 78, done.stderr)

    def test_no_image_no_update(self):
        done = run("update", "status", env={"PATH": "/nowhere"})
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn("rauc is not installed", done.stderr)


class Server:
    """HTTPS on loopback: an index and a bundle, which is cut off after `most` bytes of an answer."""

    def __init__(self, folder, bundle_file, **changes):
        self.signer = Signer(folder, "localhost", purpose=False)
        data = bundle_file.read_bytes()
        self.most, self.ranges, self.asked = None, True, []
        self.index = {"version": "1.1", "board": "virt", "bundle": "b.raucb", "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), **changes}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.path, self.headers.get("Range")))
                body = json.dumps(outer.index).encode() if self.path.endswith(".json") else data
                begin = 0
                if outer.ranges and self.headers.get("Range"):
                    begin = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
                else:
                    self.send_response(200)
                self.send_header("Content-Length", str(len(body) - begin))
                self.end_headers()
                self.wfile.write(body[begin:][:outer.most if self.path.endswith(".raucb") else None])
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.signer.certificate, self.signer.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{self.server.server_port}/fw/latest.json"
        unittest.addModuleCleanup(self.server.shutdown)


class Download(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = suite.folder("download")
        cls.ours = Signer(cls.folder, "ours")
        cls.bundle = bundle(cls.folder, cls.ours)

    def setUp(self):
        self.machine = Machine(self.ours)

    def update(self, server, command, *arguments):
        return self.machine.update(command, server.url, *arguments, CURL_CA_BUNDLE=str(server.signer.certificate))

    def test_check_says_what_there_is_and_loads_nothing_else(self):
        for changes, code, offer in (({}, 0, "newer"), ({"version": "1.0"}, 0, "same"), ({"version": "0.9"}, REFUSED, "refused"),
                                     ({"board": "rpi"}, REFUSED, "refused")):
            server = Server(self.folder, self.bundle, **changes)
            done = self.update(server, "check", "--json")
            self.assertEqual(done.returncode, code, done.stderr)
            json_schema.check("update check", done.stdout)
            self.assertEqual(json.loads(done.stdout)["offer"], offer)
            if code:
                self.assertEqual(self.update(server, "install").returncode, code)
            self.assertEqual({path for path, _ in server.asked}, {"/fw/latest.json"})

    def test_a_download_that_is_cut_off_goes_on_where_it_was(self):
        server = Server(self.folder, self.bundle)
        server.most = 20_000
        done = self.update(server, "install")
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn("the next attempt goes on", done.stderr)
        server.most = None
        done = self.update(server, "install")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(("/fw/b.raucb", "bytes=20000-"), server.asked)
        self.assertEqual(self.machine.last()["phase"], "installed")
        self.assertEqual(list((self.machine.root / "var/lib/weather-update/download").iterdir()), [])

    def test_from_a_server_that_cannot_go_on_it_is_loaded_anew(self):
        server = Server(self.folder, self.bundle)
        server.most = 20_000
        self.update(server, "install")
        server.most, server.ranges = None, False
        done = self.update(server, "install")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_not_what_was_announced_is_removed(self):
        for changes in ({"sha256": "0" * 64}, {"size": 1000}, {"size": 10_000_000}):
            with self.subTest(changes):
                server = Server(self.folder, self.bundle, **changes)
                done = self.update(server, "install")
                self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
                self.assertFalse([call for call in self.machine.called() if "install" in call])
        server = Server(self.folder, self.bundle, sha256="0" * 64)
        self.update(server, "install")
        self.assertEqual(list((self.machine.root / "var/lib/weather-update/download").iterdir()), [])

    def test_nobody_else_is_believed(self):
        server = Server(self.folder, self.bundle)
        done = self.machine.update("check", server.url)
        self.assertEqual(done.returncode, UNAVAILABLE, done.stdout)
        self.assertIn("certificate", done.stderr)
        done = self.machine.update("install", server.url.replace("https", "http"))
        self.assertEqual(done.returncode, 64, done.stderr)


class Trial(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = suite.folder("trial")
        cls.ours = Signer(cls.folder, "ours")

    def machine(self, gateway, kafka_was_online, trial=" weather.trial"):
        machine = Machine(self.ours, cmdline=f"ro rauc.slot=B{trial}", version="1.1")
        machine.config(gateway.config)
        state = machine.root / "var/lib/weather-update"
        state.mkdir(parents=True)
        (state / "update.json").write_text(json.dumps({"phase": "installed", "slot": "B", "version": "1.1", "from": "1.0", "boot": "before",
                                                       "time": "", "reason": "", "kafka_was_online": kafka_was_online}))
        return machine

    def gateway(self, bootstrap="127.0.0.1:1"):
        gateway = Gateway(None, bootstrap)
        gateway.start(wait=False)
        gateway.answers()
        return gateway

    def test_without_kafka_before_and_after_it_is_kept(self):
        machine = self.machine(self.gateway(), False)
        done = machine.update("commit", "--steady", "1s")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("rauc status mark-good", machine.called())
        self.assertEqual(machine.last()["phase"], "kept")
        self.assertNotIn("on trial", machine.update("status").stdout)  # which the command line says until the next start

    def test_with_kafka_before_it_must_come_back(self):
        gateway = self.gateway()
        machine = self.machine(gateway, True)
        done = machine.update("commit", "--steady", "1s", "--deadline", "3s")
        self.assertEqual(done.returncode, UNAVAILABLE, done.stdout + done.stderr)
        self.assertIn("Kafka is not reached, and was before the update", done.stderr)
        self.assertIn("systemctl reboot", machine.called())
        self.assertNotIn("rauc status mark-good", machine.called())
        (machine.root / "proc/cmdline").write_text("ro rauc.slot=A\n")
        (machine.root / "proc/sys/kernel/random/boot_id").write_text("later\n")
        self.assertEqual((machine.last()["phase"], machine.last()["reason"]), ("left", "Kafka is not reached, and was before the update"))

    def test_with_a_real_kafka_the_update_notes_it_and_the_trial_finds_it(self):
        kafka = Kafka().start()
        kafka.create_topic("topic_weather")
        gateway = self.gateway(kafka.bootstrap)
        suite.wait_for(lambda: gateway.route()["state"] == "online", "Kafka is reached")
        machine = Machine(self.ours)
        machine.config(gateway.config)
        self.assertEqual(machine.update("install", bundle(self.folder, self.ours)).returncode, 0)
        record = machine.root / "var/lib/weather-update/update.json"
        self.assertTrue(json.loads(record.read_text())["kafka_was_online"])
        (machine.root / "proc/cmdline").write_text("ro rauc.slot=B weather.trial\n")
        done = machine.update("commit", "--steady", "2s")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(json.loads(record.read_text())["phase"], "kept")

    def test_a_failed_unit_or_no_gateway_leaves_it(self):
        machine = self.machine(self.gateway(), False)
        machine.failed.write_text("rtl_433.service loaded failed failed rtl_433\n")
        done = machine.update("commit", "--steady", "1s", "--deadline", "2s")
        self.assertEqual(done.returncode, UNAVAILABLE)
        self.assertIn("failed: rtl_433.service", done.stderr)
        gone = Gateway(None, "127.0.0.1:1")
        done = self.machine(gone, False).update("commit", "--steady", "1s", "--deadline", "2s")
        self.assertEqual(done.returncode, UNAVAILABLE)
        self.assertIn("does not answer", done.stderr)

    def test_what_is_not_on_trial_is_never_restarted(self):
        machine = self.machine(Gateway(None, "127.0.0.1:1"), True, trial="")
        machine.failed.write_text("rtl_433.service loaded failed failed rtl_433\n")
        self.assertEqual(machine.update("commit").returncode, 0)
        self.assertIn("rauc status mark-good", machine.called())
        self.assertNotIn("systemctl reboot", machine.called())


if __name__ == "__main__":
    suite.main()
