"""Which worker runs which system test: those of one stack stay on one worker, and so do those of the
browser, which have a stack of their own. Even an idle stack takes time: so the other worker helps with the
browser's, file by file, only when it has nothing else to do.

xdist's own groups would do for the rest, but with this pytest they are lost.
"""

from collections.abc import Collection, Sequence
from typing import Any

from xdist.scheduler import LoadScopeScheduling

EACH_ITS_OWN = {"test_chaos.py", "test_local_stack.py", "test_secured_broker.py", "test_stores.py"}
A_FILE_S_OWN = {"test_deployment.py"}
BROWSER = "tests/browser/"
LONGEST = "tests/system/test_chaos.py"  # of a single test: begun last, it would be waited for by idle workers


class OneStack(LoadScopeScheduling):  # type: ignore[misc] # xdist is not typed
    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder, _, file = path.rpartition("/")
        if folder != "tests/system" or file in A_FILE_S_OWN:
            return path
        return nodeid if file in EACH_ITS_OWN else "the stack of all others"

    def _assign_work_unit(self, node: Any) -> None:
        begun = [scope for scopes in self.assigned_work.values() for scope in scopes]
        scope = next_scope(list(self.workqueue), begun_here=self.assigned_work[node], begun=begun)
        self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


def next_scope(waiting: Sequence[str], *, begun_here: Collection[str], begun: Collection[str]) -> str:
    """Of those that wait, for a worker that has begun some of all that were begun."""
    has_the_browser = any(map(_is_the_browsers, begun_here)) or not any(map(_is_the_browsers, begun))
    return min(waiting, key=lambda scope: (_is_the_browsers(scope) != has_the_browser, LONGEST not in scope))


def _is_the_browsers(scope: str) -> bool:
    return scope.startswith(BROWSER)
