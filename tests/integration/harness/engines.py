"""Stores and stream processors that people put behind Kafka, as their makers ship them."""

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
    jars = cache.once("flink-sql", lambda part: cache.run(
        "mvn", "-B", "-q", "-f", FLINK_POM, "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}"))
    folder = suite.folder("flink")
    (folder / "config.yaml").write_text("jobmanager.rpc.address: 127.0.0.1\n")
    (folder / "statements.sql").write_text(script)
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.util", "java.lang", "java.net")]
    environment = {**os.environ, "FLINK_CONF_DIR": str(folder), "FLINK_LIB_DIR": str(jars), "FLINK_OPT_DIR": str(jars)}
    done = subprocess.run(["java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Duser.home={folder}", *opened,
                           "-cp", f"{jars}/*", "org.apache.flink.table.client.SqlClient", "-Dexecution.target=local",
                           "-f", folder / "statements.sql"],
                          env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    return done.stdout + done.stderr
