"""The sector that says which slot is booted, as fw_setenv and boot.cmd write it, and what boot.cmd has to make of it."""

import struct
import typing
import zlib

SIZE = 512
PLACES = (0x100000, 0x200000)  # first, copy
TRIES, GOOD_TRIES = 3, 9


class State(typing.NamedTuple):
    order: str   # "A B"
    a_left: int
    b_left: int
    good: str    # "A", "B" or ""


UNKNOWN = State("A B", TRIES, TRIES, "")


def sector(state):
    """U-Boot writes its numbers in hexadecimal; they have one digit."""
    values = {"BOOT_ORDER": state.order, "BOOT_A_LEFT": f"{state.a_left:x}", "BOOT_B_LEFT": f"{state.b_left:x}", "BOOT_GOOD": state.good}
    text = b"".join(f"{name}={value}".encode() + b"\0" for name, value in values.items() if value).ljust(SIZE - 4, b"\0")
    return struct.pack("<I", zlib.crc32(text)) + text


def read(data):
    """The state in a sector; None if it is not whole."""
    checksum, text = struct.unpack("<I", data[:4])[0], data[4:]
    if zlib.crc32(text) != checksum:
        return None
    values = dict(pair.decode().split("=", 1) for pair in text.split(b"\0\0", 1)[0].split(b"\0") if pair)
    return State(values["BOOT_ORDER"], int(values["BOOT_A_LEFT"], 16), int(values["BOOT_B_LEFT"], 16), values.get("BOOT_GOOD", ""))


def put(disk, first, copy):
    """Writes both sectors, bytes each, into the image of a disk."""
    with open(disk, "r+b") as file:
        for place, data in zip(PLACES, (first, copy)):
            file.seek(place)
            file.write(data)


def both(disk):
    with open(disk, "rb") as file:
        return [file.seek(place) and file.read(SIZE) for place in PLACES]


def start(state):
    """One start from `state`: the slot that is booted, None if none has starts left, and the state that is written."""
    for slot in state.order.split():
        if slot == "A" and state.a_left > 0:
            return "A", state._replace(a_left=state.a_left - 1)
        if slot == "B" and state.b_left > 0:
            return "B", state._replace(b_left=state.b_left - 1)
    given = {"": (TRIES, TRIES), "A": (GOOD_TRIES, 1), "B": (1, GOOD_TRIES)}[state.good]
    return None, state._replace(a_left=given[0], b_left=given[1])


def told(known, state, slot, after):
    """What boot.cmd says of such a start on the console."""
    lines = [f"WG: state {known} order {state.order} A {state.a_left:x} B {state.b_left:x} good {state.good}".rstrip()]
    if slot is None:
        return [*lines, "WG: no slot has starts left; given again"]
    trial = "" if slot == state.good else " weather.trial=1"
    return [*lines, f"WG: slot {slot} left A {after.a_left:x} B {after.b_left:x}{trial}", f"WG: slot {slot} does not start"]
