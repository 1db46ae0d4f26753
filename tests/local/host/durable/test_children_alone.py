"""Children live on by themselves: what happens to a parent does not reach them."""


def told_parent(context):
    yield context.wait_for_external_event("go")
    return context.parent_instance_id


def parent(context):
    child = context.call_sub_orchestrator("told_parent", None, "alone")
    yield context.task_all([child, context.wait_for_external_event("never")])


def test_a_child_outlives_its_purged_parent_and_a_restarted_one_has_none(make_lab):
    lab = make_lab(parent, told_parent)
    made = lab.create("parent")
    lab.until_waiting(made)
    lab.do(lab.engine.suspend(made, "hold"))
    lab.until_status(made, "Suspended")
    lab.do(lab.engine.terminate(made, "enough"))
    lab.end(made)
    lab.do(lab.engine.purge(made))

    lab.send("alone", "go", 1)
    assert lab.end("alone")["output"] == made

    lab.do(lab.engine.restart("alone", new_instance_id=False))
    lab.send("alone", "go", 1)
    assert lab.end("alone")["output"] is None
