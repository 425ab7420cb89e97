"""Each link from a document to a file of the project, and to a heading in it, leads somewhere."""

import re
import unittest
from pathlib import PurePosixPath

import project

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(text):
    """The headings of a document as GitHub names them."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", plain, re.M)}


def broken(path, text):
    for target, anchor in LINK.findall(re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        if ":" in target:
            continue
        to = (project.ROOT / PurePosixPath(path).parent / target).resolve() if target else project.ROOT / path
        if not to.exists():
            yield f"{path}: {target} is not there"
        elif anchor and to.suffix == ".md" and anchor not in anchors(to.read_text(encoding="utf-8")):
            yield f"{path}: {target} has no heading #{anchor}"


class Links(unittest.TestCase):
    def test_each_leads_somewhere(self):
        found = [wrong for path in project.files(".md") for wrong in broken(path, project.read(path))]
        self.assertEqual(found, [], "\n".join(found))

    def test_a_broken_one_is_seen(self):
        self.assertEqual(len(list(broken("docs/a.md", "[a](b.md) [c](testing.md#none) [d](testing.md#the-simulator) [e](https://x)"))), 2)


if __name__ == "__main__":
    unittest.main()
