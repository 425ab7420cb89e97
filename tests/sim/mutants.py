#!/usr/bin/python3
"""Proves that the simulator can fail: builds the routes with one deliberate mistake after the other and simulates
gateways until one fails. Prints a Markdown table; exit 1 if a mistake is found by none.

    ninja -C build weather-sim && tests/sim/mutants.py build
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# name: replacements of (file, text, text). A text that is not there exactly once is an error: the source has changed and
# the mutant must follow. A name that starts with -- is a mistake of the layer below (main.cpp) instead.
MUTANTS = {
    "a second report ends a transaction that is being aborted, and without idempotence also for exactly-once": [
        ("bridge/core/machine_failure.cpp", "  become(Aborting{std::move(failures), next});\n", "  become(Draining{std::move(failures), next, moment_.now});\n"),
        ("bridge/core/machine_failure.cpp", "mode_ != ClientMode::idempotent) return;", "mode_ == ClientMode::plain) return;")],
    "a group ends only with its last record": [
        ("bridge/core/machine.cpp", "if (sending->group.delivered == 0 || (in_groups() && sending->group.left > 0 && !caught_up)) return;",
         "if (sending->group.delivered == 0 || (in_groups() && sending->group.left > 0)) return;"),
        ("bridge/core/machine.cpp", "    if (missing_topic_.empty()) unblock();\n", ""),
        ("bridge/core/machine.cpp", "      if (sending->group.delivered > 0 && !has_open_transaction()) group_done(*sending);\n", "")],
    "a record that nobody reports uses up its group": [
        ("bridge/core/machine.cpp", "  window_.push(slot);\n}", "  window_.push(slot);\n  dead_lettered(0);\n}")],
    "a missing topic is not asked for": [
        ("bridge/core/machine_confirmation.cpp", "  if (silent || !missing_topic_.empty()) {", "  if (false) {")],
    "a look that was put off stays put off": [
        ("bridge/core/machine_confirmation.cpp", "if (std::exchange(looked_in_vain_, 0) <= looks_to_be_sure) return;", "looked_in_vain_ = 0;\n  return;")],
    "nobody looks after a dead letter": [
        ("bridge/core/machine.cpp", "if (window_.in_flight() == 1 || !armed(Timer::stall)) {", "if (window_.in_flight() == 1) {")],
    "a transaction has no end but a lull": [
        ("bridge/core/machine.cpp", "  if (client_ == Client::in_transaction && moment_.now >= group_ends_) return false;\n", "")],
    "a report in an open transaction counts": [
        ("bridge/core/machine.cpp", "    if (has_open_transaction()) {\n", "    if (false) {\n")],
    "what was given is not owed": [("bridge/core/machine.cpp", "  confirmations_.given(moment_.now);\n", "")],
    "the local cursor moves before the commit": [
        ("bridge/route/stream_transaction.cpp", "  const std::string key = cursor_key();", "  context_.log.advance(options_.name, next_cursor_);\n  const std::string key = cursor_key();")],
    "an abort is not awaited": [
        ("bridge/core/machine_failure.cpp", "  become(Aborting{std::move(failures), next});\n",
         "  add(Do::abort_transaction);\n  client_ = Client::ready;\n  return judge(std::move(failures), next);\n")],
    "the answer to an abort counts as one to the commit": [
        ("bridge/core/machine_transaction.cpp", "  if (is<Aborting>()) aborted(end);", "  become(Committing{});\n  committed();")],
    "what was read stays after a failure": [
        ("bridge/route/stream.cpp", "    case Do::drop_batch:\n      batch_ = {};\n", "    case Do::drop_batch:\n"),
        ("bridge/route/stream.cpp", "    case Do::reread:\n      batch_ = {};\n", "    case Do::reread:\n")],
    "a resumed route waits for the next reading": [
        ("bridge/core/machine_control.cpp", "  if (!change.on) look();", "")],
    "the answer of the schema registry is dropped": [
        ("bridge/core/machine_opening.cpp", "  if (opening && opening->step == Opening::Step::schema) open_transactions();", "")],
    "the registry is asked once": [
        ("bridge/core/machine_opening.cpp", "  wait(no.for_good ? a_person : schema_wait_.next(moment_.random));", "")],
    "the live part begins one record late": [
        ("bridge/route/route_live.cpp", "*this, Part::live, at);", "*this, Part::live, at + 1);")],
    "what was sent first is not counted in": [
        ("bridge/core/position.cpp", "  add_counts(cursor_, range);\n", "")],
    "the backlog runs into what was sent first": [
        ("bridge/core/position.cpp", "  cursor_.next = std::max(cursor_.next, range.next);\n", "")],
    "a loss that was passed is not counted": [
        ("bridge/core/window.cpp", "      result.dropped += slot.lost_records;", "      ++result.dropped;")],
    "a slot without a report is forgotten when the queue is full": [
        ("bridge/core/machine.cpp", "  if (record.outcome.code == code::queue_full) {\n    window_.drop_last();",
         "  if (record.outcome.code == code::queue_full) {\n    window_.settle(record.id, Fate::passed);")],
    "a paused route sends": [("bridge/core/machine.cpp", "if (!sending || !holds_.none()) return false;", "if (!sending || (!holds_.none() && !holds_.has(Hold::paused))) return false;"),
                             ("bridge/core/machine.cpp", "promises_.gives(is<Sending>(), !holds_.none());", "promises_.gives(is<Sending>(), false);")],
    "a paused route sends, and is stopped by P1": [
        ("bridge/core/machine.cpp", "if (!sending || !holds_.none()) return false;", "if (!sending || (!holds_.none() && !holds_.has(Hold::paused))) return false;")],
    "online by the link alone": [("bridge/core/machine_confirmation.cpp", "  return Confirmations::all_well(", "  return true || Confirmations::all_well(")],
    "goes on sending after a failed report": [
        ("bridge/core/machine_failure.cpp", "  if (is<Sending>()) return drain(Next::send, std::move(failures));\n", ""),
        ("bridge/core/machine.cpp", "  if (slot && !delivered) promises_.failed();\n", "")],
    "goes on sending after a failed report, and is stopped by P2": [
        ("bridge/core/machine_failure.cpp", "  if (is<Sending>()) return drain(Next::send, std::move(failures));\n", "")],
    "purged once only": [("bridge/core/machine_failure.cpp", "  add(Do::purge);\n  arm(Timer::purge, purge_after);", "  add(Do::purge);")],
    "not purged": [("bridge/core/machine_failure.cpp", "  add(Do::purge);\n  arm(Timer::purge, purge_after);", "  arm(Timer::purge, purge_after);")],
    "the watermark skips a hole": [
        ("bridge/core/window.cpp", "if (slot.fate < Fate::delivered) break;", "if (slot.fate < Fate::delivered) continue;")],
    "the cursor counts what was not confirmed": [
        ("bridge/core/machine.cpp", "  window_.settle(record.id, Fate::failed);\n", "  window_.settle(record.id, Fate::delivered);\n")],
    "a failed report counts as delivered": [
        ("bridge/core/machine.cpp", "window_.settle(id, delivered ? Fate::delivered : Fate::failed);", "window_.settle(id, Fate::delivered);")],
    "what an aborted transaction held counts as delivered": [
        ("bridge/core/machine_failure.cpp", "    window_.rewind_undelivered();", "    window_.rewind();")],
    "no rewind after a failure": [
        ("bridge/core/machine_failure.cpp", "  add(Do::reread);\n}\n\nvoid Machine::restart_at", "}\n\nvoid Machine::restart_at")],
    "the cursor of the transaction is not read back": [
        ("bridge/route/stream_transaction.cpp", "  if (ours && opened.stored->cursor.next > owner_.position().next()) {", "  if (false) {")],
    "the transaction ends without its cursor": [
        ("bridge/route/stream_transaction.cpp", "if (const int code = producer_->produce(record, out_of_band_bit))", "if (const int code = 0)")],
    "the first record of a key does not travel alone": [
        ("bridge/core/machine.cpp", "  return first_send_gate_->may_send(key_in_topic_);", "  return true;")],
    "a bad record takes its whole batch along": [
        ("bridge/core/failure_policy.cpp", "  if (failures.records > 1) {", "  if (false) {")],
    "what is blocked is dead-lettered": [
        ("bridge/core/failure_policy.cpp", "  if (failures.blocked_code != 0) {", "  if (false) {")],
    "a dead letter counts before it is on the card": [
        ("bridge/dead_letters/writer.cpp", "  shared_->settle((*opened)->durable());", "  shared_->settle(~std::uint64_t{0});")],
    "a producer that was cut stays": [
        ("bridge/core/machine_failure.cpp", "    if (moment_.cut || next == Next::renew) drop_client();", "    if (next == Next::renew) drop_client();")],
    "the library is not told what travels together": [
        ("bridge/route/stream_send.cpp", "  producer_->send_together(machine_.sends_together());", "  producer_->send_together(false);")],
    "a renewal forgets what is in flight": [
        ("bridge/core/machine_control.cpp", "  rewind();\n  drop_client();\n", "  drop_client();\n")],
    "a fatal error makes no new producer": [
        ("bridge/core/machine_failure.cpp", "    if (verdict.restart) new_client_for(verdict, failures);\n", "")],
    "a log that cannot be read is read no more": [
        ("bridge/core/machine_opening.cpp", '  hold(Hold::log, std::chrono::seconds(5));', '  holds_.set(Hold::log, true);')],
    "--purge_forgotten: what a purge gives back is not reported": "purge_forgotten",
    "--leader_gate_open: nor does a leader that has moved": "leader_gate_open",
    "--gate_open: a refused batch does not shut the connection": "gate_open",
    "--retry_gate_open: nor does a retry of the library": "retry_gate_open",
    "a cursor is kept inside of what a summary is made of": [
        ("bridge/thinning/summary_reader.cpp", "  return begins_.count(next) != 0;", "  return true;")],
    "a summary is made again from where it was asked": [
        ("bridge/thinning/summary_reader.cpp", "  last_ = *begin - 1;\n  all_->seek(*begin);", "  last_ = next - 1;\n  all_->seek(next);")],
    "a summary that is due waits for the next reading": [
        ("bridge/route/stream_send.cpp", "  if (const auto due = thinned_->due_ns()) {", "  if (const auto due = thinned_->due_ns(); due && false) {")],
}


def compile_commands(build):
    """The command that compiles each source of bridge/: its own, or that of the file that includes it with others."""
    commands = json.loads(subprocess.run(["ninja", "-C", build, "-t", "compdb"], check=True, capture_output=True,
                                         text=True).stdout)
    by_source = {}
    for command in commands:
        unit = Path(command["directory"], command["file"]).resolve()
        if unit.suffix != ".cpp":
            continue
        together = re.findall(r'(?m)^#include "(bridge/\S+\.cpp)"$', unit.read_text()) if unit.is_relative_to(build) else []
        if not together and unit.is_relative_to(ROOT / "bridge"):
            together = [str(unit.relative_to(ROOT))]
        by_source |= dict.fromkeys(together, command)
    return by_source


def mutated(name):
    """The changed text of each file that the mutant changes."""
    texts = {}
    for file, old, new in MUTANTS[name]:
        text = texts.get(file) or (ROOT / file).read_text()
        if text.count(old) != 1:
            raise SystemExit(f"mutant '{name}': its text is in {file} {text.count(old)} times, not once")
        texts[file] = text.replace(old, new)
    return texts


def compile_unit(build, command, changed, folder):
    """The object of a unit in which `changed` takes the place of sources."""
    unit = Path(command["directory"], command["file"]).resolve()
    out = folder / (unit.stem + ".o")
    words = shlex.split(command["command"])
    words[words.index("-o") + 1] = str(out)
    text = unit.read_text() if unit.is_relative_to(build) else f'#include "{unit.relative_to(ROOT)}"\n'
    for file, source in changed.items():
        text = text.replace(f'"{file}"', f'"{source}"')
    own = folder / f"{unit.stem}_with_it.cpp"
    own.write_text(text)
    words = [str(own) if Path(command["directory"], word).resolve() == unit else word for word in words if word != "-Werror"]
    subprocess.run(words, cwd=command["directory"], check=True, stderr=subprocess.DEVNULL)
    return str(out)


def build_mutant(build, name, folder):
    program = folder / "weather-sim"
    commands, units = compile_commands(build), {}
    for file, text in mutated(name).items():
        source = folder / Path(file).name
        source.write_text(text)
        units.setdefault(commands[file]["output"], (commands[file], {}))[1][file] = source
    made = [compile_unit(build, command, changed, folder) for command, changed in units.values()]
    link = subprocess.run(["ninja", "-C", build, "-t", "commands", "weather-sim"], check=True, capture_output=True,
                          text=True).stdout.splitlines()[-1].removeprefix(": && ").removesuffix(" && :")
    command = shlex.split(link)
    command[command.index("-o") + 1] = str(program)
    command[1:1] = made  # before the library, so that its own versions are left aside
    subprocess.run(command, cwd=build, check=True)
    return [str(program)]


def found_by(command, seeds):
    """The seed that finds it and what it says, or None."""
    try:
        done = subprocess.run([*command, "--seeds", f"1-{seeds}", "--first"], capture_output=True, text=True, timeout=900)
    except subprocess.TimeoutExpired:
        return "?", "it hangs"
    if done.returncode == 0:
        return None
    said = re.search(r"FAILED: (.*)\n  weather-sim --seeds (\d+)", done.stdout)
    return (said.group(2), said.group(1)) if said else ("?", f"it ends with {done.returncode}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build", type=Path, nargs="?", help="build folder that holds weather-sim")
    parser.add_argument("--check", action="store_true", help="only whether each mutant's text is still in the sources")
    parser.add_argument("--seeds", type=int, default=10000)
    parser.add_argument("--only", action="append", default=[], help="part of a mutant's name; also more than once")
    options = parser.parse_args()
    if options.check:
        for name, how in MUTANTS.items():
            if not isinstance(how, str):
                mutated(name)
        return 0
    build, survivors = options.build.resolve(), 0
    print("| mistake | found by seed | what it says |\n|---|---:|---|", flush=True)
    for name, how in MUTANTS.items():
        if options.only and not any(part in name for part in options.only):
            continue
        with tempfile.TemporaryDirectory(prefix="weather-mutant-") as folder:
            command = ([str(build / "weather-sim"), "--mistake", how] if isinstance(how, str)
                       else build_mutant(build, name, Path(folder)))
            found = found_by(command, options.seeds)
        survivors += found is None
        seed, said = found or ("-", "**nothing**")
        print(f"| {name.split(': ')[-1]} | {seed} | {said} |", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
