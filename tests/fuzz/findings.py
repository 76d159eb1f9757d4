"""What a run of a fuzzer tried and found."""

import hashlib
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.checked import Cost, FaultError, check

FOUND = Path(__file__).parents[2] / "results" / "fuzz"
ADDRESS_SPACE_BYTES = 8_000_000_000


def limit_memory() -> None:
    """Let what asks for far too much memory fail before the machine does."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))


@dataclass(slots=True)
class Findings:
    """Counts of the files tried, the most that one took, and the smallest file for each kind of fault."""

    name: str
    place: Path
    tried: int = 0
    scenarios: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    faults: dict[str, Path] = field(default_factory=dict)
    _start: float = field(default_factory=time.monotonic)

    def try_file(self, data: bytes) -> bool:
        """Check a file and keep it if it is at fault; whether it is a scenario."""
        self.tried += 1
        try:
            cost = check(data, self.place)
        except FaultError as fault:
            self._keep(fault, data)
            return False
        self._count(cost)
        return cost.is_scenario

    def _count(self, cost: Cost) -> None:
        self.scenarios += cost.is_scenario
        self.seconds = max(self.seconds, cost.seconds)
        self.megabytes = max(self.megabytes, cost.megabytes)

    def _keep(self, fault: FaultError, data: bytes) -> None:
        file = FOUND / f"{fault.kind.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:8]}.yaml"
        before = self.faults.get(fault.kind)
        if before is not None and len(data) >= before.stat().st_size:
            return
        FOUND.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.faults[fault.kind] = file
        if before is not None:
            before.unlink()

    @property
    def passed_seconds(self) -> float:
        """Time since the run began."""
        return time.monotonic() - self._start

    def __str__(self) -> str:
        tried = (
            f"{self.name}: {self.tried:,} files in {self.passed_seconds:.0f} s, {self.scenarios:,} scenarios"
        )
        most = f"at most {self.seconds:.2f} s and {self.megabytes:.0f} MB for one file"
        faults = [f"  {kind}: {file}" for kind, file in sorted(self.faults.items())]
        return "\n".join([f"{tried}; {most}; {len(faults)} faults", *faults])
