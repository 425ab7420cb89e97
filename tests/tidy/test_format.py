import re
import subprocess
import unittest

import project


class Formatting(unittest.TestCase):
    def test_cpp_is_as_clang_format_writes_it(self):
        run = subprocess.run(["clang-format-14", "--dry-run", "--Werror", *project.files(".cpp", ".hpp")],
                             cwd=project.ROOT, capture_output=True, text=True)
        places = sorted(set(re.findall(r"^(\S+?:\d+):\d+: error", run.stderr, re.M)))
        self.assertEqual(run.returncode, 0, "run `make format`:\n" + "\n".join(places))


if __name__ == "__main__":
    unittest.main()
