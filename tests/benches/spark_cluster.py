"""A cluster of Spark on 127.0.0.1, as its own scripts start one: a master and a worker, which starts executors."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

from dataflow_execution.spark_process import java_home

_SECONDS = 60.0
_JAVA = """#!/bin/bash
# Executors are told to load a module that small runtimes of Java lack, and that is of no use to their rows.
kept=()
for each in "$@"; do [ "$each" = --add-modules=jdk.incubator.vector ] || kept+=("$each"); done
exec {java} "${{kept[@]}}"
"""


@contextmanager
def spark_cluster(folder: Path) -> Iterator[str]:
    """The address of a master with one worker; both end with the block."""
    home = folder / "java"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text(_JAVA.format(java=java_home() / "bin" / "java"), encoding="utf-8")
    (home / "bin" / "java").chmod(0o755)
    started: list[subprocess.Popen[bytes]] = []
    try:
        options = ("--host", "127.0.0.1", "--webui-port", "0")
        started.append(_start(home, folder / "master.log", "master.Master", *options, "--port", "0"))
        master = _said(folder / "master.log", r"Starting Spark master at (\S+)")
        work = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work"))
        started.append(_start(home, folder / "worker.log", "worker.Worker", *options, *work, master))
        _said(folder / "worker.log", r"(Successfully registered with master)")
        yield master
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=_SECONDS)


def _start(home: Path, log: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    spark = Path(pyspark.__file__).parent
    scala = next(iter(spark.glob("jars/spark-core_*.jar"))).name.split("_")[1].split("-")[0]
    of_spark = {"SPARK_HOME": str(spark), "SPARK_SCALA_VERSION": scala, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [str(home / "bin" / "java"), "-Xmx256m", "-cp", str(spark / "jars" / "*")]
    with log.open("wb") as out:
        return subprocess.Popen(
            [*command, f"org.apache.spark.deploy.{name}", *arguments],
            env={**os.environ, **of_spark, "JAVA_HOME": str(home), "PYSPARK_PYTHON": sys.executable},
            stdout=out,
            stderr=out,
        )


def _said(log: Path, pattern: str) -> str:
    """What a process says in its log. Raises TimeoutError with the log."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        text = log.read_text(encoding="utf-8", errors="replace")
        if found := re.search(pattern, text):
            return found[1]
        time.sleep(0.05)
    raise TimeoutError(f"{pattern} is not in {log.name}:\n{text}")
