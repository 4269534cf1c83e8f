"""`ingest local`: start, status, stop, env and account as real processes with a folder of their own."""

from __future__ import annotations

import json
import shlex
import stat
from pathlib import Path

import psutil
import pytest
from local_stack import LocalStack
from typer.testing import CliRunner, Result

from ingest_cli.errors import CommandError
from ingest_cli.local_azure_process import StartOptions, start_local_azure
from ingest_cli.local_session import azure_state_folder
from ingest_cli.main import application
from ingest_cli.project import LOCAL_FOLDER_VARIABLE
from local_azure import lifecycle
from local_azure.lifecycle import RunningAzure

REFUSED_OPTIONS = (
    "starting local Azure: it runs already, with another role lag or source database\n"
    "hint: ingest local stop, then start again"
)
IDENTITIES = "auditor, data-engineer, data-scientist, database-administrator, deployer, drift, outsider, preview"


def running(local: LocalStack) -> RunningAzure:
    found = lifecycle.find(azure_state_folder(local.folder))
    assert found is not None
    return found


def within(local: LocalStack, *arguments: str) -> Result:
    """Runs `ingest local` within this process; a CommandError is its exception."""
    named = {LOCAL_FOLDER_VARIABLE: str(local.folder)}
    return CliRunner(env=named).invoke(application(["local"]), ["local", *arguments])


@pytest.fixture
def stopped(tmp_path: Path) -> LocalStack:
    """A folder in which nothing runs and nothing ever ran."""
    return LocalStack(tmp_path / "stopped")


def test_start_says_what_runs_and_what_to_do_next(local: LocalStack) -> None:
    found = running(local)
    answer = local.ingest("local", "start", "--role-lag", "1.5")
    assert (answer.code, answer.errors) == (0, "")
    assert answer.output == (
        f"local Azure runs (process {found.pid}, proxy {found.proxy}, state {local.folder})\n"
        'next: eval "$(ingest local env)" and pulumi up\n'
    )


def test_start_again_keeps_the_process_that_runs(local: LocalStack) -> None:
    before = running(local)
    assert local.ingest("local", "start", environment={"LOCAL_ROLE_LAG": "1.5"}).code == 0
    assert running(local) == before


@pytest.mark.parametrize(
    "options",
    [
        StartOptions(),
        StartOptions(role_lag_seconds=2.0),
        StartOptions(role_lag_seconds=1.5, synapse_role_lag_seconds=3.0),
        StartOptions(role_lag_seconds=1.5, source_database="postgresql://somebody:a-password@host/db"),
    ],
    ids=["without the lag", "another lag", "another Synapse lag", "another database"],
)
def test_start_with_other_options_is_refused(local: LocalStack, options: StartOptions) -> None:
    before = running(local)
    with pytest.raises(CommandError) as caught:
        start_local_azure(local.folder, options)
    assert str(caught.value) == REFUSED_OPTIONS
    assert running(local) == before


def test_options_of_the_start_are_read_from_the_environment_as_well(local: LocalStack) -> None:
    lags = {"LOCAL_ROLE_LAG": "1.5", "LOCAL_SYNAPSE_ROLE_LAG": "2"}
    answer = local.ingest("local", "start", environment=lags)
    assert (answer.code, answer.output, answer.errors) == (1, "", f"{REFUSED_OPTIONS}\n")


def test_a_source_database_that_is_no_postgresql_is_refused_before_anything_starts(stopped: LocalStack) -> None:
    answer = stopped.ingest("local", "start", environment={"LOCAL_SOURCE_DB": "mysql://somebody:a-password@host/db"})
    assert answer.code == 1
    assert answer.errors == (
        "reading LOCAL_SOURCE_DB: it is no URL of PostgreSQL\nexpected postgresql://user@host/database\n"
    )
    assert not stopped.folder.exists()


def test_a_start_that_fails_shows_the_end_of_the_log(stopped: LocalStack) -> None:
    stopped.folder.mkdir()
    azure_state_folder(stopped.folder).mkdir()
    (azure_state_folder(stopped.folder) / "state.sqlite").write_text("no database", encoding="utf-8")
    answer = stopped.ingest("local", "start")
    assert answer.code == 1
    assert answer.errors.startswith("starting local Azure: starting local Azure on ")
    assert "it ended with code 1" in answer.errors
    assert stopped.ingest("local", "status").code == 3


def test_where_nothing_runs_status_ends_with_3(stopped: LocalStack) -> None:
    answer = stopped.ingest("local", "status")
    assert (answer.code, answer.output, answer.errors) == (3, f"not running (state in {stopped.folder})\n", "")


def test_where_nothing_runs_stop_says_so_and_succeeds(stopped: LocalStack) -> None:
    answer = stopped.ingest("local", "stop")
    assert (answer.code, answer.output, answer.errors) == (0, "it was not running\n", "")


def test_where_nothing_runs_no_shell_is_prepared(stopped: LocalStack) -> None:
    answer = within(stopped, "env")
    assert (answer.exit_code, answer.output) == (1, "")
    assert str(answer.exception) == "preparing a shell: local Azure is not running\nhint: ingest local start"


def test_where_nothing_runs_no_account_is_made(stopped: LocalStack) -> None:
    answer = stopped.ingest("local", "account", "somename")
    assert (answer.code, answer.output) == (1, "")
    assert (
        answer.errors == f"reading the local Azure in {stopped.folder}: it is not running\nhint: ingest local start\n"
    )


def test_one_that_was_killed_does_not_run(stopped: LocalStack) -> None:
    started = lifecycle.start(azure_state_folder(stopped.folder), ["--plugin-module", ""])
    process = psutil.Process(started.pid)
    process.kill()
    process.wait(10)
    assert within(stopped, "status").exit_code == 3
    unreachable = within(stopped, "account", "other")
    assert unreachable.exit_code == 1
    assert str(unreachable.exception).startswith("asking local Azure for /accounts: it does not answer: ")
    assert str(unreachable.exception).endswith("\nhint: ingest local start")
    assert within(stopped, "stop").output == "it was not running\n"
    assert lifecycle.stop(azure_state_folder(stopped.folder)) is False  # and it is no child of this process any more


def test_status_says_who_can_be_acted_as_and_what_is_there(local: LocalStack) -> None:
    made = json.loads(within(local, "account", "statusaccount", "--json").output)
    found = running(local)
    lines = local.ingest("local", "status").output.splitlines()
    assert lines[0] == f"running (process {found.pid}, proxy {found.proxy}, state {local.folder})"
    assert lines[1].startswith("time 20") and lines[1].endswith("Z, role lag 1.5 s")
    assert lines[2] == f"identities: {IDENTITIES}"
    assert f"  {made['id']}" in lines[3:]


def test_the_environment_is_valid_for_a_shell_also_with_a_folder_that_needs_quoting(local: LocalStack) -> None:
    trusted = ("$SSL_CERT_FILE", "$REQUESTS_CA_BUNDLE", "$CURL_CA_BUNDLE", "$NODE_EXTRA_CA_CERTS")
    shown = " ".join(f'"{name}"' for name in ("$INGEST_LOCAL_FOLDER", *trusted))
    answer = local.in_shell(f'printf "%s\\n" {shown} && test -f "$SSL_CERT_FILE"')
    assert answer.code == 0, answer.text
    authority = str(azure_state_folder(local.folder) / "ca.pem")
    assert answer.output.splitlines() == [str(local.folder), *[authority] * len(trusted)]


def test_every_line_of_the_environment_unsets_or_exports(local: LocalStack) -> None:
    first, *exports = local.ingest("local", "env").output.splitlines()
    assert first.startswith("unset ")
    assert all(len(shlex.split(line)) == 2 and line.startswith("export ") for line in exports)
    folder = azure_state_folder(local.folder)
    assert stat.S_IMODE((folder / "credentials.json").stat().st_mode) == 0o600


def test_a_shell_that_sourced_it_acts_as_whom_it_named(local: LocalStack) -> None:
    ask = (
        "python -c 'from azure.identity import DefaultAzureCredential as Default; import jwt;"
        ' token = Default().get_token("https://storage.azure.com/.default").token;'
        ' print(jwt.decode(token, options={"verify_signature": False})["oid"])\''
    )
    for name in ("data-scientist", "deployer"):
        answer = local.in_shell(ask, identity=name)
        assert answer.output.strip() == running(local).identities[name]["object_id"], answer.text


def test_an_identity_that_is_unknown_is_refused_with_the_known_ones(local: LocalStack) -> None:
    answer = within(local, "env", "--as", "nobody")
    assert (answer.exit_code, answer.output) == (1, "")
    assert str(answer.exception) == (
        f"acting as 'nobody': the local directory has no such identity\nexpected one of {IDENTITIES}"
    )


OTHER_WAYS = {
    "AZURE_TOKEN_CREDENTIALS": "AzureCliCredential",
    "AZURE_FEDERATED_TOKEN_FILE": "/nowhere/token",
    "AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere/certificate.pem",
    "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.us",
    "AZURE_USERNAME": "somebody",
    "ARM_USE_OIDC": "true",
    "PULUMI_ACCESS_TOKEN": "of-the-service",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/nowhere/passphrase",
    "PULUMI_BACKEND_URL": "https://api.pulumi.com",
}


def test_other_ways_to_sign_in_do_not_count_in_such_a_shell(local: LocalStack) -> None:
    exports = "\n".join(f"export {name}={value}" for name, value in OTHER_WAYS.items())
    ask = (
        f'{exports}\neval "$(ingest local env --as data-scientist)"\n'
        "python -c 'from azure.identity import DefaultAzureCredential as Default;"
        ' print(len(Default().get_token("https://storage.azure.com/.default").token) > 100)\'\n'
        'pulumi whoami --verbose; pulumi stack ls; echo "${PULUMI_ACCESS_TOKEN-cleared}"'
    )
    answer = local.in_shell(ask)
    assert answer.code == 0, answer.text
    assert "True" in answer.output
    assert (local.folder / "pulumi").as_uri() in answer.output
    assert "local*" in answer.output
    assert answer.output.splitlines()[-1] == "cleared"


def test_sourcing_it_again_does_not_lengthen_the_path(local: LocalStack) -> None:
    answer = local.in_shell('first="$PATH"; eval "$(ingest local env)"; test "$first" = "$PATH"')
    assert answer.code == 0, answer.text


@pytest.mark.parametrize("flat", [False, True])
def test_an_account_is_told_as_json(local: LocalStack, flat: bool) -> None:
    name = f"json{'flat' if flat else 'deep'}"
    answer = within(local, "account", name, "--json", *(["--flat"] if flat else []))
    assert answer.exit_code == 0, answer.output
    made = json.loads(answer.output)
    assert made["name"] == name
    assert made["hierarchical"] is not flat
    assert made["endpoints"]["dfs"] == f"https://{name}.dfs.core.windows.net/"


def test_an_account_is_told_in_lines(local: LocalStack) -> None:
    answer = within(local, "account", "linesaccount")
    assert answer.exit_code == 0, answer.output
    told = dict(line.split() for line in answer.output.splitlines())
    key = told.pop("key")
    assert len(key) == 88
    assert told == {
        "name": "linesaccount",
        "blob": "https://linesaccount.blob.core.windows.net/",
        "dfs": "https://linesaccount.dfs.core.windows.net/",
    }


def test_an_account_whose_name_is_wrong_or_taken_is_refused(local: LocalStack) -> None:
    wrong = within(local, "account", "Wrong")
    assert (wrong.exit_code, wrong.output) == (1, "")
    assert str(wrong.exception) == (
        "asking local Azure for /accounts: AccountNameInvalid: creating account Wrong: "
        "Wrong is not a valid storage account name\nexpected 3 to 24 lower-case letters and digits"
    )
    assert within(local, "account", "taken").exit_code == 0
    taken = within(local, "account", "taken", "--flat")
    assert taken.exit_code == 1
    assert str(taken.exception) == (
        "asking local Azure for /accounts: StorageAccountAlreadyTaken: creating account taken: "
        "it is there with hierarchical namespace\nexpected one without: choose another name"
    )


def test_an_account_that_is_there_is_told_again(local: LocalStack) -> None:
    first, second = (within(local, "account", "toldagain") for _ in range(2))
    assert (first.exit_code, second.exit_code, second.output) == (0, 0, first.output)
