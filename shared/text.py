"""Free text from outside: what people write for people, kept from fooling those who read it.

Control characters move a terminal's cursor; bidirectional ones make a line read otherwise than it is. Nobody needs them in
a name, a comment or a script, so every free text of plans and commands is of one of these types, which refuse them.
"""

from typing import Annotated, Final

from pydantic import Field

_BIDI: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LINE_ENDS: Final = r"\u2028\u2029"
# The line ends at which text may be broken where it has lines; a tab may stand in them.
ONE_LINE: Final = rf"^[^\x00-\x1f\x7f-\x9f{_BIDI}{_LINE_ENDS}]*$"
MANY_LINES: Final = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}]*$"
NOT_BLANK: Final = rf"^[^\x00-\x1f\x7f-\x9f{_BIDI}{_LINE_ENDS}]*[^\s\x00-\x1f\x7f-\x9f{_BIDI}][^\x00-\x1f\x7f-\x9f{_BIDI}{_LINE_ENDS}]*$"
# A reason may have lines, but must say something.
SAYS_SOMETHING: Final = (
    rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}]*[^\s\x00-\x1f\x7f-\x9f{_BIDI}]"
    rf"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}]*$"
)

Line = Annotated[str, Field(pattern=ONE_LINE)]
Lines = Annotated[str, Field(pattern=MANY_LINES)]
Label = Annotated[str, Field(pattern=NOT_BLANK)]
Statement = Annotated[str, Field(pattern=SAYS_SOMETHING)]
