"""What has to hold on one commit before it is called a release: each proof by its name, its command and about how long it takes."""

import pathlib
import re
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ_SECONDS = 600
# Of the decoders' target a letter chooses one; the others choose by their input.
DECODERS = {"r": "rtl_433", "e": "ecowitt", "w": "weather_underground", "s": "senml", "j": "json", "n": "ndjson"}
CTEST = re.compile(r"^\d+% tests passed, \d+ tests failed out of \d+$|^Total Test time.*$")


class Proof:
    """command: words, run in the root of the project. figures: what of its output belongs into the report."""

    def __init__(self, name, minutes, command, figures=CTEST, **environment):
        self.name, self.minutes, self.command, self.environment = name, minutes, [str(word) for word in command], environment
        self.figures = figures if isinstance(figures, re.Pattern) else re.compile(figures)

    def shown(self):
        return " ".join([*(f"{name}={value}" for name, value in self.environment.items()), shlex.join(self.command)])


def _fuzz(target, name, **environment):
    limits = [f"-max_total_time={FUZZ_SECONDS}", "-rss_limit_mb=512", "-timeout=60", "-print_final_stats=1"]
    found = f"build-release/corpus/{name}"
    return Proof(f"fuzz.{name}", FUZZ_SECONDS // 60, ["sh", "-c", f"mkdir -p {found} && exec build-fuzz/fuzz-{target} {' '.join(limits)} {found} "
                                                      f"tests/fuzz/corpus/{target}"],
                 r"stat::(number_of_executed_units|peak_rss_mb).*", **environment)


def fuzz_targets():
    """As tests/fuzz/CMakeLists.txt names them."""
    return re.findall(r"^weather_fuzz\((\w+)", (ROOT / "tests/fuzz/CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)


def _fuzzers():
    yield Proof("fuzz.build", 20, ["sh", "-c", "cmake --preset fuzz && cmake --build --preset fuzz -j $(nproc)"])
    for target in fuzz_targets():
        if target == "decoders":
            yield from (_fuzz(target, f"decoders.{name}", FUZZ_ONLY=letter) for letter, name in DECODERS.items())
        else:
            yield _fuzz(target, target)


def soak_tests():
    """Those that the build knows; `build` comes first for that reason."""
    listed = subprocess.run(["ctest", "--test-dir", "build", "-N", "-C", "soak", "-L", "soak"], cwd=ROOT, capture_output=True, text=True, check=False)
    return re.findall(r"^\s*Test\s+#\d+: (soak\.\S+)$", listed.stdout, re.MULTILINE)


def _ctest(name, minutes, *words, **environment):
    return Proof(name, minutes, ["ctest", "--preset", "release", "--no-tests=error", *words], **environment)


def _packages():
    for suite in ("bookworm", "trixie"):
        for arch, minutes in (("amd64", 20), ("arm64", 60), ("armhf", 60)):
            yield Proof(f"package.{suite}.{arch}", minutes, ["cross/build-deb", arch, suite, "build-release/packages"],
                        r".*(tests passed|_(amd64|arm64|armhf)\.deb$)")


def all_proofs():
    """In the order in which they are run: what fails soonest first, hours last."""
    yield Proof("build", 15, ["sh", "-c", ".ci/install-packages build test lint soak && cmake --preset release -DBUILD_TESTING=ON && "
                              "cmake --build --preset release -j $(nproc)"])
    yield Proof("suites", 25, ["make", "test"])
    yield Proof("sanitizers.address", 60, ["make", "test-asan"])
    yield Proof("sanitizers.thread", 90, ["make", "test-tsan"])
    for suite in ("bookworm", "trixie"):
        yield Proof(f"fresh.{suite}", 60, ["tests/release/fresh-root", suite], re.compile(CTEST.pattern + r"|^==== .*$|^.*delivered.*$"))
    yield _ctest("kafka.3.9", 10, "-R", r"^integration\.(conformance|exactly_once|kafka_outage|kill|refusals)$", KAFKA_VERSION="3.9.1")
    yield from _packages()
    for name in soak_tests():
        yield _ctest(name, 60, "-C", "soak", "-R", f"^{re.escape(name)}$")
    yield from _fuzzers()
    yield Proof("bench.build", 10, ["make", "bench"])
    yield Proof("bench.drain", 5, ["tests/bench/line/bench_drain.py"], r"^\{.*", WEATHER_BUILD="build-bench")
    yield Proof("bench.line", 5, ["tests/bench/line/bench_line.py"], r"^\{.*", WEATHER_BUILD="build-bench")
