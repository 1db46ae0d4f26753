"""Whether an entry of a plan means a machine: the only evaluator, for assessments, previews and inventories alike."""

import re
from collections.abc import Mapping
from functools import lru_cache

from shared.models import Model
from shared.plan.machines import Selector
from shared.plan.matching import MatchAlternative, MatchCondition


class SourceMatch(Model):
    """A machine that was found at the source, and how a plan selects it by its id."""

    instance_id: str
    name: str = ""
    private_ip: str = ""
    tags: Mapping[str, str] = {}
    more_ids: tuple[str, ...] = ()  # under which its source knows it, too
    more_ips: tuple[str, ...] = ()

    @property
    def selector(self) -> Selector:
        """Give what selects it by its id: EC2's ids are like no others."""
        return Selector.model_validate(
            {"instanceId" if self.instance_id.startswith("i-") else "vmId": self.instance_id}
        )

    @property
    def ids(self) -> frozenset[str]:
        """Give every id that it has, in lower case."""
        return frozenset(each.lower() for each in (self.instance_id, *self.more_ids) if each)

    @property
    def ips(self) -> frozenset[str]:
        """Give every private address that it has."""
        return frozenset(each for each in (self.private_ip, *self.more_ips) if each)


def selects(selector: Selector, found: SourceMatch) -> bool:
    """Tell whether an entry that may mean several machines means this one."""
    return carries(found, selector.tags) if selector.tags else any(_fits(each, found) for each in selector.match)


def means(selector: Selector, found: SourceMatch) -> bool:
    """Tell whether an entry of any kind means a machine."""
    if selector.selects_several:
        return selects(selector, found)
    if selector.private_ip:
        return selector.private_ip in found.ips
    wanted = (selector.instance_id or selector.vm_id).lower()
    return wanted in found.ids if wanted else selector.name.lower() == found.name.lower()


def carries(found: SourceMatch, tags: Mapping[str, str]) -> bool:
    """Tell whether a machine carries all of these tags, as they are written."""
    return all(found.tags.get(key) == value for key, value in tags.items())


def _fits(alternative: MatchAlternative, found: SourceMatch) -> bool:
    return _holds(alternative, found) and not any(_holds(each, found) for each in alternative.exclude)


def _holds(condition: MatchCondition, found: SourceMatch) -> bool:
    """Tell whether everything that a condition says holds of a machine."""
    wanted = {each.lower() for each in condition.ids}
    return (
        all(key in found.tags and _pattern(value).fullmatch(found.tags[key]) for key, value in condition.tags.items())
        and (not condition.name or _pattern(condition.name.lower()).fullmatch(found.name.lower()) is not None)
        and (not wanted or bool(wanted & (found.ids | found.ips)))
    )


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """Give a pattern of names: `*` is any text, `?` one letter, and nothing else is special.

    What stands between two `*` is looked for once (atomic), so that no pattern takes long.
    """
    first, *others = [re.escape(each).replace(r"\?", ".") for each in re.split(r"\*+", text)]
    middle = "".join(f"(?>.*?{each})" for each in others[:-1])
    return re.compile(first + middle + (f".*{others[-1]}" if others else ""), re.DOTALL)
