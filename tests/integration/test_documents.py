"""The documents are true: every configuration in them is taken, every command that can be run without a network is run."""

import pathlib
import re
import shlex
import subprocess
import unittest
from dataclasses import dataclass

from harness import suite
from harness.gateway import PROGRAM, Gateway, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
USAGE_ERROR, CONFIG_ERROR = 64, 78

# Commands that are not run here, and why: the document, how the command begins (a regular expression), the reason.
NOT_HERE = [
    ("raspberry-pi.md", r"(sudo|echo|rm|mosquitto_pub|mosquitto_sub|systemctl|scp|make deb)\b", "package.manual runs its blocks in a machine"),
    ("packages.md", r"sudo\b", "package.repository installs so in a machine"),
    ("packages.md", r"rsync\b", "needs a web server; package.repository copies the folder"),
    ("packages.md", r"podman\b", "soak.container runs it"),
    ("README.md", r"(scp|ssh)\b", "needs a Pi; package.install has the package on a machine"),
    ("README.md", r"mosquitto_pub\b", "needs a broker; integration.mqtt publishes so"),
    ("bluetooth.md", r"sudo\b", "changes the machine's systemd; package.install takes the drop-ins"),
    ("instruments.md", r"sudo\b", "changes the machine's systemd; package.install starts its units"),
    ("downlink.md", r"weather-gateway fleet (send|status)\b", "needs Kafka; integration.downlink sends and asks so"),
    ("firmware.md", r"weather-gateway update\b", "needs the image; integration.update runs it with real bundles"),
    ("fleet.md", r"kcat\b", "needs Kafka; integration.fleet reads the topic"),
    ("fleet.md", r"weather-gateway simulate\b", "needs Kafka; unit.gateway has the simulation"),
]

# What a line of a command block begins with.
COMMAND = re.compile(r"(?:\w+=\S+ )*(weather-gateway|make|ctest|cmake|sudo|scp|ssh|rsync|podman|kcat|mosquitto_\w+|systemctl|echo|rm|cd|build/\S+|tests/\S+|cross/\S+)\b")


@dataclass(frozen=True)
class Block:
    document: pathlib.Path
    line: int
    kind: str
    text: str

    def __str__(self):
        return f"{self.document.name}:{self.line}"

    def commands(self):
        """Its command lines, each as written, without those of a text that is given to a command."""
        text = re.sub(r"<<'?END'?\n.*?^END$", "", self.text, flags=re.M | re.S).replace("\\\n", " ")
        return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def blocks():
    """All of them: fenced ones with their kind, and those that are indented by four."""
    for document in DOCUMENTS:
        text, fenced = document.read_text(encoding="utf-8"), []
        for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
            fenced.append(match.span())
            yield Block(document, text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2))
        for match in re.finditer(r"(?<=\n\n)(?:    .*\n)+", text):
            if not any(begin < match.start() < end for begin, end in fenced):
                yield Block(document, text.count("\n", 0, match.start()) + 1, "", re.sub(r"^    ", "", match.group(0), flags=re.M))


def command_blocks():
    return [block for block in blocks() if block.kind in ("", "sh") and block.commands() and COMMAND.match(block.commands()[0])]


def excuse(block, command):
    return next((row for row in NOT_HERE if row[0] == block.document.name and re.match(row[1], command)), None)


class Configurations(unittest.TestCase):
    def taken(self, folder, toml):
        (folder / "conf.d").mkdir(exist_ok=True)
        (folder / "conf.d" / "broker.toml").write_text('[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
        config = folder / "document.toml"
        config.write_text(toml if "config_version" in toml else "config_version = 1\n" + toml)
        done = run("check", "--offline", "-c", config)
        self.assertIn(f"{config}: good", done.stdout, done.stderr)

    def test_every_table_of_toml_is_taken(self):
        found = [b for b in blocks() if b.kind == "toml" or (not b.kind and re.match(r"\[\[?\w+\]\]?\n", b.text))]
        self.assertGreater(len(found), 25)
        for block in found:
            with self.subTest(block=str(block)):
                folder = suite.folder("toml")
                for name in re.findall(r'password_file = "([^"/]+)"', block.text):
                    (folder / name).write_text("secret\n")
                (folder / "client.properties").write_text("")
                self.taken(folder, block.text)

    def test_every_file_of_properties_is_taken(self):
        found = [b for b in blocks() if b.kind == "properties"]
        self.assertGreater(len(found), 4)
        for block in found:
            with self.subTest(block=str(block)):
                folder = suite.folder("properties")
                (folder / "client.properties").write_text(block.text)
                self.taken(folder, '[kafka]\nproperties_file = "client.properties"\n')


class Cards(unittest.TestCase):
    def test_the_network_of_the_manual_is_taken(self):
        network = [block for block in blocks() if block.document.name == "firmware.md" and block.kind == "ini"]
        self.assertEqual(len(network), 1)
        folders = {name: suite.folder(name) for name in ("card", "run", "state")}
        (folders["card"] / "network.toml").write_text(network[0].text)
        (folders["card"] / "weather-gateway.toml").write_text('[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
        done = run("image", "apply", *(f"--{name}={folder}" for name, folder in folders.items()))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotRegex(done.stdout, r"network\.toml:\d")
        self.assertTrue((folders["run"] / "network").is_dir(), done.stdout)


class Commands(unittest.TestCase):
    """One gateway without Kafka, which the commands of the documents ask."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(None, "127.0.0.1:1").start(wait=False)
        cls.gateway.answers()
        cls.folder = suite.folder("commands")
        cls.calls = cls.folder / "calls"
        (cls.folder / "ten-years.csv").write_text("time,temperature\n2026-01-01T00:00:00Z,1\n")
        # The configuration is named where the command has one and the document names none.
        (cls.folder / "weather-gateway").write_text(f"""#!/bin/sh
case " $* " in *" -c "*|*" --config "*) ;; *) {PROGRAM} "$1" --help | grep -q -e --config && set -- "$@" -c {cls.gateway.config};; esac
{PROGRAM} "$@"
code=$?
echo "$code $*" >>{cls.calls}
exit $code
""")
        (cls.folder / "weather-gateway").chmod(0o755)

    def of_the_program(self, command):
        self.calls.write_text("")
        done = subprocess.run(["timeout", "60", "bash", "-c", command], cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={"PATH": f"{self.folder}:/usr/bin:/bin"}, check=False)
        calls = self.calls.read_text().splitlines()
        self.assertNotEqual(calls, [], done.stderr)
        for call in calls:
            self.assertNotIn(int(call.split()[0]), (USAGE_ERROR, CONFIG_ERROR, 124, 127), f"{call}\n{done.stdout}{done.stderr}")

    def of_the_sources(self, command):
        """Names a target, a preset, a suite or a file that there is."""
        words = [word for word in shlex.split(command, comments=True) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
        if words[0] == "make":
            named = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
            self.assertEqual(named.returncode, 0, named.stderr)
        elif words[0] in ("cmake", "ctest"):
            preset = words[words.index("--preset") + 1]
            self.assertIn(f'"name": "{preset}"', (ROOT / "CMakePresets.json").read_text())
            for option, value in zip(words, words[1:]):
                if option == "-R":
                    self.assertTrue(self.is_a_test(value), f"no test {value}")
        elif re.match(r"build[^/]*/", words[0]):
            name = pathlib.Path(words[0]).name  # fuzz-segment is made of fuzz and segment
            self.assertRegex(self.cmake_files(), rf"\b({re.escape(name)}|{re.escape(name.partition('-')[2] or name)})\b")
        else:
            self.assertTrue((ROOT / words[0]).is_file(), words[0])

    @staticmethod
    def cmake_files():
        return "\n".join(path.read_text() for path in (ROOT / "tests").rglob("CMakeLists.txt"))

    def is_a_test(self, name):
        last = name.split(".")[-1]
        return any(ROOT.glob(f"tests/*/test_{last}*.py")) or last in self.cmake_files()

    def run_one(self, command):
        for part in re.split(r" && ", re.sub(r"^cd \S+ && ", "", command)):
            if re.match(r"(\w+=\S+ )*/usr/bin/python3 ", part):
                continue  # a test of the suite, named as an example
            if part.startswith("weather-gateway "):
                self.of_the_program(re.sub(r" -c FILE\b", "", part))
            else:
                self.of_the_sources(part)

    def test_every_command_is_run_or_excused(self):
        used, tried = set(), 0
        for block in command_blocks():
            for command in block.commands():
                row = excuse(block, command)
                if row:
                    used.add(row)
                    continue
                if command.startswith("weather-gateway run "):
                    continue  # what setUpClass does
                with self.subTest(block=str(block), command=command):
                    tried += 1
                    self.run_one(command)
        self.assertGreater(tried, 25)
        self.assertEqual([row for row in NOT_HERE if row not in used], [], "rows of NOT_HERE that excuse nothing")


if __name__ == "__main__":
    suite.main()
