"""U-Boot on QEMU's two arm64 machines: raspi3b, whose card it reads as a Pi does, and virt, where a kernel can be watched."""

import functools
import pathlib
import subprocess

from harness.process import Process

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITE = "trixie"


@functools.cache
def fetched(*packages):
    """The folders of Debian's arm64 packages."""
    done = subprocess.run([ROOT / "cross/image/fetch", SUITE, *packages], check=True, stdout=subprocess.PIPE, text=True)
    return [pathlib.Path(line) for line in done.stdout.splitlines()]


def fat(folder):
    """A FAT file system with what U-Boot reads: its environment, the script."""
    made = folder / "fat.img"
    subprocess.run([ROOT / "cross/image/make-boot-files", folder / "boot"], check=True, stdout=subprocess.DEVNULL)
    with open(made, "wb") as file:
        file.truncate(8 << 20)
    subprocess.run(["mkfs.vfat", "-n", "WEATHER", made], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["mcopy", "-i", made, *(folder / "boot").iterdir(), "::"], check=True)
    return made


def empty_card(folder):
    """A card with the script and two slots with nothing in them: each start ends in a reset."""
    card = folder / "card.img"
    with open(card, "wb") as file:
        file.truncate(64 << 20)
        file.seek(4 << 20)
        file.write(fat(folder).read_bytes())
    table = "label: dos\nlabel-id: 0x57474757\nstart=8192,size=16384,type=c\nstart=32768,size=16384,type=83\nstart=49152,size=16384,type=83\nstart=65536,type=83\n"
    subprocess.run(["sfdisk", "-q", card], input=table, text=True, check=True)
    return card


class Raspi3b(Process):
    def __init__(self, card, log, *more):
        uboot, kernel = fetched("u-boot-rpi", "linux-image-arm64")
        tree = next(kernel.glob("usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb"))
        super().__init__(["qemu-system-aarch64", "-M", "raspi3b", "-kernel", uboot / "usr/lib/u-boot/rpi_arm64/u-boot.bin", "-dtb", tree,
                          "-drive", f"file={card},format=raw,if=sd", "-display", "none", "-monitor", "none", "-serial", "null", "-serial", "stdio",
                          *more], log)


class Virt(Process):
    def __init__(self, card, log, *more):
        """`card`: a file, or the options of another drive as QEMU takes them."""
        (uboot,) = fetched("u-boot-qemu")
        drive = card if isinstance(card, str) else f"file={card},format=raw"
        super().__init__(["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-m", "512", "-bios", uboot / "usr/lib/u-boot/qemu_arm64/u-boot.bin",
                          "-nodefaults", "-display", "none", "-monitor", "none", "-serial", "stdio",
                          "-drive", f"{drive},if=virtio", *more], log)
