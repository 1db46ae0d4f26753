"""What whoever imports a list may say about it."""

from typing import Literal

from pydantic import Field

from shared.models import Model

Encoding = Literal["", "utf-8", "cp1252", "cp850", "utf-16", "latin-1"]


class ListOptions(Model):
    """How lists are to be read; every field has a default."""

    format: str = Field(default="", description="name of the format; left out: told by the content")
    scenario: str = Field(default="", description="the road of a new plan; left out: as the list tells")
    wave: str = Field(default="imported", description="wave of new machines that the list puts in none")
    wave_column: str = Field(
        default="", description="column that names the waves, e.g. Cluster; left out: the format's"
    )
    source_addresses: bool = Field(
        default=False, description="addresses that AWS's tools mean for the target are those of the source"
    )
    encoding: Encoding = Field(default="", description="of CSV files that are not Unicode; left out: cp1252")
