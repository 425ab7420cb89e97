"""Every test that docs/mqtt-listener.md names for a statement of the specification exists."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
named = set(re.findall(r"`([A-Z]\w+\.[A-Z]\w+)`", (root / "docs/mqtt-listener.md").read_text()))
known = set()
for source in (root / "tests/unit/listener").glob("*_test.cpp"):
    known |= {f"{a}.{b}" for a, b in re.findall(r"TEST(?:_F)?\((\w+),\s*(\w+)\)", source.read_text())}
missing = sorted(named - known)
print(f"{len(named)} tests named, {len(missing)} of them unknown", *missing, sep="\n")
sys.exit(1 if missing or len(named) < 50 else 0)
