"""Durable functions whose code does not go through the Durable SDK: they get what Microsoft's worker gives them."""

RAW = """
import json
import azure.functions as func

app = func.FunctionApp()

@app.function_name("raw")
@app.generic_trigger(arg_name="context", type="orchestrationTrigger")
def raw(context: func.OrchestrationContext) -> str:
    seen = json.loads(context.body)
    call = {"actionType": 0, "functionName": "echo", "input": json.dumps(type(context).__name__)}
    tell = {"actionType": 7, "instanceId": "@kept@a", "operation": "put", "input": json.dumps("x")}
    results = [event["Result"] for event in seen["history"] if event["EventType"] == 5]
    answer = {"isDone": True, "schemaVersion": 3, "actions": [[call, tell]], "output": results}
    return json.dumps(answer)

@app.function_name("echo")
@app.generic_trigger(arg_name="value", type="activityTrigger")
def echo(value: str) -> str:
    return value

@app.function_name("kept")
@app.generic_trigger(arg_name="context", type="entityTrigger")
def kept(context: func.EntityContext) -> str:
    seen = json.loads(context.body)
    done = [{"isError": False, "duration": 0, "result": None} for _ in seen["batch"]]
    state = json.dumps(type(context).__name__)
    return json.dumps({"entityExists": True, "entityState": state, "results": done, "signals": []})
"""


def test_orchestrators_and_entities_without_the_sdk_get_a_context_with_a_body(launch, app_of, storage):
    host = launch(app_of(RAW), settings={"AzureWebJobsStorage": storage})

    assert host.ended(host.start("raw"))["output"] == ['"OrchestrationContext"']
    assert host.durable("GET", "entities/kept/a").json() == "EntityContext"
