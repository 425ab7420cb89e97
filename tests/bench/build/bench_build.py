#!/usr/bin/python3
"""What a stranger's first `make build` costs: CPU seconds of a cold build of weather-gateway, beside those of another commit.

    tests/bench/build/bench_build.py COMMIT [JOBS]

Both are built in throw-away folders, without a compiler's cache, one after the other on the same machine.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(*command, cwd):
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    for launcher in ("CMAKE_CXX_COMPILER_LAUNCHER", "CMAKE_C_COMPILER_LAUNCHER"):
        environment.pop(launcher, None)
    subprocess.run(list(map(str, command)), cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL)


def cold_build(commit, jobs):
    with tempfile.TemporaryDirectory(prefix="weather-build-") as folder:
        source = Path(folder) / "source"
        run("git", "worktree", "add", "--detach", source, commit, cwd=ROOT)
        try:
            began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            run("cmake", "--preset", "release", "-DBUILD_TESTING=OFF", cwd=source)
            run("cmake", "--build", "--preset", "release", "--target", "weather-gateway", "-j", jobs, cwd=source)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            objects = sum(1 for _ in (source / "build").rglob("*.o"))
            return {"commit": commit, "objects": objects, "seconds": round(time.monotonic() - began),
                    "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)}
        finally:
            run("git", "worktree", "remove", "--force", source, cwd=ROOT)


def main(commit, jobs=os.cpu_count()):
    ours, theirs = cold_build("HEAD", jobs), cold_build(commit, jobs)
    for one in (ours, theirs):
        print(json.dumps(one))
    print(json.dumps({"cpu_ratio": round(ours["cpu_s"] / theirs["cpu_s"], 3)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
