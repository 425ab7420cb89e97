"""A test that sleeps says what it lets pass. What waits for something waits for it: suite.wait_for."""

import pathlib
import re
import unittest

import project

# The line's own comment has the reason.
BARE = re.compile(r"\btime\.sleep\((?!.*  # )")


class Sleeps(unittest.TestCase):
    def test_each_has_its_reason(self):
        tests = [p for p in project.files(".py") if p.startswith("tests/") and pathlib.Path(p).name.startswith("test_")]
        self.assertGreater(len(tests), 50, "the tests are not where this test looks")
        bad = [f"{path}:{number}: {line.strip()}" for path in tests if not path.startswith("tests/tidy/")
               for number, line in enumerate(project.read(path).splitlines(), 1) if BARE.search(line)]
        self.assertEqual(bad, [], "\n".join(bad))


if __name__ == "__main__":
    unittest.main()
