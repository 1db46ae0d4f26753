"""Whether people can be told."""

from shared.doctor import channels


def test_without_a_channel_that_is_noticed(given):
    given(channels="")
    (found,) = channels.look()
    assert found.id == "no-channels"


def test_what_a_channel_lacks_is_told_and_one_that_is_whole_is_well(given):
    given(
        channels="ops:webhook, team:teams", tell="ops, night", channel_team_url="https://x.example.com/hook?sig=secret"
    )
    found = {each.seen: each.id for each in channels.look()}
    assert found == {
        "AZFERRY_CHANNEL_OPS_URL is not set, or its Key Vault reference could not be read": "channel-faulty",
        "team (teams)": "channel",
        "there is no channel night: AZFERRY_CHANNELS does not name it": "channel-faulty",
    }
