"""All looks together."""

from shared.decisions.people import played
from shared.doctor import examination
from shared.plan.model import Plan
from tests.activities.migration_harness import plan_of

ADA = played("ada@x", ["azferry.operator"])
AREAS = {"versions", "zones", "clock", "storage", "sign-in", "rights", "aws", "channels"}


def test_every_area_is_looked_at_and_nothing_is_changed(cloud, store, place):
    diagnosis = examination.examine(ADA, Plan.model_validate(plan_of("web1")))

    assert AREAS == {each.area for each in diagnosis.findings}
    assert {"GET", "HEAD"} >= {each["method"] for each in cloud.log()}


def test_a_look_that_breaks_is_told_and_leaves_the_others(cloud, store, monkeypatch):
    def break_off(_person):
        raise RuntimeError("nobody expected that")

    monkeypatch.setattr(examination.sign_in, "look", break_off)

    diagnosis = examination.examine(ADA)

    (broken,) = [each for each in diagnosis.findings if each.id == "look-failed"]
    assert "reference" in broken.seen
    assert AREAS - {"sign-in"} <= {each.area for each in diagnosis.findings}


def test_a_vault_that_cannot_be_read_leaves_rights_unknown(cloud, store):
    cloud.fault("server-error", status=503, times=None)

    diagnosis = examination.examine(ADA, Plan.model_validate(plan_of("web1")))

    assert "rights-not-read" in [each.id for each in diagnosis.findings]
