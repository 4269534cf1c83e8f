"""`python -m sample_data`: makes the sample data. Reading it is the business of source_database and landing."""

import argparse
import sys
from pathlib import Path

from sample_data.errors import SampleDataError
from sample_data.landing import landing_files
from sample_data.patient_sample import OBSERVATIONS_PER_PATIENT
from sample_data.source_schema import schema_script
from sample_data.synthea import SEED, make_patients
from sample_data.telemetry import write_telemetry
from sample_data.whole_sample import whole_sample


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns 1 and prints the problem when it fails."""
    options = _parser().parse_args(arguments)
    folder: Path = options.folder
    try:
        _run(options, folder)
    except SampleDataError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace, folder: Path) -> None:
    if options.command == "patients":
        with whole_sample(folder) as made:
            counts = make_patients(
                options.count,
                made,
                seed=options.seed,
                observations_per_patient=options.observations_per_patient,
            )
            write_telemetry(made / "telemetry")
            _write_schema(made)
        for table, rows in counts.items():
            print(f"{table:<13}{rows:>10,} rows")
        print(f"written to {folder}")
    elif options.command == "telemetry":
        print(*write_telemetry(folder / "telemetry"), sep="\n")
    elif options.command == "schema":
        print(_write_schema(folder))
    else:
        print(*landing_files(folder, options.destination), sep="\n")


def _write_schema(folder: Path) -> Path:
    path = folder / "patients" / "schema.sql"
    path.write_text(schema_script(), encoding="utf-8")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sample_data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    patients = commands.add_parser("patients", help="make patients with Synthea, and telemetry beside them")
    patients.add_argument("--count", type=int, default=1000, help="living patients to make (default: 1000)")
    patients.add_argument("--seed", type=int, default=SEED, help=f"same seed, same patients (default: {SEED})")
    patients.add_argument(
        "--observations-per-patient",
        type=int,
        default=OBSERVATIONS_PER_PATIENT,
        help=f"the newest so many are kept (default: {OBSERVATIONS_PER_PATIENT})",
    )
    telemetry = commands.add_parser("telemetry", help="make the telemetry")
    schema = commands.add_parser("schema", help="write patients/schema.sql, the tables as Azure SQL has them")
    landing = commands.add_parser("landing", help="write telemetry and images as they arrive in the landing zone")
    landing.add_argument("--destination", type=Path, required=True, help="folder to write to")
    for command in (patients, telemetry, schema, landing):
        command.add_argument("--folder", type=Path, default=Path("samples"), help="sample folder (default: samples)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
