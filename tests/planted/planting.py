"""Putting a fault into the running interpreter: its module is imported with it, or its functions are given other code."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.planted.faults import PACKAGE, Fault


class _Loader(SourceFileLoader):
    """Loads the one module from another text than that of its file."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.module, str(PACKAGE / fault.file))
        self._fault = fault

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._fault.source, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._fault.module:
            return None
        return spec_from_file_location(fullname, PACKAGE / self._fault.file, loader=_Loader(self._fault))


def plant(fault: Fault) -> bool:
    """From now on the package has this fault, and nothing takes it out again: for a process that ends soon.

    What is imported already is given other code where only functions differ, for that takes no time. Else, and then it says
    True, the whole package will be imported anew: whoever has names of it must ask for them again.
    """
    module = sys.modules.get(fault.module)
    if module is not None and _differs_in_functions_alone(fault):
        _swap(module, compile(fault.source, str(PACKAGE / fault.file), "exec", dont_inherit=True))
        return False
    for name in [one for one in sys.modules if one.partition(".")[0] == "meetingsim"]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(fault))
    return True


def _differs_in_functions_alone(fault: Fault) -> bool:
    right = (PACKAGE / fault.file).read_text("utf-8")
    return _outline(right) == _outline(fault.source)


def _outline(source: str) -> str:
    """A module without what its functions do."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = []
    return ast.dump(tree)


def _swap(module: ModuleType, code: CodeType) -> None:
    planted = dict(_codes(code))
    for function in _functions(vars(module), module.__name__):
        if function.__qualname__ in planted:
            function.__code__ = planted[function.__qualname__]


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant.co_qualname, constant
            yield from _codes(constant)


def _functions(names: dict[str, Any], module: str) -> Iterator[FunctionType]:
    """The functions of a module and its classes, those behind properties, class methods and caches, too."""
    for value in list(names.values()):
        inner = getattr(value, "fget", None) or getattr(value, "__func__", None) or getattr(value, "__wrapped__", value)
        if isinstance(inner, FunctionType) and inner.__module__ == module:
            yield inner
        elif isinstance(inner, type) and inner.__module__ == module:
            yield from _functions(dict(vars(inner)), module)
