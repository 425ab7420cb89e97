"""U-Boot chooses the slot: its script on an emulated Pi 3 and on virt, without a kernel, against a model in Python.

A slot with nothing in it ends in a reset, so that each run goes on from state to state by itself. WEATHER_SUITE=soak:
from each counter of both slots, otherwise from few.
"""

import itertools
import os
import subprocess
import unittest

import firmware
import state
from harness import suite
from state import State

SOAK = os.environ.get("WEATHER_SUITE") == "soak"


def setUpModule():
    global random, card
    random = suite.seeded_random()
    card = firmware.empty_card(suite.folder("card"))


def predict(first, copy, steps):
    """What the console says over that many starts, and the state after each."""
    read = [state.read(first), state.read(copy)]
    known = "first" if read[0] else "copy" if read[1] else "no"
    now, lines, states = read[0] or read[1] or state.UNKNOWN, [], []
    for _ in range(steps):
        slot, after = state.start(now)
        lines += state.told(known, now, slot, after)
        states.append(after)
        now, known = after, "first"
    return lines, states


class BootChoice(unittest.TestCase):
    def follow(self, machine, first, copy, steps):
        """Runs from these two sectors over at least `steps` starts."""
        state.put(card, first, copy)
        log = suite.FOLDER / "console.log"
        log.unlink(missing_ok=True)
        run = machine(card, log)
        run.start()

        def starts():
            output = run.output()
            assert run.running(), output
            return output.count("does not start") + output.count("given again")
        try:
            suite.wait_for(lambda: starts() >= steps, lambda: f"{steps} starts: {run.output()}", 300)
        finally:
            run.kill9()
        said = [line.strip().rstrip() for line in run.output().splitlines() if line.startswith("WG:")]
        done = starts_in(said)
        lines, states = predict(first, copy, done + 1)
        self.assertEqual(said, lines[:len(said)])
        written = state.both(card)
        # The kill may have come before, between or after the writes of the start that was under way.
        self.assertIn(state.read(written[0]), states[done - 1:])
        self.assertIn(state.read(written[1]), states[done - 1:])
        return states[:done]

    def test_every_counter(self):
        most = 9 if SOAK else 2
        counters = range(10) if SOAK else (0, 1)
        visited = set()
        for order, good, b_left in itertools.product(("A B", "B A"), ("A", "B", ""), counters):
            begin = State(order, most, b_left, good) if order == "A B" else State(order, b_left, most, good)
            steps = most + b_left + 2  # all starts of both, the one that gives new ones, and one more
            reached = self.follow(firmware.Raspi3b, state.sector(begin), state.sector(begin), steps)
            visited.update([begin, *reached])
        print(f"{len(visited)} states, each followed by the one that the model says", flush=True)
        if SOAK:
            self.assertLessEqual({State(o, a, b, g) for o in ("A B", "B A") for a in range(10) for b in range(10) for g in ("A", "B", "")} - visited, set())

    def test_torn_sectors(self):
        """All pairs of whole, older, torn and zeroed: a whole first wins, then a whole copy, then both slots are on trial."""
        new, old = State("B A", 9, 3, "A"), State("A B", 8, 0, "A")

        def torn(into, over):
            cut = random.randrange(1, state.SIZE)
            made = state.sector(into)[:cut] + state.sector(over)[cut:]
            return made if state.read(made) is None else torn(into, over)
        kinds = {
            "new": lambda: state.sector(new), "old": lambda: state.sector(old), "zeroed": lambda: bytes(state.SIZE),
            "erased": lambda: b"\xff" * state.SIZE, "torn": lambda: torn(new, old), "noise": lambda: random.randbytes(state.SIZE),
        }
        for first, copy in itertools.product(kinds, kinds):
            with self.subTest(first=first, copy=copy):
                self.follow(firmware.Raspi3b, kinds[first](), kinds[copy](), 1)

    def test_the_script_is_the_same_on_virt(self):
        for begin in (State("B A", 9, 2, "A"), State("A B", 1, 0, "B")):
            self.follow(firmware.Virt, state.sector(begin), bytes(state.SIZE), 4)

    def test_the_systems_tools_read_what_was_written(self):
        begin = State("B A", 9, 3, "A")
        reached = self.follow(firmware.Raspi3b, state.sector(begin), state.sector(begin), 2)
        for place in state.PLACES:
            config = suite.FOLDER / "fw_env.config"
            config.write_text(f"{card} {place:#x} {state.SIZE:#x}\n")
            printed = subprocess.run(["fw_printenv", "-c", config], check=True, capture_output=True, text=True).stdout
            values = dict(line.split("=", 1) for line in printed.splitlines())
            self.assertEqual((values["BOOT_ORDER"], values["BOOT_GOOD"], values["BOOT_A_LEFT"]), ("B A", "A", "9"))
            self.assertLessEqual(int(values["BOOT_B_LEFT"]), reached[-1].b_left)


def starts_in(said):
    return sum(line.endswith(("does not start", "given again")) for line in said)


if __name__ == "__main__":
    suite.main()
