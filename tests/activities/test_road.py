"""The fixtures themselves: a machine comes all the way."""
import time
def test_a_machine_walks_all_the_way(prepared):
    t=time.time()
    prepared.walk("web1")
    print(prepared.row("web1").state, time.time()-t)
