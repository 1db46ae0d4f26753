import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.problems import HostError
from local.host.web.template import compile_template

GUID = "9f4fbd2c-8bbd-4ab2-8ab5-7f6c5e6d8a3b"


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("orders", "/orders", {}),
        ("orders", "/ORDERS/", {}),
        ("orders", "/orders/1", None),
        ("orders/{id}", "/orders/a%20b", {"id": "a b"}),
        ("orders/{id}", "/orders/a%2Fb", {"id": "a%2Fb"}),
        ("orders/{id}", "/orders", None),
        ("orders/{id?}", "/orders", {}),
        ("orders/{id?}", "/orders/7", {"id": "7"}),
        ("orders/{id=9}", "/orders", {"id": "9"}),
        ("orders/{id:int}", "/orders/7", {"id": "7"}),
        ("orders/{id:int}", "/orders/x", None),
        ("orders/{id:int?}", "/orders", {}),
        ("orders/{id:int}", "/orders/2147483648", None),
        ("orders/{id:long}", "/orders/2147483648", {"id": "2147483648"}),
        ("{id:guid}", f"/{GUID}", {"id": GUID}),
        ("{id:guid}", "/not-a-guid", None),
        ("{name:alpha}", "/abc", {"name": "abc"}),
        ("{name:alpha}", "/abc1", None),
        ("{name:length(3)}", "/abc", {"name": "abc"}),
        ("{name:length(2,3)}", "/abcd", None),
        ("{name:minlength(2)}", "/a", None),
        ("{name:maxlength(2)}", "/abc", None),
        ("{age:min(18)}", "/17", None),
        ("{age:max(18)}", "/18", {"age": "18"}),
        ("{age:range(18,120)}", "/121", None),
        ("{age:int:range(18,120)}", "/20", {"age": "20"}),
        ("{age:int:range(18,120)}", "/x", None),
        ("{code:regex(^\\d{{3}}$)}", "/123", {"code": "123"}),
        ("{code:regex(^\\d{{3}}$)}", "/1234", None),
        ("{flag:bool}", "/TRUE", {"flag": "TRUE"}),
        ("{price:decimal}", "/1.50", {"price": "1.50"}),
        ("{number:double}", "/1e3", {"number": "1e3"}),
        ("{day:datetime}", "/2026-11-21", {"day": "2026-11-21"}),
        ("{day:datetime}", "/today", None),
        ("files/{*rest}", "/files/a/b%20c/d", {"rest": "a/b c/d"}),
        ("files/{*rest}", "/files", {}),
        ("{*rest}", "/a/b", {"rest": "a/b"}),
        ("{name}.{kind}", "/a.b.txt", {"name": "a.b", "kind": "txt"}),
        ("", "/", {}),
        ("", "/x", None),
    ],
)
def test_a_path_is_matched(template: str, path: str, expected: dict[str, str] | None) -> None:
    assert compile_template(template).match(path) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{id",
        "id}",
        "{}",
        "{id}/{ID}",
        "{*rest}/more",
        "a{*rest}",
        "{name}.{kind?}",
        "{id:number}",
        "{id:range(1)}",
        "{id:int(3)}",
        "{id:regex([)}",
        "~/x",
    ],
)
def test_a_template_that_azure_refuses_is_refused(template: str) -> None:
    with pytest.raises(HostError, match="route"):
        compile_template(template)


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8))
def test_a_literal_matches_itself_only(text: str) -> None:
    template = compile_template(f"x/{text}")

    assert template.match(f"/x/{text}") == {}
    assert template.match(f"/x/{text}y") is None
