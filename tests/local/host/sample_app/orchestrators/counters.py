"""Entities of the sample app, and orchestrators that use them."""

import azure.durable_functions as df

bp = df.Blueprint()


@bp.entity_trigger(context_name="context")
def tally(context):
    """Counts; fails when it is asked to."""
    if context.operation_name == "add":
        context.set_state((context.get_state() or 0) + context.get_input())
    elif context.operation_name == "get":
        context.set_result(context.get_state() or 0)
    elif context.operation_name == "delete":
        context.destruct_on_exit()
    else:
        raise ValueError(f"no operation {context.operation_name}")


@bp.orchestration_trigger(context_name="context")
def counts(context: df.DurableOrchestrationContext):
    """Signal an entity, call it, and tell what it said."""
    entity = df.EntityId("Tally", context.instance_id)
    context.signal_entity(entity, "add", 3)
    yield context.call_entity(entity, "add", 4)
    try:
        yield context.call_entity(entity, "dance")
    except Exception as error:
        text = str(error)
    return [(yield context.call_entity(entity, "get")), text]


@bp.orchestration_trigger(context_name="context")
def asks_over_http(context: df.DurableOrchestrationContext):
    """Send a durable HTTP request and give the answer."""
    return (yield context.call_http("POST", context.get_input()["uri"], content="hello", headers={"x-a": "1"}))
