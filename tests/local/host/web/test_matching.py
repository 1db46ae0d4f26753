import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.web.matching import compile_template

GUID = "9f4fbd2c-8bbd-4ab2-8ab5-7f6c5e6d8a3b"


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("orders", "/orders", {}),
        ("orders", "/ORDERS/", {}),
        ("orders", "/orders/1", None),
        ("orders/{id}", "/orders/a b", {"id": "a b"}),
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
        ("files/{*rest}", "/files/a/b c/d", {"rest": "a/b c/d"}),
        ("files/{*rest}", "/files", {}),
        ("{*rest}", "/a/b", {"rest": "a/b"}),
        ("{name}.{kind}", "/a.b.txt", {"name": "a.b", "kind": "txt"}),
        ("files/{file}.{ext?}", "/files/a", {"file": "a"}),
        ("files/{file}.{ext?}", "/files/a.b.c", {"file": "a.b", "ext": "c"}),
        ("files/{file}.{ext?}", "/files/a.", None),
        ("files/{file}.{ext?}", "/files/.txt", {"file": ".txt"}),
        ("{a}-{b}", "/x-y-z", {"a": "x-y", "b": "z"}),
        ("v{n}", "/v", None),
        ("~/x/y", "/x/y", {}),
        ("x/{{id}}", "/x/{id}", {}),
        ("x y", "/x y", {}),
        ("x%20y", "/x y", None),
        ("x%20y", "/x%20y", {}),
        ("\u00e9", "/\u00c9", {}),
        ("stra\u00dfe", "/STRASSE", None),
        ("{*rest}", "/a/b/", {"rest": "a/b/"}),
        ("{*rest}", "//a", None),
        ("{*rest}", "//", None),
        ("x/{*rest}", "/x//a", None),
        ("x/{*rest}", "/x/", {}),
        ("{*n:int}", "/", None),
        ("x/{id?}", "/x//", None),
        ("x/{id?}/y", "/x/y", None),
        ("x/{id?}/y", "/x/1/y", {"id": "1"}),
        ("a/{b=x}/c", "/a/c", None),
        ("{id:INT}", "/007", {"id": "007"}),
        ("{id:int}", "/ 5", {"id": " 5"}),
        ("{id:int}", "/+5", {"id": "+5"}),
        ("{id:int}", "/0x10", None),
        ("{id:int}", "/1,000", None),
        ("{id:int}", "/\u0665", None),
        ("{flag:bool}", "/ true", {"flag": " true"}),
        ("{id:guid}", f"/({GUID})", {"id": f"({GUID})"}),
        ("{id:guid}", "/9f4fbd2c8bbd4ab28ab57f6c5e6d8a3b", {"id": "9f4fbd2c8bbd4ab28ab57f6c5e6d8a3b"}),
        ("{id:guid}", "/9f4fbd2c8bbd4ab2-8ab57f6c5e6d8a3b", None),
        ("{n:float}", "/inf", None),
        ("{n:decimal}", "/79228162514264337593543950335", {"n": "79228162514264337593543950335"}),
        ("{n:decimal}", "/79228162514264337593543950336", None),
        ("{day:datetime}", "/10:00", {"day": "10:00"}),
        ("{day:datetime}", "/29 Nov 2026", {"day": "29 Nov 2026"}),
        ("{day:datetime}", "/2026-11-29T10:00:00Z", {"day": "2026-11-29T10:00:00Z"}),
        ("{day:datetime}", "/2026-02-30", None),
        ("{day:datetime}", "/20261129", None),
        ("{day:datetime}", "/2026-W48-7", None),
        ("{name:length(2)}", "/\U0001f6a2", {"name": "\U0001f6a2"}),
        ("{name:alpha}", "/a\n", {"name": "a\n"}),
        ("{*path:file}", "/a/b.txt", {"path": "a/b.txt"}),
        ("{*path:file}", "/a/b", None),
        ("{*path:nonfile}", "/a/b.", {"path": "a/b."}),
        ("", "/", {}),
        ("", "/x", None),
    ],
)
def test_a_path_is_matched(template: str, path: str, expected: dict[str, str] | None) -> None:
    assert compile_template(template).match(path) == expected


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8))
def test_a_literal_matches_itself_only(text: str) -> None:
    template = compile_template(f"x/{text}")

    assert template.match(f"/x/{text}") == {}
    assert template.match(f"/x/{text}y") is None
