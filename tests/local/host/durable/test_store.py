from local.host.durable.store import Store


def test_nobody_else_on_the_machine_may_read_the_histories(tmp_path):
    store = Store(tmp_path)
    store.begin()
    store.commit()

    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("durable.sqlite*")}
    store.close()

    assert "durable.sqlite-wal" in modes
    assert set(modes.values()) == {0}
