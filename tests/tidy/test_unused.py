"""A function that a header declares and that nothing calls: neither the program nor a test."""

import re
import unittest
from collections import defaultdict

import project

NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.S)
WORD = re.compile(r"[A-Za-z_]\w*")
# At the begin of a line, or within a class: "Type name(", never "name(" alone, which is a call or a macro.
DECLARED = re.compile(r"^ *(?!return\b|case\b|co_return\b|throw\b|else\b|new\b|using\b)[A-Za-z_][\w:<>,*& ]*[ *&](?:\w+::)*(\w+)\(", re.M)
CALLED_BY_A_LIBRARY = {"lowest_layer"}  # Asio's TLS stream


class Unused(unittest.TestCase):
    def test_what_a_header_declares_is_called(self):
        used, declared = defaultdict(int), defaultdict(list)
        paths = [p for p in project.files(".cpp", ".hpp") if p.startswith(("bridge/", "gateway/", "sensors/", "tests/"))]
        for path in paths:
            code = NOT_CODE.sub(" ", project.read(path))
            for word in WORD.findall(code):
                used[word] += 1
            if not path.startswith("tests/"):
                for name in DECLARED.findall(code):
                    declared[name].append(path)
        self.assertGreater(len(declared), 2000, "the project's functions are not where this test looks")
        bad = [f"{places[0]}: {name}" for name, places in declared.items()
               if used[name] == len(places) and any(place.endswith(".hpp") for place in places) and name not in CALLED_BY_A_LIBRARY]
        self.assertEqual(bad, [], "\n".join(bad))


if __name__ == "__main__":
    unittest.main()
