"""Codes of DICOM's terms, from codes.yaml."""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

_SCHEME = "99AETIA"


@cache
def _codes() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("codes.yaml").read_text(encoding="utf-8"))
    return found


class Codes:
    """Coded concepts by the names that codes.yaml gives them. Needs highdicom."""

    def __getitem__(self, name: str) -> Any:
        return _concept(_codes()[name])

    def measure(self, name: str) -> Any:
        """What is measured or evaluated."""
        return _concept(_codes()["measures"][name])

    def unit(self, name: str) -> Any:
        """A unit of UCUM."""
        return _concept(_codes()["units"][name])

    def outline(self, name: str) -> Any:
        """What is outlined; in our own scheme where DICOM has no code for it."""
        return _concept(_codes()["outlines"].get(name) or [_SCHEME, name, name])

    def label(self, label: str, meaning: str) -> Any:
        """A label that a picture is called, in our own scheme."""
        return _concept([_SCHEME, label, meaning])

    @property
    def version(self) -> str:
        """Aetia's own."""
        return version("aetia")

    @property
    def equipment(self) -> dict[str, Any]:
        """Who made the file, as highdicom's constructors want it."""
        return {
            "manufacturer": "Aetia",
            "manufacturer_model_name": "Aetia",
            "software_versions": self.version,
            "device_serial_number": self.version,
        }


def _concept(entry: list[str]) -> Any:
    from highdicom.sr import CodedConcept

    scheme, value, meaning = entry
    return CodedConcept(value=value, scheme_designator=scheme, meaning=meaning[:64])


def own_scheme() -> Any:
    """What a file says of our own scheme."""
    from highdicom.coding_schemes import CodingSchemeIdentificationItem

    return CodingSchemeIdentificationItem(_SCHEME, name="Aetia's labels")
