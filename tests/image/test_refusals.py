"""What is not installed, and why: each bundle is offered to a running machine, to RAUC alone and by `update install`, and nothing changes."""

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
        foreign = image.bundle(folder, "foreign", small, newer, key_and_certificate=certificate(folder, "foreign"))
        other_board = image.bundle(folder, "board", small, newer, board="other")
        older = image.bundle(folder, "older", small, "0.0.1")
        # What RAUC says of it; what its journal says; what `update install` says and its exit code.
        self_signed = "self-signed certificate"
        offered = {
            "truncated": (cut, "Signature size", None, "Signature size", 65),
            "one bit changed": (bent, "Input/output error", None, "Error reading from file: Input/output error; what runs was not changed", 74),
            "foreign key": (foreign, self_signed, None, self_signed, 65),
            "wrong board": (other_board, "Compatible mismatch", None, "is for the board other, this is a pi", 65),
            "older": (older, "Pre-install handler error", f"this bundle has version 0.0.1, older than {card.version}, which runs: a downgrade is refused",
                      f"version 0.0.1 is older than {card.version}, which runs", 65),
            "expired": (whole, "certificate has expired", None, "certificate has expired", 65),
        }
        machine = image.Machine(card, image.stick(folder, *(bundle for bundle, *_ in offered.values())))
        machine.wait_until_up()
        suite.wait_for(lambda: card.state()[1] == State("A B", GOOD_TRIES, 0, "A"), lambda: f"the first start is over: {card.state()}", 600)
        machine.run("mount -o ro /dev/sda /mnt")
        for name, (bundle, by_rauc, by_journal, by_gateway, exit_code) in offered.items():
            with self.subTest(name):
                if name == "expired":  # for the machine, whose clock is after the certificate's end
                    machine.run("date -s 2060-01-01")
                before = card.state()
                told = machine.call(f"rauc install /mnt/{bundle.name} 2>&1")
                asked = machine.call(f"weather-gateway update install /mnt/{bundle.name} 2>&1")
                for who, done in ("rauc", told), ("update install", asked):
                    print(f"{name}, {who}: exit {done.returncode}: {' / '.join(done.stdout.strip().splitlines())}", flush=True)
                self.assertNotEqual(told.returncode, 0)
                self.assertIn(by_rauc, told.stdout)
                if by_journal:
                    self.assertIn(by_journal, machine.run("journalctl -q -o cat -u rauc"))
                self.assertEqual(asked.returncode, exit_code)
                self.assertIn(by_gateway, asked.stdout)
                self.assertEqual(machine.run("/usr/lib/weather-image/boot-state get-primary").strip(), "A")
                self.assertEqual(card.state()[0].good, "A")
                # RAUC makes the slot it begins to write one that has no starts left.
                self.assertIn(card.state()[0], (before[0], State("A B", GOOD_TRIES, 0, "A")))


if __name__ == "__main__":
    suite.main()
