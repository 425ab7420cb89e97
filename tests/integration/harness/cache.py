"""What a test program fetches once for all: a folder of the user's cache, made by whoever comes first."""

import fcntl
import os
import pathlib
import shutil
import subprocess

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weather-gateway-tests"


def once(name, make):
    """The folder `name` of the cache, made by make(part) when it is not there; one test program at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / name
    with open(CACHE / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            part = path.with_name(name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            make(part)
            part.rename(path)
    return path


def run(*command, input=""):
    """To its end; returns what it prints; RuntimeError with the end of what it said if it fails."""
    done = subprocess.run(list(map(str, command)), input=input, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def python_with(name, *requirements):
    """The interpreter of a virtual environment that has these packages."""
    home = once(name, lambda part: (run("/usr/bin/python3", "-m", "venv", part),
                                    run(part / "bin" / "pip", "install", "-q", *requirements)))
    return home / "bin" / "python3"
