"""What an error says of the machine it was raised on, and not of its author."""

from __future__ import annotations

import pytest

from verify.child.library import Library
from verify.lacks import Raised, reason_for

EDITION = "it is written for another edition of `d2l` than the one installed"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Raised("AttributeError", ("AttributeError",), "", "", owner="d2l.torch"), EDITION),
        (
            Raised("ImportError", ("ImportError",), "cannot import 'a' from 'd2l.torch'", ""),
            EDITION,
        ),
        (
            Raised("TypeError", ("TypeError",), "takes 2 arguments", "d2l.plot(1, 2)", own=True),
            EDITION,
        ),
        (Raised("TypeError", ("TypeError",), "takes 2 arguments", "plot(1, 2)", own=True), None),
        (Raised("AttributeError", ("AttributeError",), "", "", owner="torch.nn"), None),
    ],
)
def test_the_edition_of_a_package_that_goes_with_a_book(error: Raised, reason: str | None) -> None:
    assert reason_for(error) == reason


def test_of_such_a_package_nothing_is_claimed() -> None:
    none: frozenset[str] = frozenset()
    library = Library(none, none, none, importing=False)
    assert [library.claims(name) for name in ("d2l.torch", "torch.nn")] == [False, True]
