"""Whether this process may open what its work needs. With less it would lose a connection for the sake of
another, again and again, and answer nobody, not even `/readyz`.
"""

import resource

from shared.settings import WrongSetting

LEAST_DESCRIPTORS = 96  # 53 at rest, 6 for a standby; what is left is for callers and the store's files


class TooFewDescriptorsError(WrongSetting):
    def __init__(self, most: int) -> None:
        told = f"{most} files and connections at once are too few: it needs {LEAST_DESCRIPTORS}"
        super().__init__("ulimit -n", told)


def require_descriptors() -> None:
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < LEAST_DESCRIPTORS:
        raise TooFewDescriptorsError(most)
