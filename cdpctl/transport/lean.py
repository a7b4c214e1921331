"""Loads requests without the parts of it that no call of this program ever needs."""

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

# requests only compares this with the versions it knows, 2.0 up to 4.0, to warn about others.
_ANY_KNOWN_VERSION = "3.0.0"


def _later(module: str, function: str) -> Callable[..., Any]:
    """Return a function that imports the real one when it is called."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(import_module(module), function)(*args, **kwargs)

    return call


def _stand_in(name: str, **contents: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(contents)
    return module


def _load() -> ModuleType:
    """Import requests with stand-ins for two modules, and take the stand-ins away again.

    charset_normalizer guesses encodings, which JSON has no need of; importlib.metadata is asked for the
    version of h2 when HTTP/2 is switched on. Together they are a fifth of the import. Each stand-in
    leads to the real module when it is used after all.
    """
    stand_ins = {
        "charset_normalizer": _stand_in(
            "charset_normalizer",
            __version__=_ANY_KNOWN_VERSION,
            detect=_later("charset_normalizer", "detect"),
        ),
        "importlib.metadata": _stand_in(
            "importlib.metadata", version=_later("importlib.metadata", "version")
        ),
    }
    stand_ins = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        return import_module("requests")
    finally:
        for name in stand_ins:
            sys.modules.pop(name, None)


_load()
