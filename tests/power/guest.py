"""A small machine in QEMU: Debian's kernel, busybox, the gateway with its libraries, its data on /dev/vda."""

import hashlib
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from harness import suite
from harness.gateway import PROGRAM
from harness.process import Process

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weather-gateway-test-kernel"
PROFILE = pathlib.Path(__file__).resolve().parents[2] / "cross/etc/apparmor.d/weather-gateway"
MODULES = ("virtio_pci", "virtio_blk", "virtio_net")
TOKENS = [f"{number:032x}" for number in range(1, 9)]  # each may ask ten times a second

INIT = """\
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs run /run
mount -t securityfs security /sys/kernel/security; mkdir /run/weather-gateway
exec </dev/console >/dev/console 2>&1
for module in {modules}; do insmod /modules/$module.ko; done
ip link set lo up
network() {{ ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2; echo THE NETWORK IS UP; }}
{boot}
mount -t ext4 /dev/vda /var/lib/weather-gateway && echo MOUNTED
echo 8 >/proc/sys/kernel/printk
{confined}
({confine} {environment} exec /usr/bin/weather-gateway run -c /etc/weather-gateway/weather-gateway.toml)
echo THE GATEWAY ENDED; sleep 1000
"""

CONFIG = """\
config_version = 1
[gateway]
id = "pi"
data_dir = "/var/lib/weather-gateway"
[log]
segment_bytes = "1MiB"
[[http]]
listen = "0.0.0.0:8681"
tokens_file = "/etc/weather-gateway/tokens"
[kafka.properties]
"bootstrap.servers" = "10.0.2.2:9"
"""

# Durability taken away: what a program without fdatasync would be.
NO_SYNC = """\
int fdatasync(int file) { (void)file; return 0; }
int fsync(int file) { (void)file; return 0; }
"""


# The package's profile, as a wall and not as a word: what it forbids is told on the console.
CONFINED = 'cat /profile >/sys/kernel/security/apparmor/.load && echo CONFINED'
CONFINE = 'echo -n "exec weather-gateway" >/proc/self/attr/exec;'


def _newest(image):
    told = subprocess.run(["apt-cache", "depends", image], capture_output=True, text=True).stdout
    found = re.search(r"Depends: (linux-image-\S+)", told)
    return found and found.group(1)


def kernel(image="linux-image-cloud-amd64"):
    """The kernel's folder: Debian's, fetched once with apt and kept in the cache."""
    package = _newest(image) or subprocess.run(["apt-get", "-q", "update"], check=True, capture_output=True) and _newest(image)
    assert package, f"apt knows no {image}; its lists may be missing"
    folder = CACHE / package
    if not folder.exists():
        fetched = folder.with_suffix(".part")
        shutil.rmtree(fetched, ignore_errors=True)
        fetched.mkdir(parents=True)
        subprocess.run(["apt-get", "-q", "download", package], cwd=fetched, check=True, capture_output=True)
        subprocess.run(["dpkg-deb", "-x", next(fetched.glob("*.deb")), fetched], check=True)
        fetched.rename(folder)
    return folder


def modules(folder, names):
    """Kernel modules by name, each after those it needs, as what insmod takes; none for what is in the kernel itself."""
    place = next(path for root in ("lib", "usr/lib") for path in folder.glob(f"{root}/modules/*"))  # Debian 12, 13
    files = {module_name(path): path for path in place.glob("kernel/**/*.ko*")}
    built_in = {module_name(line) for line in (place / "modules.builtin").read_text().splitlines()}
    found = {}

    def add(name):
        if name in built_in:
            return
        content = files[name].read_bytes() if files[name].suffix == ".ko" else lzma.decompress(files[name].read_bytes())
        for needed in re.search(rb"\0depends=([^\0]*)\0", content).group(1).decode().split(","):
            if needed and module_name(needed) not in found:
                add(module_name(needed))
        found[name] = content
    for name in names:
        add(name)
    return found


def module_name(path):
    return pathlib.PurePath(path).name.split(".")[0].replace("-", "_")


def make_initramfs(synced=True, boot="network", config=CONFIG, folder=None, modules_needed=MODULES, more_modules=None):
    """The kernel and an initramfs, as paths. Not `synced`: the gateway's fdatasync and fsync do nothing.

    `boot`: shell that runs before the gateway starts, where `network` brings up eth0. `folder`: the kernel's, with which of its
    `modules_needed`; `more_modules`: contents by name, after those."""
    folder, root = folder or kernel(), suite.folder("guest")
    for path in ("bin", "dev", "proc", "sys", "run", "var/lib/weather-gateway", "etc/weather-gateway", "usr/bin", "modules"):
        (root / path).mkdir(parents=True)
    busybox = shutil.which("busybox")
    shutil.copy(busybox, root / "bin/busybox")
    for command in ("sh", "mount", "mkdir", "cat", "insmod", "ip", "sleep", "echo", "nc", "wget"):
        (root / "bin" / command).symlink_to("busybox")
    environment, confined, confine = "", CONFINED, CONFINE
    enforced = root / "profile.txt"
    enforced.write_text(PROFILE.read_text().replace(",complain", ""))
    subprocess.run(["apparmor_parser", "--skip-kernel-load", "--skip-cache", "--base", "/etc/apparmor.d", "--ofile", root / "profile",
                    enforced], check=True)
    if not synced:  # the profile would not let the library in
        (root / "no_sync.c").write_text(NO_SYNC)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", root / "no_sync.so", root / "no_sync.c"], check=True)
        environment, confined, confine = "LD_PRELOAD=/no_sync.so", "", ""
    for word in subprocess.run(["ldd", str(PROGRAM), busybox], capture_output=True, text=True).stdout.split():
        if word.startswith("/") and not word.endswith(":"):
            target = root / word[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(word), target)
    subprocess.run(["strip", "-o", root / "usr/bin/weather-gateway", PROGRAM], check=True)
    needed = {**modules(folder, modules_needed), **(more_modules or {})}
    for name, content in needed.items():
        (root / f"modules/{name}.ko").write_bytes(content)
    (root / "etc/weather-gateway/tokens").write_text("".join(hashlib.sha256(token.encode()).hexdigest() + "\n" for token in TOKENS))
    (root / "etc/weather-gateway/weather-gateway.toml").write_text(config)
    (root / "init").write_text(INIT.format(modules=" ".join(needed), boot=boot, environment=environment, confined=confined, confine=confine))
    (root / "init").chmod(0o755)
    made = root.with_suffix(".cpio")
    made.write_bytes(b"".join(archive(root)))
    shutil.rmtree(root)
    return next(folder.glob("boot/vmlinuz-*")), made


def archive(root):
    """The folder as the kernel unpacks it: cpio, newc."""
    def entry(name, mode, data):
        fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        yield entry(str(path.relative_to(root)), mode, content)
    yield entry("TRAILER!!!", 0, b"")


def empty_disk(folder, mib):
    """The bytes of a disk with nothing but an ext4 file system."""
    image = folder / "empty.img"
    with open(image, "wb") as file:
        file.truncate(mib << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    return image.read_bytes()


class Guest:
    """One run of the machine, from power on to power cut."""

    def __init__(self, made, disk_socket, folder, forwards=""):
        """`forwards`: more of the network's options, as QEMU takes them, each after a comma."""
        self.port = suite.free_port()
        vmlinuz, initramfs = made
        self.process = Process(
            ["qemu-system-x86_64", "-machine", "pc,usb=off", "-cpu", "max", "-m", "192", "-nodefaults", "-no-reboot", "-display", "none",
             "-serial", "stdio", "-kernel", vmlinuz, "-initrd", initramfs, "-append", "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check",
             "-drive", f"driver=raw,file.driver=nbd,file.server.type=unix,file.server.path={disk_socket},if=virtio,cache.direct=on,cache.no-flush=off",
             "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-10.0.2.15:8681{forwards}", "-device", "virtio-net-pci,netdev=net,romfile="],
            folder / "console.log")
        unittest.addModuleCleanup(self.process.kill9)
        self.process.start()

    def power_cut(self):
        self.process.kill9()

    def wait_for(self, text, seconds):
        """Until its console has said that, and not that the gateway ended."""
        def look():
            assert "THE GATEWAY ENDED" not in self.output(), self.output()
            assert self.running(), self.output()
            return text in self.output()
        suite.wait_for(look, lambda: f"{text!r}: {self.output()}", seconds)

    def running(self):
        return self.process.running()

    def output(self):
        return self.process.output()
