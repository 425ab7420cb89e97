"""python3-dbusmock's BlueZ, with what its own template lacks: advertisements with data, a crowd of strangers, advertisement
monitors. Read by dbusmock itself (harness/bluez.py), not imported."""

import time

import dbus
from dbusmock import OBJECT_MANAGER_IFACE, mockobject
from dbusmock.templates import bluez5
from dbusmock.templates.bluez5 import *  # noqa: F401,F403 what dbusmock takes from a template
from gi.repository import GLib

MANAGER_IFACE = "org.bluez.AdvertisementMonitorManager1"
STEP_MS = 20


def load(mock, parameters):
    """Without advertisement monitors, which newer templates have from the start."""
    bluez5.load(mock, {**parameters, "enable_monitor_api": False})


def device_path(adapter, address):
    return f"/org/bluez/{adapter}/dev_{address.replace(':', '_')}"


def variants(data, signature):
    return dbus.Dictionary({key: dbus.Array(value, signature="y", variant_level=1) for key, value in data.items()},
                           signature=signature, variant_level=1)


@dbus.service.method("org.bluez.Mock", in_signature="sssa{qay}a{say}n", out_signature="")
def Advertise(_self, adapter, address, name, manufacturer, service, rssi):
    """As bluetoothd tells of one: a device that is new with all it has, else what has changed."""
    path = device_path(adapter, address)
    changed = {"RSSI": dbus.Int16(rssi, variant_level=1)}
    if manufacturer:
        changed["ManufacturerData"] = variants(manufacturer, "qv")
    if service:
        changed["ServiceData"] = variants(service, "sv")
    if name:
        changed["Name"] = dbus.String(name, variant_level=1)
    if path not in mockobject.objects:
        properties = {"Address": dbus.String(address, variant_level=1), "Adapter": dbus.ObjectPath("/org/bluez/" + adapter, variant_level=1),
                      "Alias": dbus.String(name or address.replace(":", "-"), variant_level=1), **changed}
        mockobject.objects["/"].AddObject(path, "org.bluez.Device1", properties, [])
        mockobject.objects["/"].EmitSignal(OBJECT_MANAGER_IFACE, "InterfacesAdded", "oa{sa{sv}}",
                                           [dbus.ObjectPath(path), {"org.bluez.Device1": properties}])
        return
    mockobject.objects[path].props["org.bluez.Device1"].update(changed)
    mockobject.objects[path].EmitSignal(dbus.PROPERTIES_IFACE, "PropertiesChanged", "sa{sv}as", ["org.bluez.Device1", changed, []])


@dbus.service.method("org.bluez.Mock", in_signature="suu", out_signature="")
def Crowd(self, adapter, devices, per_minute):
    """From now on so many advertisements a minute of telephones and the like; 0: none any more."""
    state = mockobject.objects["/"]
    state.crowd_per_s, state.crowd_since, state.crowd_now = per_minute / 60, time.monotonic(), 0
    state.crowd_sent = getattr(state, "crowd_sent", 0)
    addresses = [f"5E:00:00:00:{n >> 8:02X}:{n & 255:02X}" for n in range(devices)]

    def send():
        while state.crowd_now < (time.monotonic() - state.crowd_since) * state.crowd_per_s:
            state.crowd_now += 1
            state.crowd_sent += 1
            count = state.crowd_sent
            Advertise(self, adapter, addresses[count % devices], "", {0x004C: [count & 255, count >> 8 & 255, *range(20)]},
                      {"0000feaa-0000-1000-8000-00805f9b34fb": [count & 255] * 10} if count % 4 == 0 else {}, -90 + count % 9)
        return state.crowd_per_s > 0

    if per_minute:
        GLib.timeout_add(STEP_MS, send)


@dbus.service.method("org.bluez.Mock", in_signature="", out_signature="u")
def Sent(_self):
    return getattr(mockobject.objects["/"], "crowd_sent", 0)


@dbus.service.method("org.bluez.Mock", in_signature="sb", out_signature="")
def SetPowered(_self, adapter, powered):
    mockobject.objects["/org/bluez/" + adapter].UpdateProperties("org.bluez.Adapter1",
                                                                {"Powered": dbus.Boolean(powered, variant_level=1)})


@dbus.service.method("org.bluez.Mock", in_signature="s", out_signature="")
def OfferMonitors(_self, adapter):
    """The adapter takes advertisement monitors; what is registered is in `registered`."""
    mock = mockobject.objects["/org/bluez/" + adapter]
    mock.AddProperties(MANAGER_IFACE, {"SupportedMonitorTypes": dbus.Array(["or_patterns"], signature="s", variant_level=1)})
    mock.AddMethods(MANAGER_IFACE, [("RegisterMonitor", "o", "", RegisterMonitor), ("UnregisterMonitor", "o", "", "")])


@dbus.service.method(MANAGER_IFACE, in_signature="o", out_signature="", sender_keyword="sender")
def RegisterMonitor(adapter, path, sender=None):
    """Asks for the monitors below the path as bluetoothd does, and activates them."""
    bus = adapter.connection
    client = next(name for name in bus.list_names() if name.startswith(":") and is_gateway(bus, name, path))

    def activate(objects):
        for monitor, interfaces in objects.items():
            said = interfaces["org.bluez.AdvertisementMonitor1"]
            mockobject.objects["/"].registered = [str(said["Type"])] + [bytes([start, kind, *content]).hex()
                                                                        for start, kind, content in said["Patterns"]]
            bus.call_async(client, monitor, "org.bluez.AdvertisementMonitor1", "Activate", "", (), None, None)

    bus.call_async(client, path, OBJECT_MANAGER_IFACE, "GetManagedObjects", "", (), activate, print)


def is_gateway(bus, name, path):
    """dbusmock does not tell who called."""
    if name == bus.get_unique_name():
        return False
    try:
        return bool(bus.call_blocking(name, path, OBJECT_MANAGER_IFACE, "GetManagedObjects", "", (), timeout=1))
    except dbus.exceptions.DBusException:
        return False


@dbus.service.method("org.bluez.Mock", in_signature="s", out_signature="")
def Nonsense(_self, adapter):
    """Properties of an adapter with other types than they have."""
    mockobject.objects["/org/bluez/" + adapter].EmitSignal(dbus.PROPERTIES_IFACE, "PropertiesChanged", "sa{sv}as", [
        "org.bluez.Adapter1", {"Powered": dbus.String("yes", variant_level=1), "Discovering": dbus.Int32(1, variant_level=1),
                               "Address": dbus.Array([1], signature="i", variant_level=1)}, []])


@dbus.service.method("org.bluez.Mock", in_signature="", out_signature="as")
def Registered(_self):
    return dbus.Array(getattr(mockobject.objects["/"], "registered", []), signature="s")
