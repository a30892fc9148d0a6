"""Floors: the numbers below which a change may not push the detector.

In: measured sections, each with "scores" (shares, the more the better) and "wrong" (counts,
the fewer the better). Out: what is missed. The floors stand in `floors.json`, a section for
each: "at_least" for scores and "at_most" for counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FLOORS: Final = Path(__file__).parent / "floors.json"
# How far under what was measured a new floor is set; counts above 0 may rise by a tenth and 2.
_MARGIN: Final = 0.005

Section = Mapping[str, Any]


def read_floors(path: Path = FLOORS) -> dict[str, Any]:
    """Read the floors; none if there is no file."""
    floors: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return floors


def floors_of(measured: Section) -> dict[str, dict[str, float]]:
    """Set floors a little under what was measured.

    Identical articles and counts of 0 have no margin: what is exact must stay so.
    """
    return {
        "at_least": {
            name: value if "identical" in name else max(0.0, round(value - _MARGIN, 4))
            for name, value in measured["scores"].items()
        },
        "at_most": {
            name: value + value // 10 + 2 if value else 0
            for name, value in measured["wrong"].items()
        },
    }


def set_floors(measured: Mapping[str, Section], path: Path = FLOORS) -> None:
    """Write floors for some sections; those of the others stay."""
    floors = read_floors(path) | {name: floors_of(section) for name, section in measured.items()}
    path.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")


def below_floors(measured: Mapping[str, Section], floors: Mapping[str, Any]) -> list[str]:
    """Say what is below its floor, one line each. Sections without floors miss nothing.

    Raises:
        KeyError: There is a floor for something that is not measured any more.
    """
    missed = []
    for name, section in measured.items():
        limits = floors.get(name, {"at_least": {}, "at_most": {}})
        for row, floor in limits["at_least"].items():
            if section["scores"][row] < floor:
                missed.append(f"{name}: {row} is {section['scores'][row]:.4f}, floor {floor}")
        for row, ceiling in limits["at_most"].items():
            if section["wrong"][row] > ceiling:
                missed.append(f"{name}: {row} is {section['wrong'][row]}, at most {ceiling}")
    return missed


def variants_section(measured: Section) -> dict[str, dict[str, float]]:
    """Reduce what `quality` measured on `variants`."""
    return {
        "scores": {"right kind": measured["right"] / measured["num"]},
        "wrong": {"false relations": sum(measured["false_relations"].values())},
    }


def feed_section(measured: Section) -> dict[str, dict[str, float]]:
    """Reduce what `quality` measured on `feed`."""
    found = {
        f"found {kind}": row["found"] / row["wanted"] for kind, row in measured["planted"].items()
    }
    shares = {"shared runs": measured["shared_runs"]["recall"], **found}
    return {"scores": shares, "wrong": {"false relations": measured["precision"]["false"]}}
