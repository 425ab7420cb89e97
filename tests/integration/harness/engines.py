"""Stores and stream processors that people put behind Kafka, and another librdkafka, as their makers ship them."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import unittest

from harness import cache, suite

FLINK_POM = pathlib.Path(__file__).resolve().parents[1] / "flink" / "pom.xml"
CHDB = "chdb==4.4.0"
NEWER_LIBRDKAFKA = "2.8.0"  # Debian 13


def newer_librdkafka():
    """A folder with the newer librdkafka under the name a program loads: the wheel of its Python client brings it."""
    def make(part):
        python = cache.python_with(f"confluent-kafka-{NEWER_LIBRDKAFKA}", f"confluent-kafka=={NEWER_LIBRDKAFKA}")
        (found,) = python.parents[1].glob("lib/python3*/site-packages/confluent_kafka.libs/librdkafka*.so*")
        (part / "librdkafka.so.1").symlink_to(found)
    return cache.once(f"librdkafka-{NEWER_LIBRDKAFKA}", make)


class Postgres:
    """A server of its own behind a Unix socket; root may not run it, so it then runs as Debian's `postgres`."""

    def __init__(self):
        self._programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        # Not in the suite's folder: its parents may be closed to that user.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="postgres-"))
        unittest.addModuleCleanup(shutil.rmtree, self._folder, ignore_errors=True)
        self._as = []
        if os.geteuid() == 0:
            os.chown(self._folder, pwd.getpwnam("postgres").pw_uid, -1)
            self._as = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-D", self._folder / "data", "-A", "trust", "--no-sync")
        self._run("pg_ctl", "-D", self._folder / "data", "-w", "-l", self._folder / "log",
                  "-o", f"-c listen_addresses='' -k {self._folder}", "start")
        unittest.addModuleCleanup(self._run, "pg_ctl", "-D", self._folder / "data", "-m", "immediate", "stop")

    def _run(self, program, *arguments, **options):
        done = subprocess.run([*self._as, self._programs / program, *map(str, arguments)], capture_output=True, text=True,
                              cwd="/", **options)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout

    def sql(self, text, stdin=""):
        """The rows, tuples only, as psql prints them."""
        return self._run("psql", "-h", self._folder, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", text, input=stdin)


    def environment(self):
        """What leads a psql of anybody's there: the folder is open to all, trust is the rule."""
        return {"PGHOST": str(self._folder), "PGUSER": "postgres", "PGDATABASE": "postgres"}


# A clickhouse-client whose server is the engine in a folder; one statement at a time, its data on standard input.
CLICKHOUSE_CLIENT = """\
#!{python}
import fcntl, sys, chdb.session
with open("{folder}/lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    statement, data = sys.argv[sys.argv.index("-q") + 1], "" if sys.stdin.isatty() else sys.stdin.read()
    session = chdb.session.Session("{folder}/store")
    for one in [s for s in statement.split(";") if s.strip()] if not data else [statement + chr(10) + data]:
        answer = session.query(one, "TabSeparated")
    print(answer, end="")
    session.close()
"""


def clickhouse_client(folder):
    """A program of that name in `folder`."""
    program = folder / "clickhouse-client"
    program.write_text(CLICKHOUSE_CLIENT.format(python=cache.python_with("chdb", CHDB), folder=folder))
    program.chmod(0o755)
    return program


def clickhouse(*statements):
    """The statements in one session of ClickHouse's engine; what the last one prints."""
    python = cache.python_with("chdb", CHDB)
    script = ("import sys, chdb.session\n"
              "session = chdb.session.Session()\n"
              "for statement in sys.stdin.read().split(chr(0)):\n"
              "    answer = session.query(statement, 'TabSeparated')\n"
              "print(answer)\n")
    return cache.run(python, "-c", script, input="\0".join(statements))


def flink(script):
    """A file of SQL through Flink's own client and a cluster inside it; its output."""
    started = flink_started(script)
    output, _ = started.communicate(timeout=180)
    return output


def flink_started(script):
    """The same, not waited for: the process, with its output in a pipe."""
    jars = cache.once("flink-sql", lambda part: cache.run(
        "mvn", "-B", "-q", "-f", FLINK_POM, "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}"))
    folder = suite.folder("flink")
    (folder / "config.yaml").write_text("jobmanager.rpc.address: 127.0.0.1\n")
    (folder / "statements.sql").write_text(script)
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.util", "java.lang", "java.net")]
    environment = {**os.environ, "FLINK_CONF_DIR": str(folder), "FLINK_LIB_DIR": str(jars), "FLINK_OPT_DIR": str(jars)}
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", "java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                             f"-Duser.home={folder}", *opened, "-cp", f"{jars}/*", "org.apache.flink.table.client.SqlClient",
                             "-Dexecution.target=local", "-f", folder / "statements.sql"],
                            env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
