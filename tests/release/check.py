#!/usr/bin/python3
"""The proofs of a release, on one commit, one after the other; what has passed on this commit is not run again.

    tests/release/check.py [--list] [--only PATTERN]... [--again] [--minutes N] [--report FILE]

--list     the proofs, about how many minutes each takes, and what is known of it on this commit
--only     those whose name begins with PATTERN (fresh, soak.sim, fuzz)
--again    also what has passed
--minutes  begin nothing that would take longer than what is left of so many
--report   where the table goes; docs/results/RELEASE.md otherwise

Output and result of each are in build-release/COMMIT. As root: packages are installed, roots and machines made. Exit
code 0: all of them have passed on this commit; 1: one failed; 75: some have not been run yet; 64: the tree has changes.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

import proofs

ROOT = proofs.ROOT
FOLDER = ROOT / "build-release"
OK, FAILED, USAGE, INCOMPLETE = 0, 1, 64, 75
MOST_FIGURES = 12
NOT_FOUND = 127  # a shell's


class Results:
    """What is known of the proofs on one commit: a file each, written when the proof has ended."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def of(self, name):
        place = self.folder / f"{name}.json"
        return json.loads(place.read_text(encoding="utf-8")) if place.exists() else None

    def passed(self, name):
        known = self.of(name)
        return known is not None and known["exit_code"] == 0

    def keep(self, name, **result):
        part = self.folder / f"{name}.json.part"
        part.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        part.replace(self.folder / f"{name}.json")


def figures(proof, log):
    """The last lines of its output that its pattern finds."""
    with open(log, encoding="utf-8", errors="replace") as lines:
        return [line.strip() for line in lines if proof.figures.search(line.rstrip("\n"))][-MOST_FIGURES:]


def run(proof, results):
    log = results.folder / f"{proof.name}.log"
    began, clock = datetime.datetime.now(datetime.timezone.utc), time.monotonic()
    with open(log, "wb") as output:
        try:
            exit_code = subprocess.run(proof.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
                                       env={**os.environ, **proof.environment}).returncode
        except OSError as error:
            output.write(f"{error}\n".encode())
            exit_code = NOT_FOUND
    results.keep(proof.name, command=proof.shown(), exit_code=exit_code, began=began.isoformat(timespec="seconds"),
                 minutes=round((time.monotonic() - clock) / 60, 1), figures=figures(proof, log))
    return exit_code


def machine():
    """Where the figures were measured."""
    def first(path, key):
        with open(path, encoding="utf-8") as lines:
            return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "unknown")
    system = dict(line.rstrip().split("=", 1) for line in open("/etc/os-release", encoding="utf-8") if "=" in line)
    memory_gib = int(first("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    return (f"{os.cpu_count()} x {first('/proc/cpuinfo', 'model name')}, {memory_gib:.0f} GiB, {system['PRETTY_NAME'].strip(chr(34))}, "
            f"Linux {os.uname().release}")


def report(commit, subject, listed, results):
    """The table as Markdown."""
    lines = ["# The proofs of one commit", "", f"`tests/release/check.py` writes this file. Commit `{commit}`, {subject}.", f"Machine: {machine()}.",
             "", "| proof | result | began (UTC) | minutes | figures | command |", "|---|---|---|---:|---|---|"]
    for proof in listed:
        known = results.of(proof.name)
        if known is None:
            cells = ["**not run**", "", "", "", f"`{proof.shown()}`"]
        else:
            result = "passed" if known["exit_code"] == 0 else f"**failed**, exit code {known['exit_code']}"
            cells = [result, known["began"][:16].replace("T", " "), str(known["minutes"]), "; ".join(known["figures"]), f"`{known['command']}`"]
        lines.append(f"| {proof.name} | " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def chosen(listed, patterns):
    return [proof for proof in listed if not patterns or any(proof.name.startswith(pattern) for pattern in patterns)]


def verdict(listed, results):
    """The exit code."""
    known = [results.of(proof.name) for proof in listed]
    if any(one and one["exit_code"] != 0 for one in known):
        return FAILED
    return OK if all(known) else INCOMPLETE


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--minutes", type=float, default=float("inf"), metavar="N")
    parser.add_argument("--report", type=pathlib.Path, default=ROOT / "docs/results/RELEASE.md", metavar="FILE")
    options = parser.parse_args(arguments)
    if not options.list and git("status", "--porcelain", "--untracked-files=no"):
        print("check.py: the tree has changes, so that nothing would be proven of a commit; commit or undo them", file=sys.stderr)
        return USAGE
    commit = git("rev-parse", "HEAD")
    results = Results(FOLDER / commit[:12])
    if options.list:
        for proof in chosen(proofs.all_proofs(), options.only):
            known = results.of(proof.name)
            state = "not run" if known is None else "passed" if known["exit_code"] == 0 else "failed"
            print(f"{proof.name:32} {proof.minutes:4} min  {state:8} {proof.shown()}")
        return OK
    until = time.monotonic() + 60 * options.minutes
    done = set()
    # Listed anew after each: the build tells which soak tests there are.
    while left := [one for one in chosen(proofs.all_proofs(), options.only) if one.name not in done and (options.again or not results.passed(one.name))]:
        proof = left[0]
        done.add(proof.name)
        if time.monotonic() + 60 * proof.minutes > until:
            continue
        print(f"{proof.name}: about {proof.minutes} min, {results.folder.relative_to(ROOT)}/{proof.name}.log", flush=True)
        print(f"{proof.name}: {'passed' if run(proof, results) == 0 else 'FAILED'}", flush=True)
    listed = list(proofs.all_proofs())
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(report(commit, git("log", "-1", "--format=%s"), listed, results), encoding="utf-8")
    return verdict(listed, results)


if __name__ == "__main__":
    sys.exit(main())
