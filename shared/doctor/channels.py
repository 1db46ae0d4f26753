"""Whether people can be told: each channel of the settings has what it needs. Nothing is sent."""

from collections.abc import Iterator

from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.notifications.receivers import channel, channels, told_of_everything


def look() -> Iterator[HealthFinding]:
    """Read the settings of each channel, and of those that are told of every migration; none at all is no fault."""
    names = dict.fromkeys((*channels(), *told_of_everything()))
    for found in map(channel, names):
        if found.fault:
            yield kinds.CHANNEL_FAULTY.seen(found.fault)
        else:
            yield kinds.CHANNEL.seen(f"{found.name} ({found.carrier})")
    if not names:
        yield kinds.NO_CHANNELS.seen("AZFERRY_CHANNELS is empty")
