"""A system bus of the test's own and a bluetoothd on it: python3-dbusmock's, with harness/bluez_template.py."""

import os
import pathlib
import sys
import unittest

import dbus
from harness import suite
from harness.process import Process

TEMPLATE = pathlib.Path(__file__).with_name("bluez_template.py")
UUID = "0000{:04x}-0000-1000-8000-00805f9b34fb"

BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_destination="*"/>
    <allow receive_type="*"/>
    {more}
  </policy>
</busconfig>
"""
DENY = '<deny send_destination="org.bluez"/>'


class Bus:
    def __init__(self, more=""):
        self.folder = suite.folder("bus")
        self.address = f"unix:path={self.folder / 'socket'}"
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
        config = self.folder / "bus.conf"
        config.write_text(BUS.format(socket=self.folder / "socket", more=more))
        self.process = Process(["dbus-daemon", f"--config-file={config}", "--nofork"], self.folder / "bus.log")
        unittest.addModuleCleanup(self.process.kill9)

    def start(self):
        self.process.start()
        suite.wait_for((self.folder / "socket").exists, lambda: f"a bus: {self.process.output()}")
        return self

    def of(self, gateway):
        """The gateway with this bus for the machine's."""
        gateway.process.environment.update(self.environment)
        return gateway


class Bluetoothd:
    def __init__(self, bus):
        self.bus = bus
        self.process = Process([sys.executable, "-m", "dbusmock", "--system", "--template", TEMPLATE], bus.folder / "bluetoothd.log")
        self.process.environment = dict(bus.environment)
        unittest.addModuleCleanup(self.process.kill9)
        self.connection = None

    def start(self, *adapters):
        self.process.start()
        self.connection = self.connection or dbus.bus.BusConnection(self.bus.address)
        suite.wait_for(lambda: self.connection.name_has_owner("org.bluez"), lambda: f"bluetoothd: {self.process.output()[-2000:]}")
        for adapter in adapters:
            self.add(adapter)
        return self

    def kill(self):
        self.process.kill9()

    def mock(self, method, *arguments):
        """A method of the mock's own."""
        return self.connection.get_object("org.bluez", "/", introspect=False).get_dbus_method(method, "org.bluez.Mock")(*arguments)

    def add(self, adapter):
        self.mock("AddAdapter", adapter, "raspberrypi")

    def property(self, adapter, name):
        return self.connection.get_object("org.bluez", f"/org/bluez/{adapter}", introspect=False).Get(
            "org.bluez.Adapter1", name, dbus_interface=dbus.PROPERTIES_IFACE)

    def wait_until_scanned(self, adapter="hci0"):
        suite.wait_for(lambda: self.property(adapter, "Discovering"), lambda: f"a discovery: {self.process.output()[-2000:]}")

    def advertise(self, address, service=None, manufacturer=None, name="", rssi=-60, adapter="hci0"):
        """`service` and `manufacturer`: (number, hexadecimal)."""
        bytes_of = lambda text: dbus.Array(bytes.fromhex(text), signature="y")
        manufacturers = {dbus.UInt16(manufacturer[0]): bytes_of(manufacturer[1])} if manufacturer else {}
        services = {UUID.format(service[0]): bytes_of(service[1])} if service else {}
        self.mock("Advertise", adapter, address, name, dbus.Dictionary(manufacturers, signature="qay"),
                  dbus.Dictionary(services, signature="say"), dbus.Int16(rssi))
