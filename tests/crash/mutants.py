#!/usr/bin/python3
"""Proves that the crash tests can fail: builds the log with one deliberate mistake after the other and runs the
simulated power cuts, and the ones under a real ext4, against it. Prints a Markdown table; exit 1 if one survives.

    ninja -C build crash_test && tests/crash/mutants.py build
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# name: replacements of (file in bridge/log, text, text). A text that is not there exactly once is an error: the
# log has changed and the mutant must follow.
SYNC = "  if (auto done = active_->file->sync_data(); !done) return done;\n"
MUTANTS = {
    "no fdatasync of frames": [("committer.cpp", SYNC, "")],
    "acknowledged before the sync": [
        ("committer.cpp", SYNC, ""),
        ("committer.cpp", "  auto& frames = batch.frames();\n  const auto from = batch.written;\n",
         "  static_cast<void>(active_->file->sync_data());\n"
         "  auto& frames = batch.frames();\n  const auto from = batch.written;\n"),
    ],
    "no sync of the folder": [
        ("segment_store.cpp", "  if (done = context_.files.sync_dir(context_.dir()); !done) {\n", "  if (!done) {\n"),
    ],
    "frames packed, not on 4 KiB": [
        ("frame.hpp", "(frame_header_bytes + body_bytes + block_bytes - 1) / block_bytes * block_bytes",
         "(frame_header_bytes + body_bytes + 63) / 64 * 64"),
        ("frame_reader.cpp", "    offset_ += block_bytes;\n", "    offset_ += 64;\n"),
        ("frame_reader.cpp", "std::min(offset_ + block_bytes, end_)", "std::min(offset_ + 64, end_)"),
    ],
    "no salt, no segment number": [
        ("frame_reader.cpp", "  if (!parsed || parsed->header.segment != segment_) return std::nullopt;\n",
         "  if (!parsed) return std::nullopt;\n"),
        ("frame_reader.cpp", "  if (salt_ && parsed->header.salt != *salt_) return std::nullopt;\n", ""),
    ],
    "cursor saved after the removal": [
        ("cursor_set.cpp", "if (known.holds) lowest = std::min(lowest, known.saved.next);",
         "if (known.holds) lowest = std::min(lowest, known.slot.cursor.next);"),
        ("log_thread.cpp", "  auto done = store_.save_cursors();\n",
         "  auto done = store_.release();\n  if (done) done = store_.save_cursors();\n"),
    ],
    "what was replaced goes before what replaces it is there for good": [
        ("recovery.cpp", "!replaced || context_.files.sync_dir(context_.dir());", "true;"),
    ],
    "refusals acknowledged before STATE has them": [
        ("log_refused.cpp", "context_.options.durability == Durability::interval;", "true;"),
    ],
    "told refusals told again after a crash": [
        ("log_refused.cpp", "  if (recovery_.clean || state.opens <= 1) return;", "  if (state.opens > 0) return;"),
    ],
}


def mutate(name, folder):
    """Copies the log's sources with the mistake into folder; returns the files that changed."""
    target = folder / "bridge/log"
    target.mkdir(parents=True)
    for source in (ROOT / "bridge/log").glob("*.?pp"):
        (target / source.name).write_text(source.read_text())
    for file, old, new in MUTANTS[name]:
        text = (target / file).read_text()
        if text.count(old) != 1:
            raise SystemExit(f"mutant '{name}': its text is in {file} {text.count(old)} times, not once")
        (target / file).write_text(text.replace(old, new))
    return {file for file, _, _ in MUTANTS[name]}


def objects(folder, changed, jobs):
    """Compiles what the mistake touches: the changed sources, or all of them if a header changed."""
    everything = any(file.endswith(".hpp") for file in changed)
    sources = sorted((folder / "bridge/log").glob("*.cpp"))
    sources = [s for s in sources if everything or s.name in changed]

    def compile_one(source):
        made = source.with_suffix(".o")
        subprocess.run(["g++", "-std=c++20", "-O2", f"-I{folder}", f"-I{ROOT}", "-c", source, "-o", made], check=True)
        return made

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(compile_one, sources))


def link_command(build):
    """The command that links crash_test, as ninja would run it."""
    commands = subprocess.run(["ninja", "-C", build, "-t", "commands", "tests/crash_test"], check=True,
                              capture_output=True, text=True).stdout.splitlines()
    command = commands[-1]
    return command.removeprefix(": && ").removesuffix(" && :")


def link(build, made, program):
    command = shlex.split(link_command(build))
    command[command.index("-o") + 1] = str(program)
    # Before the library, so that its own versions are left aside.
    command[1:1] = [str(one) for one in made]
    subprocess.run(command, cwd=build, check=True)


def run(program, test, size, seed):
    environment = dict(os.environ, WEATHER_SIZE=str(size), WEATHER_SEED=str(seed))
    try:
        done = subprocess.run([program, f"--gtest_filter={test}"], env=environment, capture_output=True, text=True,
                              timeout=600)
    except subprocess.TimeoutExpired:
        return "killed: it hangs"
    if "SKIPPED" in done.stdout:
        return "not run: " + next(iter(re.findall(r"Skipped\n(.*)", done.stdout)), "skipped")
    if done.returncode == 0:
        return "survives"
    reasons = re.findall(r"(?:WEATHER_SEED=\d+|what\(\)|C\+\+ exception).*?: (.*)", done.stdout)
    first = re.sub(r" at sequence \d+.*| \d+ to \d+.*| \(.*", "", reasons[0]) if reasons else f"exit {done.returncode}"
    return f"killed: {first}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", type=Path, help="build folder that holds crash_test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cuts", type=int, default=60000, help="simulated power cuts for each")
    parser.add_argument("--images", type=int, default=200, help="ext4 images for each")
    parser.add_argument("--only", help="part of a mutant's name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    survivors = 0
    print("| mistake in the log | simulated power cuts | power cuts under ext4 |\n|---|---|---|", flush=True)
    for name in MUTANTS:
        if options.only and options.only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="weather-mutant-") as folder:
            folder = Path(folder)
            program = folder / "crash_test"
            link(options.build, objects(folder, mutate(name, folder), options.jobs), program)
            simulated = run(program, "PowerCut.LosesNo*", options.cuts, options.seed)
            real = run(program, "Ext4.PowerCuts*", options.images, options.seed)
        survivors += not (simulated.startswith("killed") or real.startswith("killed"))
        print(f"| {name} | {simulated} | {real} |", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
