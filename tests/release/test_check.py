"""tests/release/check.py over proofs that pass, fail and are not there."""

import contextlib
import io
import pathlib
import re
import tempfile
import unittest
from unittest import mock

import check
import proofs


class Check(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.changes, self.listed = "", []
        self.commit = "0123456789abcdef0123456789abcdef01234567"
        answers = {"status": lambda: self.changes, "rev-parse": lambda: self.commit, "log": lambda: "all: hold"}
        for target, name, value in ((check, "FOLDER", self.folder / "results"), (check, "ROOT", self.folder), (proofs, "ROOT", self.folder),
                                    (check, "git", lambda verb, *_: answers[verb]()), (proofs, "all_proofs", lambda: iter(self.listed))):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def proof(self, name, script, minutes=1, figures=r"tests passed"):
        """One that notes each of its runs."""
        self.listed.append(proofs.Proof(name, minutes, ["sh", "-c", f"echo {name} >>{self.folder}/runs; {script}"], figures))

    def check(self, *words):
        self.said = io.StringIO()
        with contextlib.redirect_stdout(self.said), contextlib.redirect_stderr(self.said):
            return check.main([*words, "--report", str(self.folder / "report.md")])

    def runs(self):
        place = self.folder / "runs"
        return place.read_text().split() if place.exists() else []

    def row(self, name):
        return next(line for line in (self.folder / "report.md").read_text().splitlines() if line.startswith(f"| {name} |"))

    def test_what_has_passed_on_this_commit_is_not_run_again(self):
        self.proof("first", "echo 100% tests passed, 0 tests failed out of 7")
        self.proof("second", f"test -e {self.folder}/mended")
        self.assertEqual(self.check(), check.FAILED)
        self.assertEqual(self.runs(), ["first", "second"])
        self.assertIn("100% tests passed, 0 tests failed out of 7", self.row("first"))
        self.assertIn("**failed**, exit code 1", self.row("second"))
        (self.folder / "mended").touch()
        self.assertEqual(self.check(), check.OK)
        self.assertEqual(self.runs(), ["first", "second", "second"])
        self.assertIn("| passed |", self.row("second"))
        self.assertEqual(self.check("--again", "--only", "fi"), check.OK)
        self.assertEqual(self.runs()[3:], ["first"])

    def test_another_commit_has_nothing_proven(self):
        self.proof("first", "true")
        self.check()
        self.commit = "f" * 40
        self.assertEqual(self.check("--only", "nothing"), check.INCOMPLETE)
        self.assertIn("**not run**", self.row("first"))
        self.check()
        self.assertEqual(self.runs(), ["first", "first"])

    def test_begins_nothing_that_takes_longer_than_is_left(self):
        self.proof("short", "true", minutes=1)
        self.proof("long", "true", minutes=100)
        self.assertEqual(self.check("--minutes", "10"), check.INCOMPLETE)
        self.assertEqual(self.runs(), ["short"])

    def test_a_tree_with_changes_proves_nothing(self):
        self.proof("first", "true")
        self.changes = " M README.md"
        self.assertEqual(self.check(), check.USAGE)
        self.assertIn("the tree has changes", self.said.getvalue())
        self.assertEqual(self.runs(), [])

    def test_a_program_that_is_not_there_has_failed(self):
        self.listed.append(proofs.Proof("gone", 1, [str(self.folder / "nowhere")]))
        self.proof("after", "true")
        self.assertEqual(self.check(), check.FAILED)
        self.assertEqual(self.runs(), ["after"])
        self.assertIn("nowhere", (self.folder / "results" / self.commit[:12] / "gone.log").read_text())

    def test_proofs_that_an_earlier_one_brings_are_run_as_well(self):
        self.proof("build", "true")
        late = proofs.Proof("soak.found", 1, ["true"])
        with mock.patch.object(proofs, "all_proofs", lambda: iter([*self.listed, *([late] if self.runs() else [])])):
            self.assertEqual(self.check(), check.OK)
        self.assertIn("passed", self.row("soak.found"))


class List(unittest.TestCase):
    def test_every_proof_has_its_own_name_and_time(self):
        listed = list(proofs.all_proofs())
        self.assertEqual(len({proof.name for proof in listed}), len(listed))
        self.assertTrue(all(re.fullmatch(r"[a-z0-9_.]+", proof.name) and proof.minutes > 0 for proof in listed))

    def test_every_fuzz_target_has_one_and_its_corpus(self):
        named = {re.search(r"build-fuzz/fuzz-(\w+)", proof.shown()).group(1) for proof in proofs.all_proofs() if "build-fuzz/fuzz-" in proof.shown()}
        self.assertEqual(named, set(proofs.fuzz_targets()))
        self.assertTrue(all((proofs.ROOT / "tests/fuzz/corpus" / target).is_dir() for target in named))

    def test_a_command_that_is_a_file_is_there(self):
        for proof in proofs.all_proofs():
            if proof.command[0].startswith(("tests/", "cross/")):
                self.assertTrue((proofs.ROOT / proof.command[0]).exists(), proof.command[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
