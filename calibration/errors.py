"""What can be wrong with facts, priors or a posterior."""

from pathlib import Path


class CalibrationError(ValueError):
    """A file of facts, priors or draws that cannot be used; every fault of the file at once."""

    def __init__(self, file: Path | str, faults: list[str]) -> None:
        self.file = file
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"{file} has {count}:", *(f"  {fault}" for fault in faults)]))
