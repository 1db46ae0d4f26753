"""The app's own ways with children, on the real SDK: each child's end is taken by itself."""

from shared.durable.fan_out import gathered


def child(context):
    message = yield context.wait_for_external_event("go")
    return {"reply": {"value": message}}


def broken(context):
    yield context.wait_for_external_event("go")
    raise ValueError("it broke")


def family(context):
    kinds = {"broken": "broken", "first": "child", "second": "child", "third": "child"}
    children = [context.call_sub_orchestrator(kind, None, name) for name, kind in kinds.items()]
    answers = yield from gathered(context, children)
    return [answer.get("reply") or answer["refused"] for answer in answers]


def wait_until_all_wait(lab):
    for name in ("broken", "first", "second", "third"):
        lab.until_waiting(name)


def test_siblings_of_a_child_that_failed_are_awaited_whatever_ends_first(make_lab):
    lab = make_lab(family, child, broken)
    parent = lab.create("family")
    wait_until_all_wait(lab)
    lab.send("second", "go", 2)
    lab.end("second")
    lab.do(lab.engine.terminate("first", "a hand slipped"))
    lab.end("first")
    lab.until_waiting(parent)
    assert lab.status(parent)["runtimeStatus"] == "Running"
    lab.send("broken", "go")
    lab.send("third", "go", 3)

    failed, ended, *replied = lab.end(parent)["output"]
    assert replied == [{"value": 2}, {"value": 3}]
    assert {failed["id"], ended["id"]} == {"flow-ended"}
    assert "a hand slipped" in ended["detail"]
    assert "it broke" in failed["detail"]


def test_all_children_may_fail_and_be_told_apart(make_lab):
    lab = make_lab(family, child, broken)
    parent = lab.create("family")
    wait_until_all_wait(lab)
    for name in ("third", "first", "broken", "second"):
        lab.do(lab.engine.terminate(name, f"end of {name}"))
        lab.end(name)

    names = [each["detail"].partition("end of ")[2].split()[0] for each in lab.end(parent)["output"]]
    assert names == ["broken", "first", "second", "third"]
