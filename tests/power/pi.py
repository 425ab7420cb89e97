"""A whole arm64 Debian in QEMU, booted with Debian's kernel and systemd: as near to a Pi as no Pi gets."""

import hashlib
import pathlib
import re
import shutil
import subprocess
import unittest

import guest
from harness import suite
from harness.process import Process

BINFMT = pathlib.Path("/proc/sys/fs/binfmt_misc")
SUITES = {"12": "bookworm", "13": "trixie"}
# ext4 asks for its checksum by name, so that no module names it as needed.
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "crc32c_generic", "ext4")

INIT = """\
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in {modules}; do /bin/busybox insmod /modules/$module.ko; done
/bin/busybox mount -t ext4 /dev/vda /root
exec /bin/busybox switch_root /root /sbin/init
"""

# What a person does after the first boot; the console tells how it went.
FIRST_BOOT = """\
#!/bin/sh
exec >/dev/ttyAMA0 2>&1
ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2
if [ ! -e /usr/bin/weather-gateway ]; then
  DEBIAN_FRONTEND=noninteractive apt-get -q install -y /root/weather-gateway.deb
  systemctl is-active weather-gateway && echo PACKAGE-ACTIVE
  install -m 640 -g weather-gateway /root/tokens /etc/weather-gateway/tokens
  install -m 644 /root/station.toml /etc/weather-gateway/conf.d/station.toml
  sed -i 's/127.0.0.1:9092/{kafka}/' /etc/weather-gateway/weather-gateway.toml
  systemctl restart weather-gateway
fi
pid=$(systemctl show -P MainPID weather-gateway)
cat /proc/$pid/status
echo "AppArmor: $(cat /proc/$pid/attr/apparmor/current)"
for path in /etc/weather-gateway/x /usr/bin/x /var/x /home/x /root/x /proc/sys/kernel/hostname /var/lib/weather-gateway/x; do
  if nsenter -t $pid --mount -- sh -c "echo x >$path" 2>/dev/null; then echo "can write $path"; else echo "cannot write $path"; fi
done
rm -f /var/lib/weather-gateway/x
echo "memory.max $(cat /sys/fs/cgroup/system.slice/weather-gateway.service/memory.max)"
uname -a
echo FACTS-TOLD
while sleep 5; do echo "pid $(systemctl show -P MainPID weather-gateway) $(grep VmHWM /proc/$pid/status)"; done
"""

UNIT = """\
[Unit]
After=multi-user.target
[Service]
ExecStart=/root/first-boot
[Install]
WantedBy=multi-user.target
"""

# Kafka gives its clients the address it has outside; the same one leads there inside.
KAFKA_SOCKET = """\
[Socket]
ListenStream={kafka}
[Install]
WantedBy=sockets.target
"""
KAFKA_SERVICE = """\
[Service]
ExecStart=/lib/systemd/systemd-socket-proxyd 10.0.2.100:9092
"""

STATION = """\
[[http]]
listen = "0.0.0.0:8681"
tokens_file = "/etc/weather-gateway/tokens"
"""


def run_arm64_programs():
    """Lets this machine's kernel start arm64 programs by qemu-user, as Debian's qemu-user-static has it after a boot."""
    if not (BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT], check=True)
    if not (BINFMT / "qemu-aarch64").exists():
        line = pathlib.Path("/usr/lib/binfmt.d/qemu-aarch64.conf").read_bytes().strip()
        with open(BINFMT / "register", "wb", buffering=0) as file:
            file.write(line)


def make_root(package, root):
    """Debian with what the package depends on, nothing of ours; its kernel's package lies in /root."""
    run_arm64_programs()
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], capture_output=True, text=True, check=True).stdout
    needed = {re.split(r"[ (|]", dependency.strip())[0] for dependency in depends.split(",")}
    subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--architectures=arm64",
         "--include=" + ",".join(sorted({*needed, "systemd-sysv", "udev", "dbus", "iproute2", "busybox-static", "apparmor"})),
         "--customize-hook=chroot \"$1\" sh -c 'cd /root && apt-get -q download $(apt-cache depends linux-image-arm64 | sed -n s/.*Depends:.//p)'",
         SUITES[re.search(r"~deb(\d+)", package.name).group(1)], root], check=True)


def tokens():
    """The content of a tokens_file."""
    return "".join(hashlib.sha256(token.encode()).hexdigest() + "\n" for token in guest.TOKENS)


def install_unit(root, name, content, target):
    (root / "etc/systemd/system" / name).write_text(content)
    if target:
        wants = root / f"etc/systemd/system/{target}.wants"
        wants.mkdir(exist_ok=True)
        (wants / name).symlink_to(f"/etc/systemd/system/{name}")


def make_image(package, kafka):
    """The disk, the kernel and its initramfs. `package`: the arm64 .deb, installed at the first boot; `kafka`: its address.

    The folder of the disk keeps its content as `root`."""
    folder = suite.folder("pi")
    root, kernel, image = folder / "root", folder / "kernel", folder / "pi.img"
    make_root(package, root)
    archive = next(root.glob("root/linux-image-*.deb"))
    subprocess.run(["dpkg-deb", "-x", archive, kernel], check=True)
    archive.unlink()

    shutil.copy(package, root / "root/weather-gateway.deb")
    (root / "root/tokens").write_text(tokens())
    (root / "root/station.toml").write_text(STATION)
    (root / "root/first-boot").write_text(FIRST_BOOT.format(kafka=kafka))
    (root / "root/first-boot").chmod(0o755)
    install_unit(root, "first-boot.service", UNIT, "multi-user.target")
    install_unit(root, "kafka.socket", KAFKA_SOCKET.format(kafka=kafka), "sockets.target")
    install_unit(root, "kafka.service", KAFKA_SERVICE, None)
    # A log-in on the console would hang up on who else writes there.
    (root / "etc/systemd/system/serial-getty@ttyAMA0.service").symlink_to("/dev/null")
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, image, "1400M"], check=True)
    return image, next(kernel.glob("boot/vmlinuz-*")), make_initramfs(folder / "early", root / "bin/busybox", kernel)


def make_initramfs(early, busybox, kernel):
    for path in ("bin", "dev", "root", "modules"):
        (early / path).mkdir(parents=True)
    shutil.copy(busybox, early / "bin/busybox")
    needed = guest.modules(kernel, MODULES)
    for name, content in needed.items():
        (early / f"modules/{name}.ko").write_bytes(content)
    (early / "init").write_text(INIT.format(modules=" ".join(needed)))
    (early / "init").chmod(0o755)
    made = early.with_suffix(".cpio")
    made.write_bytes(b"".join(guest.archive(early)))
    return made


class Pi:
    """One run of the machine: 512 MiB, as the smallest Pi has."""

    def __init__(self, made, kafka):
        image, kernel, initramfs = made
        self.port = suite.free_port()
        self.process = Process(
            ["qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a72", "-m", "512", "-nodefaults", "-no-reboot", "-display", "none",
             "-serial", "stdio", "-kernel", kernel, "-initrd", initramfs, "-append", "console=ttyAMA0 quiet net.ifnames=0 panic=-1",
             "-drive", f"file={image},format=raw,if=virtio,cache=writeback",
             "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-10.0.2.15:8681,"
                        f"guestfwd=tcp:10.0.2.100:9092-cmd:socat - TCP:{kafka}", "-device", "virtio-net-pci,netdev=net,romfile="],
            pathlib.Path(image).parent / "console.log")
        unittest.addModuleCleanup(self.process.kill9)
        self.process.start()

    def output(self):
        return self.process.output()
