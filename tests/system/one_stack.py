"""Which worker runs which system test: those of one stack stay on one worker, and so do those of the
browser, which have a stack of their own. Even an idle stack takes time.

xdist's own groups would do, but with this pytest they are lost.
"""

from xdist.scheduler import LoadScopeScheduling

EACH_ITS_OWN = {"test_chaos.py", "test_local_stack.py", "test_secured_broker.py", "test_stores.py"}
A_FILE_S_OWN = {"test_deployment.py"}


class OneStack(LoadScopeScheduling):  # type: ignore[misc] # xdist is not typed
    def _split_scope(self, nodeid: str) -> str:
        folder, _, file = nodeid.partition("::")[0].rpartition("/")
        if folder == "tests/browser":
            return folder
        if folder != "tests/system" or file in A_FILE_S_OWN:
            return file
        return nodeid if file in EACH_ITS_OWN else "the stack of all others"
