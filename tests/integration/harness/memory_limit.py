"""A control group with the unit's MemoryMax, where this machine lets a test make one."""

import os
import pathlib
import unittest

_V1, _V2 = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")


class MemoryLimit:
    """The kernel ends what takes more than `mib` in it. `enforced` is False where no group can be made: then the
    peak that a test reads from /proc is all there is."""

    _count = 0

    def __init__(self, mib):
        MemoryLimit._count += 1
        self.mib = mib
        root, limit, swap = (_V1, "memory.limit_in_bytes", None) if _V1.is_dir() else (_V2, "memory.max", "memory.swap.max")
        self.folder = root / f"weather-gateway-test-{os.getpid()}-{MemoryLimit._count}"
        try:
            self.folder.mkdir()
            (self.folder / limit).write_text(str(mib << 20))
            if swap and (self.folder / swap).exists():
                (self.folder / swap).write_text("0")
            self.enforced = True
        except OSError:
            self.enforced = False
        unittest.addModuleCleanup(self.remove)

    def take(self, process):
        """From here on the memory of this harness.process.Process counts. Call it at once after start()."""
        if self.enforced:
            (self.folder / "cgroup.procs").write_text(str(process.child.pid))

    def remove(self):
        if self.folder.is_dir():
            try:
                self.folder.rmdir()
            except OSError:
                pass  # a killed process is not quite gone yet; an empty group costs nothing
