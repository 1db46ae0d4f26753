import pytest

from local.host.web.path import BadPathError, decode_path


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ("/x%20y", "/x y"),
        ("/%78/5", "/x/5"),
        ("/x%2520y", "/x%20y"),
        ("/a%2Fb", "/a%2Fb"),
        ("/a%2fb", "/a%2fb"),
        ("/%C3%A9", "/\u00e9"),
        ("/%FF", "/%FF"),
        ("/%E9", "/%E9"),
        ("/%C0%AF", "/%C0%AF"),
        ("/%ED%A0%80", "/%ED%A0%80"),
        ("/%C3%A9%FF%41", "/\u00e9%FFA"),
        ("/%zz", "/%zz"),
        ("/x/./7", "/x/7"),
        ("/x/%2e%2e/y", "/y"),
        ("/..", "/"),
        ("//a", "//a"),
    ],
)
def test_a_path_is_decoded_as_kestrel_does(raw: str, decoded: str) -> None:
    assert decode_path(raw) == decoded


@pytest.mark.parametrize("raw", ["/a%00b", "/\u00e9"])
def test_a_path_that_kestrel_refuses_is_refused(raw: str) -> None:
    with pytest.raises(BadPathError):
        decode_path(raw)
