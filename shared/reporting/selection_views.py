"""What the selections of a plan find now; nothing is started and nothing is kept."""

from pydantic import Field

from shared.models import Model


class SelectedMachine(Model):
    """A machine that an entry selects."""

    name: str = Field(description="as the plan would call it")
    source_id: str
    source_name: str = ""
    private_ip: str = ""


class SelectionView(Model):
    """An entry that may mean several machines."""

    wave: str
    selects: str = Field(description="by what, in words")
    machines: tuple[SelectedMachine, ...] = ()
    elsewhere: tuple[str, ...] = Field(
        default=(), description="ids of machines that it fits, too, and that an exact or earlier entry has"
    )


class SelectionPreview(Model):
    """All such entries of a plan."""

    plan: str
    entries: tuple[SelectionView, ...] = ()
    listed: int = Field(default=0, description="machines that the sources show")
