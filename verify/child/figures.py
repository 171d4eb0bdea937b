"""The figures that matplotlib still holds when the code has ended, as pictures."""

from __future__ import annotations

import base64
import io
import sys
from typing import Any, List, Tuple

#: How many figures are kept, and how large one may be, in bytes.
MOST = 8
LARGEST = 1 << 20


def figures() -> List[Tuple[str, str]]:
    """Each open figure: its name, and a PNG in base64."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    kept = []
    for number in list(pyplot.get_fignums())[:MOST]:
        try:
            file = io.BytesIO()
            pyplot.figure(number).savefig(file, format="png", metadata={"Software": None})
        except Exception:
            continue
        if 0 < len(file.getvalue()) <= LARGEST:
            kept.append((f"figure-{number}.png", base64.b64encode(file.getvalue()).decode("ascii")))
    return kept
