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
        ("bridge/route_transaction.cpp", "  phase_ = Phase::aborting;\n", ""),
        ("bridge/route_failure.cpp", "if (verdict.plain && !plain_ && !exactly_once())", "if (verdict.plain && !plain_)")],
    "a group ends only with its last record": [
        ("bridge/route.cpp", "if (!group_delivered_ || (in_groups() && group_left_ > 0 && !caught_up)) return;",
         "if (!group_delivered_ || (in_groups() && group_left_ > 0)) return;"),
        ("bridge/route.cpp", "  if (caught_up && window_.size() == 0 && missing_topic_.empty()) tell_unblocked();  // nothing is to be sent\n", "")],
    "a record that nobody reports uses up its group": [
        ("bridge/route.cpp", "if (reported && group_left_ > 0) --group_left_;", "if (group_left_ > 0) --group_left_;")],
    "what failed while nothing was sent is not looked at": [
        ("bridge/route.cpp", "  if (failures_.any) return drain();  // something that was in flight while nothing was sent\n", "")],
    "a missing topic is not asked for": [
        ("bridge/route_stall.cpp", "    if (silent || !missing_topic_.empty()) {", "    if (false) {")],
    "a look that was put off stays put off": [
        ("bridge/route_stall.cpp", "if (std::exchange(looked_in_vain_, 0) <= looks_to_be_sure) return;", "looked_in_vain_ = 0;\n  return;")],
    "nobody looks after a dead letter": [
        ("bridge/route.cpp", "if (window_.in_flight() == 1 || !looks_later_) {", "if (window_.in_flight() == 1) {")],
    "a transaction has no end but a lull": [
        ("bridge/route.cpp", "  if (transaction_open_ && context_.clock.steady() >= group_ends_) return false;\n", "")],
    "a report in an open transaction counts": [
        ("bridge/route.cpp", "  if (!transaction_open_) note_confirmed();", "  note_confirmed();")],
    "an open transaction with nothing in flight is all right": [
        ("bridge/route_stall.cpp", "window_.in_flight() == 0 && !transaction_open_;", "window_.in_flight() == 0;")],
    "the local cursor moves before the commit": [
        ("bridge/route_transaction.cpp", "  const std::string key = cursor_key();", "  context_.log.advance(options_.name, next_cursor_);\n  const std::string key = cursor_key();")],
    "an abort is not awaited": [
        ("bridge/route_failure.cpp", "  if (transaction_open_ && !failures_.fatal) return abort();",
         "  if (transaction_open_ && !failures_.fatal) {\n    producer_->abort_transaction([](const TransactionResult&) {});\n    transaction_open_ = false;\n  }")],
    "what was read stays after a failure": [
        ("bridge/route_failure.cpp", "  phase_ = Phase::draining;\n  batch_ = {};", "  phase_ = Phase::draining;"),
        ("bridge/route.cpp", "void Route::read_from(log::Sequence next) {\n  batch_ = {};", "void Route::read_from(log::Sequence next) {")],
    "a resumed route waits for the next reading": [
        ("bridge/route_control.cpp", "  if (live_) live_->resume();\n  pump();", "  if (live_) live_->resume();")],
    "the answer of the schema registry is dropped": [
        ("bridge/route_schema.cpp", "    run();\n  }", "  }")],
    "the registry is asked once": [
        ("bridge/route_schema.cpp", "  wait(schema_wait_.next(context_.scheduler.random()));", "")],
    "the live part begins one record late": [
        ("bridge/route_live.cpp", "  const log::Sequence at = context_.log.durable() + 1;", "  const log::Sequence at = context_.log.durable() + 2;")],
    "what was sent first is not counted in": [
        ("bridge/core/position.cpp", "  add_counts(cursor_, stretch);\n", "")],
    "the backlog runs into what was sent first": [
        ("bridge/core/position.cpp", "  cursor_.next = std::max(cursor_.next, stretch.next);\n", "")],
    "a loss that was passed is not counted": [
        ("bridge/core/window.cpp", "      result.dropped += slot.lost_records;", "      ++result.dropped;")],
    "a slot without a report is forgotten when the queue is full": [
        ("bridge/route.cpp", "  if (code == code::queue_full) {  // back-pressure; a report will call pump()\n    window_.drop_last();",
         "  if (code == code::queue_full) {  // back-pressure; a report will call pump()\n    window_.settle(id, Fate::passed);")],
    "a paused route sends": [("bridge/route.cpp", "if (phase_ != Phase::running || paused_ || stopping_",
                              "if (phase_ != Phase::running || stopping_")],
    "online by the link alone": [("bridge/route_stall.cpp", "  if (!confirmed_) return false;\n", "  return true;\n")],
    "goes on sending after a failed report": [
        ("bridge/route_failure.cpp", "  if (phase_ == Phase::running) drain();\n}\n\nvoid Route::drain() {",
         "}\n\nvoid Route::drain() {")],
    "purged once only": [("bridge/route_failure.cpp", "if (context_.clock.steady() < end) return purge_until(end);", "return;")],
    "not purged": [("bridge/route_failure.cpp", "  producer_->purge(false);\n", "")],
    "the watermark skips a hole": [
        ("bridge/core/window.cpp", "if (slot.fate < Fate::delivered) break;", "if (slot.fate < Fate::delivered) continue;")],
    "the cursor counts what was not confirmed": [
        ("bridge/route.cpp", "  window_.settle(id, Fate::failed);\n  // The transaction", "  window_.settle(id, Fate::delivered);\n  // The transaction")],
    "a failed report counts as delivered": [
        ("bridge/route.cpp", "window_.settle(id, Fate::failed)) fail(code, slot->sequence);",
         "window_.settle(id, Fate::delivered)) fail(code, slot->sequence);")],
    "what an aborted transaction held counts as delivered": [
        ("bridge/route_failure.cpp",
         "  note_verdict(verdict, failures);\n  read_from(exactly_once() ? window_.rewind_undelivered() : window_.rewind());",
         "  note_verdict(verdict, failures);\n  read_from(window_.rewind());")],
    "no rewind after a failure": [
        ("bridge/route_failure.cpp",
         "  note_verdict(verdict, failures);\n  read_from(exactly_once() ? window_.rewind_undelivered() : window_.rewind());",
         "  note_verdict(verdict, failures);\n  (void)(exactly_once() ? window_.rewind_undelivered() : window_.rewind());")],
    "the cursor of the transaction is not read back": [
        ("bridge/route_transaction.cpp", "      opened.stored->cursor.next > position_->next()) {", "      false) {")],
    "the transaction ends without its cursor": [
        ("bridge/route_transaction.cpp", "if (const int code = produce_aside(record, [](int) {}))", "if (const int code = 0)")],
    "the first record of a key does not travel alone": [
        ("bridge/route.cpp", "  introducing_ = !introductions_.may_send(key_in_topic_);", "  introducing_ = false;")],
    "a bad record takes its whole batch along": [
        ("bridge/core/flow.cpp", "  if (failures.records > 1) {", "  if (false) {")],
    "what is blocked is dead-lettered": [
        ("bridge/core/flow.cpp", "  if (failures.blocked_code != 0) {", "  if (false) {")],
    "a dead letter counts before it is on the card": [
        ("bridge/dead_letter_box.cpp", "  shared_->settle((*opened)->durable());", "  shared_->settle(~std::uint64_t{0});")],
    "a producer that was cut stays": [
        ("bridge/route_failure.cpp", "if (producer_ && (producer_->cut_by_us() || ", "if (producer_ && (")],
    "the library is not told what travels together": [
        ("bridge/route.cpp", "  if (producer_) producer_->send_together(flow_.limit() > 1);",
         "  if (producer_) producer_->send_together(false);")],
    "a renewal forgets what is in flight": [
        ("bridge/route_renewal.cpp", "  read_from(exactly_once() ? window_.rewind_undelivered() : window_.rewind());", "")],
    "a fatal error makes no new producer": [
        ("bridge/route_failure.cpp", "  if (verdict.restart) {", "  if (false) {")],
    "--purge_forgotten: what a purge gives back is not reported": "purge_forgotten",
    "--leader_gate_open: nor does a leader that has moved": "leader_gate_open",
    "--gate_open: a refused batch does not shut the connection": "gate_open",
    "--retry_gate_open: nor does a retry of the library": "retry_gate_open",
}


def compile_commands(build):
    commands = json.loads(subprocess.run(["ninja", "-C", build, "-t", "compdb"], check=True, capture_output=True,
                                         text=True).stdout)
    return {str(Path(c["directory"], c["file"]).resolve().relative_to(ROOT)): c for c in commands
            if c["file"].endswith(".cpp") and Path(c["directory"], c["file"]).resolve().is_relative_to(ROOT)
            and "weather_bridge.dir" in c.get("output", "")}


def build_mutant(build, name, folder):
    program = folder / "weather-sim"
    commands, made = compile_commands(build), []
    texts = {}
    for file, old, new in MUTANTS[name]:
        text = texts.get(file) or (ROOT / file).read_text()
        if text.count(old) != 1:
            raise SystemExit(f"mutant '{name}': its text is in {file} {text.count(old)} times, not once")
        texts[file] = text.replace(old, new)
    for file, text in texts.items():
        source, out = folder / Path(file).name, folder / (Path(file).stem + ".o")
        source.write_text(text)
        command = shlex.split(commands[file]["command"])
        command[command.index("-o") + 1] = str(out)
        command = [str(source) if word.endswith(file) else word for word in command]
        subprocess.run([word for word in command if word != "-Werror"], cwd=commands[file]["directory"], check=True,
                       stderr=subprocess.DEVNULL)
        made.append(str(out))
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
    parser.add_argument("build", type=Path, help="build folder that holds weather-sim")
    parser.add_argument("--seeds", type=int, default=10000)
    parser.add_argument("--only", help="part of a mutant's name")
    options = parser.parse_args()
    build, survivors = options.build.resolve(), 0
    print("| mistake | found by seed | what it says |\n|---|---:|---|", flush=True)
    for name, how in MUTANTS.items():
        if options.only and options.only not in name:
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
