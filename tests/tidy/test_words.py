"""The words of the field (docs/glossary.md) in the sources, and not those that stood there before."""

import re
import unittest

import project

FOLDERS = ("bridge/", "gateway/", "sensors/")

# Each has a plain technical term: "without a listener", "the caller", "a thread waits", "reported".
IN_NO_TEXT = re.compile(r"\b(nobody|somebody|whoever|told)\b", re.I)
# FirstSendGate, ReorderGuard, FailurePolicy, StatusPublisher, a wakeup; reported_, report_refused(), out_of_band.
IN_NO_NAME = re.compile(r"\b(Introductions|Beacon|Bell|Ahead|told_\w*|tell_\w+|\w+_told|sent_beside)\b")


class Words(unittest.TestCase):
    def lines_with(self, pattern):
        paths = [p for p in project.files() if p.startswith(FOLDERS) and not p.endswith(".png")]
        self.assertGreater(len(paths), 500, "the project's files are not where this test looks")
        return [f"{path}:{number}: {line.strip()}" for path in paths
                for number, line in enumerate(project.read(path).splitlines(), 1) if pattern.search(line)]

    def test_texts_name_the_part_that_acts(self):
        bad = self.lines_with(IN_NO_TEXT)
        self.assertEqual(bad, [], "\n".join(bad))

    def test_names_are_those_of_the_glossary(self):
        bad = self.lines_with(IN_NO_NAME)
        self.assertEqual(bad, [], "\n".join(bad))


if __name__ == "__main__":
    unittest.main()
