"""One step of the doctor's, and what to do where it fails (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """`way_out` is empty where all is well; what is `needed` ends the examination."""

    name: str
    found: str
    way_out: str = ""
    needed: bool = True

    @property
    def well(self) -> bool:
        return not self.way_out
