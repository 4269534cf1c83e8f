"""The requests that workflows make of GitHub."""

import socket

import pytest
from fake_github import FakeGitHub

from tools.github_api import GitHubApi, GitHubError, fenced


def test_a_list_is_read_to_its_last_page(github: FakeGitHub) -> None:
    for number in range(205):
        github.add_issue(f"issue {number}")
    assert [item["title"] for item in github.api().items("/issues?state=open")] == [f"issue {n}" for n in range(205)]


def test_a_refusal_names_the_request_and_the_answer(github: FakeGitHub) -> None:
    github.refuse_with = 403
    with pytest.raises(GitHubError) as raised:
        github.api().send("POST", "/issues", {"title": "t"})
    assert str(raised.value) == (
        'sending POST /issues: GitHub answered 403\n{"message": "Resource not accessible by integration"}'
    )


def test_an_unreachable_address_is_an_error_with_its_cause(github: FakeGitHub) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(GitHubError, match=r"^sending GET /issues: .*refused"):
            GitHubApi(address, "a/b", "t").send("GET", "/issues")


def test_missing_variables_are_all_named() -> None:
    with pytest.raises(GitHubError) as raised:
        GitHubApi.of_workflow({"GITHUB_API_URL": "https://api.github.com", "GITHUB_TOKEN": ""})
    assert str(raised.value) == (
        "connecting to GitHub: GITHUB_REPOSITORY, GITHUB_TOKEN not set\nhint: run this in a workflow's step"
    )


def test_the_token_is_not_in_the_text_of_a_client(github: FakeGitHub) -> None:
    assert github.api().token not in repr(github.api())


def test_no_text_ends_the_block_that_holds_it() -> None:
    assert fenced("a\n```\nb ```` c", 100) == "`````text\na\n```\nb ```` c\n`````\n"


def test_a_text_without_backticks_has_the_common_fence() -> None:
    assert fenced("a\n", 100) == "```text\na\n```\n"


@pytest.mark.parametrize("length", [10, 199, 200, 201, 5000])
def test_a_text_is_cut_at_a_line_to_the_room_there_is(length: int) -> None:
    text = "123456789\n" * (length // 10) + "x" * (length % 10)
    block = fenced(text, 220)
    assert len(block) <= 220
    cut = block.endswith("The rest is in the log of the run.\n")
    assert cut == (text.rstrip() not in block)
    lines = block.removesuffix("The rest is in the log of the run.\n").splitlines()
    assert {line for line in lines if not line.startswith("x")} <= {"123456789", "```text", "```"}
