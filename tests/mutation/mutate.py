#!/usr/bin/python3
"""Do the tests notice a wrong condition? Changes one condition of a folder's sources at a time, compiles the object that the file
is part of, links the folder's test programs with it and runs them. Prints a Markdown table and the changes that no test noticed.

    ninja -C build $(tests/mutation/mutate.py --targets)
    tests/mutation/mutate.py build --sample 40 --seed 1

The build folder must have been made from the sources as they are. Neither they nor it change. Headers are left alone: a change
there is a change of every file that includes them.
"""

import argparse
import json
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import conditions

ROOT = Path(__file__).resolve().parents[2]

# A folder, and what holds its tests: program and filter, the quick ones first. All are run until one fails.
FOLDERS = {
    "bridge/core": [("core_test", "*"), ("bridge_test", "FailurePolicy.*:Guard.*:Link.*:Meter.*:Pace.*:Statistics.*:StoredCursor.*:TimeGuard.*:TopicQuestions.*")],
    "bridge/log": [("unit_log", "*"), ("crash_test", "Model.*:Fault.*:Damage.*")],
    "sensors/listener": [("unit_listener", "*")],
    "sensors/decoders": [("unit_sensors", "*"), ("unit_account", "-*Mutated*"), ("unit_http", "*"), ("unit_mapping", "*")],
}


class Build:
    """The commands with which ninja compiles a file and links a program."""

    def __init__(self, folder):
        self.folder = folder
        entries = json.loads((folder / "compile_commands.json").read_text())
        self.compilers, self.links = {}, {}
        for entry in entries:
            unit = Path(entry["file"]).resolve()
            self.compilers[unit] = entry
            if unit.is_relative_to(folder) and unit.exists():  # files that are compiled together
                for part in re.findall(r'^#include "(.+\.cpp)"$', unit.read_text(), re.M):
                    self.compilers[ROOT / part] = entry

    def compile(self, source, text, work):
        """The object of `source` with `text` in its place, or None if that is no C++."""
        entry = self.compilers[source.resolve()]
        mutant, made = work / source.name, work / "mutant.o"
        mutant.write_text(text)
        if Path(entry["file"]).resolve() != source.resolve():
            together = Path(entry["file"]).read_text().replace(f'"{source.relative_to(ROOT)}"', f'"{mutant}"')
            mutant = work / "together.cpp"
            mutant.write_text(together)
        command = shlex.split(entry["command"])
        command[command.index("-o") + 1] = str(made)
        command[command.index("-c") + 1] = str(mutant)
        done = subprocess.run(command + ["-w", "-O1"], cwd=entry["directory"], capture_output=True)
        return made if done.returncode == 0 else None

    def link(self, target, made, program):
        if target not in self.links:
            commands = subprocess.run(["ninja", "-C", self.folder, "-t", "commands", f"tests/{target}"], check=True,
                                      capture_output=True, text=True).stdout.splitlines()
            self.links[target] = shlex.split(commands[-1].removeprefix(": && ").removesuffix(" && :"))
        command = list(self.links[target])
        command[command.index("-o") + 1] = str(program)
        # Before the libraries: their own version of the file is then left aside.
        command[1:1] = [str(made)]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


def run_tests(program, tests, limit):
    """Exit code of a test program, None if it did not end in time; and how long it took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="weather-mutation-") as work:
        try:
            done = subprocess.run([program, f"--gtest_filter={tests}", "--gtest_fail_fast", "--gtest_brief=1"], cwd=work,
                                  capture_output=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return None, limit
        return done.returncode, time.monotonic() - began


def limits(build, folder, least):
    """Of each program of the folder ten times what it takes as it is; it must pass."""
    found = {}
    for target, tests in FOLDERS[folder]:
        code, seconds = run_tests(build.folder / "tests" / target, tests, 1800)
        if code != 0:
            raise SystemExit(f"{target} fails without any change")
        found[target] = max(least, 10 * seconds)
    return found


def fate(build, folder, mutation, limit):
    """What became of one mutation: how it was noticed, "survived", or None if it does not compile."""
    source = ROOT / mutation.path
    with tempfile.TemporaryDirectory(prefix="weather-mutation-") as name:
        work = Path(name)
        made = build.compile(source, mutation.applied(source.read_text(encoding="utf-8")), work)
        if made is None:
            return None
        for target, tests in FOLDERS[folder]:
            program = work / target
            build.link(target, made, program)
            code, _ = run_tests(program, tests, limit[target])
            if code is None:
                return f"{target}: no end in {limit[target]:.0f} s"
            if code != 0:
                return f"{target}: exit {code}"
            program.unlink()
    return "survived"


def sample(folder, most, seed):
    """Some of the folder's mutations, the same for the same seed."""
    found = [m for path in sorted((ROOT / folder).glob("*.cpp"))
             for m in conditions.mutations(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))]
    random.Random(f"{seed} {folder}").shuffle(found)
    return found[:most], len(found)


def run(build, folder, options):
    """One row of the table, and the lines of what survived."""
    chosen, of = sample(folder, options.sample, options.seed)
    if options.only:
        chosen = [m for m in chosen if options.only in str(m)]

    limit = limits(build, folder, options.limit)

    def one(mutation):
        seen = fate(build, folder, mutation, limit)
        print(f"{mutation}: {seen or 'does not compile'}", file=sys.stderr, flush=True)
        return seen

    with ThreadPoolExecutor(options.jobs) as pool:
        fates = list(pool.map(one, chosen))
    tried = [(m, f) for m, f in zip(chosen, fates) if f is not None]
    survivors = [m for m, f in tried if f == "survived"]
    killed = len(tried) - len(survivors)
    share = f"{100 * killed / len(tried):.0f} %" if tried else "–"
    return f"| `{folder}` | {of} | {len(tried)} | {killed} | {share} |", survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", type=Path, nargs="?", help="build folder, see above")
    parser.add_argument("--targets", action="store_true", help="print what must have been built")
    parser.add_argument("--folder", action="append", choices=FOLDERS, help="of these folders alone")
    parser.add_argument("--sample", type=int, default=40, help="changes for each folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=60, help="least seconds for one test program")
    parser.add_argument("--only", help="part of a change as it is printed: FILE:LINE")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    folders = options.folder or list(FOLDERS)
    if options.targets:
        print(" ".join(sorted({f"tests/{target}" for folder in folders for target, _ in FOLDERS[folder]})))
        return 0
    if options.build is None:
        parser.error("name the build folder")
    build, survivors = Build(options.build.resolve()), []
    print(f"seed {options.seed}, at most {options.sample} a folder\n\n| folder | conditions | changed | noticed | share |\n|---|---|---|---|---|",
          flush=True)
    for folder in folders:
        row, left = run(build, folder, options)
        print(row, flush=True)
        survivors += left
    print("\nNot noticed:\n" + "".join(f"- {m}\n" for m in survivors), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
