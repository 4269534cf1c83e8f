"""Where contract tests run is chosen by the environment; none is ever skipped."""

from contract_bench import AZURE, LOCAL, SUBSCRIPTION_VARIABLE, targets


def test_without_a_subscription_contracts_are_checked_against_local_azure() -> None:
    assert targets({}) == [LOCAL]
    assert targets({SUBSCRIPTION_VARIABLE: ""}) == [LOCAL]


def test_with_a_subscription_they_are_checked_against_azure_too() -> None:
    assert targets({SUBSCRIPTION_VARIABLE: "3f0c"}) == [LOCAL, AZURE]
