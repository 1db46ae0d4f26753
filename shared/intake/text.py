"""Free text from outside: what people write for people, kept from fooling those who read it.

Control characters move a terminal's cursor; bidirectional ones make a line read otherwise than it is. Nobody needs them in
a name, a comment or a script, so every free text of plans and commands is of one of these types, which refuse them.
"""

from typing import Annotated, Final

from pydantic import Field

_BIDI: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# What may stand in no line, and in no text of lines: there a tab and the line ends do no harm.
_NOT_IN_A_LINE: Final = rf"\x00-\x1f\x7f-\x9f{_BIDI}\u2028\u2029"
_NOT_IN_LINES: Final = rf"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}"
# What shows in either.
_SEEN: Final = rf"[^\s\x00-\x1f\x7f-\x9f{_BIDI}]"

ONE_LINE: Final = rf"^[^{_NOT_IN_A_LINE}]*$"
MANY_LINES: Final = rf"^[^{_NOT_IN_LINES}]*$"
NOT_BLANK: Final = rf"^[^{_NOT_IN_A_LINE}]*{_SEEN}[^{_NOT_IN_A_LINE}]*$"
# A reason may have lines, but must say something.
SAYS_SOMETHING: Final = rf"^[^{_NOT_IN_LINES}]*{_SEEN}[^{_NOT_IN_LINES}]*$"

Line = Annotated[str, Field(pattern=ONE_LINE)]
Lines = Annotated[str, Field(pattern=MANY_LINES)]
Label = Annotated[str, Field(pattern=NOT_BLANK)]
Statement = Annotated[str, Field(pattern=SAYS_SOMETHING)]
