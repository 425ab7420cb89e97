import pathlib
import re
import unittest

import project

MOST_LINES = 400


class Files(unittest.TestCase):
    def setUp(self):
        self.code = [p for p in project.files()
                     if pathlib.Path(p).suffix in project.CODE or p.endswith("CMakeLists.txt") or project.is_script(p)]
        self.assertGreater(len(self.code), 20, "the project's files are not where this test looks")

    def test_no_source_file_is_longer_than_it_reads_well(self):
        long = [f"{p}: {n} lines" for p in self.code if (n := project.read(p).count("\n")) > MOST_LINES]
        self.assertEqual(long, [], "\n".join(long))

    def test_no_tabs_no_trailing_space_and_a_newline_at_the_end(self):
        bad = []
        for path in self.code:
            text = project.read(path)
            bad += [f"{path}:{n}" for n, line in enumerate(text.splitlines(), 1) if re.search(r"\t|[ \r]$", line)]
            if text and (not text.endswith("\n") or text.endswith("\n\n")):
                bad.append(f"{path}: one newline at its end")
        self.assertEqual(bad, [], "\n".join(bad))

    def test_no_views_which_clang_14_does_not_compile(self):
        view = re.compile(r"std::(ranges::)?views::|std::ranges::(subrange|search|search_n|find_end|equal_range|unique|remove|remove_if|"
                          r"partition|stable_partition|rotate)\b")
        bad = [p for p in self.code if p.endswith((".cpp", ".hpp")) and view.search(project.read(p))]
        self.assertEqual(bad, [], "the fuzz preset's clang does not take what gives a view of libstdc++ 12")

    def test_scripts_are_executable(self):
        bad = [p for p in self.code if project.is_script(p) and not (project.ROOT / p).stat().st_mode & 0o100]
        self.assertEqual(bad, [])


if __name__ == "__main__":
    unittest.main()
