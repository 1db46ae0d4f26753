import pytest

from local.host.problems import HostError
from local.host.web.template import parse_template


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{id", "incomplete parameter"),
        ("id}", "incomplete parameter"),
        ("{{id}", "incomplete parameter"),
        ("{}", "must be non-empty"),
        ("{i*d}", "cannot contain"),
        ("{id}/{ID}", "appears more than one time"),
        ("{*rest}/more", "only appear as the last segment"),
        ("a{*rest}", "cannot contain a catch-all"),
        ("{*rest?}", "cannot be marked optional"),
        ("{id=5?}", "cannot have default value"),
        ("{a}{b}", "two consecutive parameters"),
        ("x//y", "cannot appear consecutively"),
        ("api//x", "cannot appear consecutively"),
        ("x?y", "cannot contain the '.' character"),
        ("{a?}.b", "must be at the end of the segment"),
        ("{a}-{b?}", "Only a period"),
        ("{id:nope}", "The constraint entry 'id' - 'nope' could not be resolved"),
        ("{id:range(1)}", "malformed"),
        ("{id:int(3)}", "could not be resolved"),
        ("{id:regex([)}", "malformed"),
        ("~x", "cannot start with a '~'"),
    ],
)
def test_a_template_that_azure_refuses_is_refused_in_its_words(template: str, words: str) -> None:
    with pytest.raises(HostError, match=words):
        parse_template(template)


def test_a_slash_in_a_regular_expression_parts_no_segments() -> None:
    (segment,) = parse_template("{path:regex(^a/b$)}")

    assert segment[0].accepts("a/b")
