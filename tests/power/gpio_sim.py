"""The kernel's own GPIO chip that does not exist (Documentation/admin-guide/gpio/gpio-sim.rst), for a machine in QEMU.

Debian's kernels are built without it (12 and 13: CONFIG_GPIO_SIM is not set), and the cloud one without GPIO. So it is built
from Debian's source of that kernel, with the simulated interrupts that it needs, and kept in the cache."""

import re
import shutil
import subprocess

import guest

KERNEL = "linux-image-amd64"
SOURCES = ("drivers/gpio/gpio-sim.c", "drivers/gpio/gpiolib.h", "kernel/irq/irq_sim.c")
# The kernel exports the parts of this to modules, and not the whole.
UNEXPORTED, EXPORTED = "irq_to_desc(irqnum)", "irq_data_to_desc(irq_get_irq_data(irqnum))"
MAKEFILE = "obj-m := gpio_sim.o\ngpio_sim-y := gpio-sim.o irq_sim.o\n"

# Lines 5 and 6 by name, held high as by the pull-up of a Pi; `fall N` pulls line N down and lets it go.
SETUP = """
mount -t configfs config /sys/kernel/config; mount -t debugfs debug /sys/kernel/debug
sim=/sys/kernel/config/gpio-sim/pi
mkdir $sim $sim/bank0 $sim/bank0/line5 $sim/bank0/line6
echo 8 >$sim/bank0/num_lines; echo GPIO5 >$sim/bank0/line5/name; echo GPIO6 >$sim/bank0/line6/name
echo 1 >$sim/live
pull() { echo pull-$2 >/sys/devices/platform/gpio-sim.0/gpiochip0/sim_gpio$1/pull; }
pull 5 up; pull 6 up
is_read() { busybox grep -q "GPIO$1.*weather-gateway" /sys/kernel/debug/gpio; }
"""


def _depends(package, pattern):
    told = subprocess.run(["apt-cache", "depends", package], capture_output=True, text=True, check=True).stdout
    return re.findall(rf"Depends: ({pattern})", told)


def module():
    """The kernel's folder, and its gpio_sim.ko as bytes."""
    folder = guest.kernel(KERNEL)
    made = folder / "gpio_sim.ko"
    if not made.exists():
        made.write_bytes(_build(folder))
    return folder, made.read_bytes()


def _build(folder):
    headers = folder.name.replace("linux-image-", "linux-headers-")
    version = re.search(r"\d+\.\d+", folder.name).group()
    work = folder.parent / (folder.name + ".build")
    shutil.rmtree(work, ignore_errors=True)
    (work / "module").mkdir(parents=True)
    packages = [headers, f"linux-source-{version}", *_depends(headers, r"linux-\S+")]
    subprocess.run(["apt-get", "-q", "download", *packages], cwd=work, check=True, capture_output=True)
    for package in work.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, work], check=True)
    source = next(work.glob("usr/src/linux-source-*.tar.xz"))
    top = source.name.removesuffix(".tar.xz")
    subprocess.run(["tar", "-xf", source, "-C", work, *(f"{top}/{name}" for name in SOURCES)], check=True)
    for name in SOURCES:
        text = (work / top / name).read_text().replace(UNEXPORTED, EXPORTED)
        (work / "module" / name.rsplit("/", 1)[1]).write_text(text)
    (work / "module/Makefile").write_text(MAKEFILE)
    place = work / "usr/src" / headers
    top_makefile = place / "Makefile"
    top_makefile.write_text(top_makefile.read_text().replace("/usr/src/", f"{work}/usr/src/"))
    subprocess.run(["make", "-C", place, f"M={work / 'module'}", "modules"], check=True, capture_output=True)
    built = (work / "module/gpio_sim.ko").read_bytes()
    shutil.rmtree(work)
    return built
