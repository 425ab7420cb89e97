"""What RAUC, as the image has it, does not install: each bundle is offered to a running machine, and nothing changes."""

import os
import subprocess
import unittest

import image
import readings
from harness import suite
from state import GOOD_TRIES, State


def certificate(folder, name, *options):
    key, made = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-subj", f"/CN={name}", "-addext",
                    "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature", "-addext",
                    "extendedKeyUsage=codeSigning,emailProtection", *options], check=True, capture_output=True)
    return key, made


class Refusals(unittest.TestCase):
    def test_matrix(self):
        folder = suite.folder("refusals")
        card = image.Card(folder)
        slot = image.with_stand_in(card.take(2, folder / "as-built.ext4"), folder / "slot.ext4")
        card.put(2, slot)
        card.fill_in(readings.card_files())

        small = folder / "small.ext4"
        small.write_bytes(os.urandom(8 << 20))
        newer = card.version + "+newer"
        whole = image.bundle(folder, "whole", small, newer)
        cut = folder / "cut.raucb"
        cut.write_bytes(whole.read_bytes()[:-20000])
        bent = folder / "bent.raucb"
        content = bytearray(whole.read_bytes())
        content[len(content) // 3] ^= 1
        bent.write_bytes(content)
        offered = {
            "truncated": (cut, ("ignature", "Invalid")),
            "one bit changed": (bent, ("Input/output error", "verity", "checksum")),
            "foreign key": (image.bundle(folder, "foreign", small, newer, key_and_certificate=certificate(folder, "foreign")), ("self-signed certificate", "self signed certificate", "unable to get")),
            "wrong board": (image.bundle(folder, "board", small, newer, board="other"), ("ompatible",)),
            "older": (image.bundle(folder, "older", small, "0.0.1"), ("Pre-install handler error",)),
        }
        machine = image.Machine(card, image.stick(folder, whole, *(bundle for bundle, _ in offered.values())))
        machine.wait_until_up()
        suite.wait_for(lambda: card.state()[1] == State("A B", GOOD_TRIES, 0, "A"), lambda: f"the first start is over: {card.state()}", 600)
        machine.run("mount -o ro /dev/vdb /mnt")
        offered["expired"] = (whole, ("has expired",))
        for name, (bundle, words) in offered.items():
            with self.subTest(name):
                if name == "expired":  # for the machine, whose clock is after the certificate's end
                    machine.run("date -s 2060-01-01")
                done = machine.call(f"rauc install /mnt/{bundle.name} 2>&1")
                print(f"{name}: exit {done.returncode}: {' / '.join(done.stdout.strip().splitlines())}", flush=True)
                self.assertNotEqual(done.returncode, 0)
                self.assertTrue(any(word in done.stdout for word in words), done.stdout)
                self.assertEqual(card.state()[0].order.split()[0] if card.state()[0] else "", "A")
                self.assertEqual(machine.run("/usr/lib/weather-image/boot-state get-primary").strip(), "A")


if __name__ == "__main__":
    suite.main()
