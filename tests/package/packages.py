"""The package under test, packed once from the program that is built already."""

import pathlib
import subprocess

from harness import suite
from harness.gateway import PROGRAM

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pack(suffix="~test1", **environment):
    """Starts packing; wait() for the path of the package."""
    return _Packing(suffix, environment)


class _Packing:
    def __init__(self, suffix, environment):
        self._folder = suite.folder("package")
        with open(self._folder / "pack.log", "wb") as log:
            self._process = subprocess.Popen([ROOT / "cross" / "pack-built", PROGRAM, self._folder, suffix],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **environment})

    def wait(self):
        code = self._process.wait(240)
        assert code == 0, f"packing failed:\n{(self._folder / 'pack.log').read_text()}"
        return next(self._folder.glob("*.deb"))


def unpack(package):
    """The package's files, and its control files in DEBIAN."""
    folder = suite.folder("unpacked")
    subprocess.run(["dpkg-deb", "-R", package, folder], check=True)
    return folder


def repack(package, version, change=lambda folder: None):
    """The same package as another version; `change(folder)` may alter its files."""
    folder = unpack(package)
    control = folder / "DEBIAN" / "control"
    lines = control.read_text().splitlines(keepends=True)
    control.write_text("".join(f"Version: {version}\n" if line.startswith("Version:") else line for line in lines))
    change(folder)
    made = folder.with_suffix(".deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", folder, made], check=True, stdout=subprocess.DEVNULL)
    return made
