"""Signatures are those of Standard Webhooks."""

from shared.notifications.signature import headers, secret

EXAMPLE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the specification's own example


def test_the_example_of_the_specification_comes_out():
    found = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [EXAMPLE])

    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_key_is_replaced_both_sign():
    both = headers("id", 1, b"{}", [EXAMPLE, "a plain text"])["webhook-signature"]

    assert both.split(" ") == [headers("id", 1, b"{}", [key])["webhook-signature"] for key in (EXAMPLE, "a plain text")]


def test_a_key_that_is_no_base64_is_taken_as_it_is():
    assert secret("whsec_no base64!") == b"whsec_no base64!"
