"""Only gateway/output/ writes to standard output and error, the journal's own sink aside."""
import pathlib
import re
import unittest

import project

WRITERS = ("gateway/output/",)
FORBIDDEN = re.compile(
    r"std::(cout|cerr|clog|puts|perror|putchar)\b|(?<![\w:])(std::)?(v?printf|puts|putchar|perror)\s*\("
    r"|\b(stdout|stderr)\b|fmt::print\b|\b(STDOUT|STDERR)_FILENO\s*,|std::osyncstream")
COMMENT = re.compile(r"//.*")
# Which terminal it is may be asked anywhere.
ASKS = re.compile(r"(isatty|ioctl)\((STDOUT|STDERR)_FILENO\b[^;]*")


def writes(text):
    """Numbers of the lines that write past the printer."""
    return [n for n, line in enumerate(text.splitlines(), 1) if FORBIDDEN.search(ASKS.sub("", COMMENT.sub("", line)))]


class Output(unittest.TestCase):
    def test_goes_through_the_printer(self):
        code = [p for p in project.files() if pathlib.Path(p).suffix in (".cpp", ".hpp") and
                p.split("/")[0] in ("bridge", "gateway", "sensors") and not p.startswith(WRITERS)]
        self.assertGreater(len(code), 200, "the project's files are not where this test looks")
        bad = [f"{path}:{line}" for path in code for line in writes(project.read(path))]
        self.assertEqual(bad, [], "use gateway/output/print.hpp:\n" + "\n".join(bad))

    def test_every_way_around_it_is_seen(self):
        for line in ('std::cout << id;', 'std::cerr << id;', 'printf("%s", id);', 'std::printf("%s", id);', 'fputs(id, stdout);',
                     'std::fprintf(stderr, id);', 'fwrite(id, 1, n, stdout);', 'fmt::print("{}", id);', 'std::puts(id);',
                     '::write(STDOUT_FILENO, id, n);', 'perror(id);'):
            self.assertEqual(writes(line), [1], line)
        for line in ('std::snprintf(to, n, "%s", id);', '// std::cout', '::isatty(STDOUT_FILENO) != 0;', 'print_line(id);'):
            self.assertEqual(writes(line), [], line)


if __name__ == "__main__":
    unittest.main()
