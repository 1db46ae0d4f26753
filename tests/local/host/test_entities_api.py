"""The part of the management API that is about entities, as the extension's own source has it."""

JSON = {"content-type": "application/json"}


def add(host, key, content, **headers):
    return host.durable("POST", f"entities/tally/{key}", params={"op": "add"}, content=content, headers=headers)


def state(host, key):
    answer = host.durable("GET", f"entities/tally/{key}")
    return answer.json() if answer.status_code == 200 else None


def test_an_entity_that_the_app_lacks_is_refused(host):
    unknown = host.durable("POST", "entities/nobody/x", params={"op": "add"})

    assert (unknown.status_code, list(unknown.json())) == (400, ["Message"])
    assert unknown.json()["Message"] == (
        "The function 'nobody' doesn't exist, is disabled, or is not an entity function. "
        "Additional info: The following are the known entity functions: 'tally'"
    )
    assert host.durable("GET", "entities/nobody/x").status_code == 404
    assert host.durable("PUT", "entities/tally/x").status_code == 404


def test_a_signals_body_is_json_where_it_says_so_and_a_text_where_not(host, patiently):
    broken = add(host, "body", b"{", **JSON)
    assert (broken.status_code, list(broken.json())) == (400, ["Message"])
    assert broken.json()["Message"].startswith("Could not parse JSON content: ")

    # the SDK reads JSON text inside of what it was sent
    assert add(host, "body", b'"3"', **JSON).status_code == 202
    assert add(host, "body", b"4").status_code == 202
    patiently(lambda: state(host, "body") == 7)


def test_a_dollar_stands_for_an_empty_key(host, patiently):
    add(host, "$", b"2")
    patiently(lambda: state(host, "$") == 2)

    listed = host.durable("GET", "entities/tally", params={"fetchState": "true"}).json()

    assert {"name": "tally", "key": ""} in [each["entityId"] for each in listed]


def test_entities_are_listed_by_the_time_of_their_last_operation(host, patiently):
    add(host, "timed", b"1")
    patiently(lambda: state(host, "timed") == 1)
    entity = next(each for each in host.durable("GET", "entities/tally").json() if each["entityId"]["key"] == "timed")

    def listed(**times):
        return [each["entityId"]["key"] for each in host.durable("GET", "entities/tally", params=times).json()]

    assert "timed" in listed(lastOperationTimeFrom=entity["lastOperationTime"])
    assert "timed" not in listed(lastOperationTimeFrom="2100-01-01T00:00:00Z")
    assert "timed" not in listed(lastOperationTimeTo="2000-01-01T00:00:00Z")
