"""How functions of the engines are compiled, and where compiled code is kept.

Nothing may reorder arithmetic, so a function gives the same numbers however it is vectorised; dividing by
zero gives what IEEE 754 says; and no compiled function makes an array, so none needs Numba's runtime
(without it there is no counting of references, which would take most of the time).

Numba makes machine code of every function, and again of all that it calls. Parts are handed to their callers
unfinished instead: each is optimised once, where it ends up. Units go the other way: they are called by
address, so that a caller is compiled without them, and several can be compiled at the same time.

Compiled code is kept in a folder named by a hash of the sources that it comes from. Numba's own check looks
at one file alone and would miss a change in another that was compiled into it.
"""

import os
import tempfile
from collections.abc import Callable
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding as llvm
import numba
import numba.experimental.function_type  # Tells Numba of units.
from llvmlite import ir
from numba.core import cgutils, codegen, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering
from numba.extending import intrinsic

from sim import kinds, model
from sim.scenario import fields, policies

Function = TypeVar("Function", bound=Callable[..., object])

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
UNROLLED = 8
"""Longest loop that may be unrolled whole: LLVM unrolls first, and what is unrolled is not vectorised."""

llvm.set_option("", f"-unroll-full-max-count={UNROLLED}")


class _Finished(codegen.JITCodeLibrary):
    """Machine code, optimised in one go: Numba's pass before it looks for references to count."""

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager()  # noqa: SLF001 - that of our base class
        passes.run(self._final_module, builder)


class _Unfinished(codegen.JITCodeLibrary):
    """The code of a part: linked into its callers, and made machine code of with them."""

    def _optimize_final_module(self) -> None:
        """Leave optimisation to the callers."""

    def _finalize_final_module(self) -> None:
        self._finalized = True


class _Lower(Lower):
    """Numba's own, but no index is negative: none needs to be looked at for a place counted from the end."""

    def lower_getitem(self, resty: Any, expr: Any, value: Any, index: Any, signature: Any) -> Any:
        """Read an item."""
        return super().lower_getitem(resty, expr, value, index, _from_the_start(signature))  # type: ignore[no-untyped-call]

    def lower_setitem(self, target_var: Any, index_var: Any, value_var: Any, signature: Any) -> Any:
        """Write an item."""
        return super().lower_setitem(target_var, index_var, value_var, _from_the_start(signature))  # type: ignore[no-untyped-call]


def _from_the_start(signature: Any) -> Any:
    """The signature of an access to an item, with unsigned indices if it is an array's."""
    container, index, *rest = signature.args
    if not isinstance(container, types.Array):
        return signature
    return signature.replace(args=(container, _unsigned(index), *rest))


def _unsigned(index: Any) -> Any:
    if isinstance(index, (types.Tuple, types.UniTuple)):
        return types.Tuple([_unsigned(kind) for kind in index.types])
    return types.uintp if isinstance(index, types.Integer) else index


@register_pass(mutates_CFG=True, analysis_only=False)
class _WholeLowering(NativeLowering):
    """Lowers a function and makes machine code of it and of its parts."""

    _name = "whole_lowering"
    lowering_class = _Lower

    def run_pass(self, state: Any) -> bool:
        """Lower the function into a library of our own."""
        state.library = _Finished(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return bool(super().run_pass(state))  # type: ignore[no-untyped-call]


@register_pass(mutates_CFG=True, analysis_only=False)
class _PartLowering(NativeLowering):
    """Lowers a part without making machine code of it."""

    _name = "part_lowering"
    lowering_class = _Lower

    def run_pass(self, state: Any) -> bool:
        """Lower the function; stand in for its machine code with something that Numba can tell apart."""
        state.library = _Unfinished(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        state.flags.no_compile = True
        super().run_pass(state)  # type: ignore[no-untyped-call]
        stand_in = list[object]().append
        state.targetctx.insert_user_function(stand_in, state.cr.fndesc, [state.library])
        state.cr = state.cr._replace(cfunc=stand_in)
        return True


def _compiler(lowering: type[NativeLowering]) -> type[CompilerBase]:
    """Numba's own compiler, with another last step."""

    class Compiler(CompilerBase):
        def define_pipelines(self) -> list[Any]:
            passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
            passes.passes = [
                (lowering if step is NativeLowering else step, what) for step, what in passes.passes
            ]
            passes.finalize()
            return [passes]

    return Compiler


WHOLE: dict[str, Any] = {**OPTIONS, "pipeline_class": _compiler(_WholeLowering)}
PART: dict[str, Any] = {
    **OPTIONS,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": _compiler(_PartLowering),
}


def _cache_folder() -> Path | None:
    """The folder for code compiled from these sources; None if it cannot be written."""
    digest = blake2b(digest_size=8)
    rooms = (Path(room).parent.glob("*.py") for room in (__file__, model.__file__, policies.__file__))
    for source in [*sorted(chain(*rooms)), Path(fields.__file__), Path(kinds.__file__)]:
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "chokepoint" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


CACHE_FOLDER = _cache_folder()
if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]


def compiled(function: Function) -> Function:
    """Compile a function that Python calls, or take it from the cache."""
    options = {**WHOLE, "no_cfunc_wrapper": True}
    return cast("Function", numba.njit(**options, cache=CACHE_FOLDER is not None)(function))


def by_address(function: Function) -> Function:
    """Compile a function that compiled code calls as a :class:`Unit`, or take it from the cache."""
    options = {**WHOLE, "no_cpython_wrapper": True}
    return cast("Function", numba.njit(**options, cache=CACHE_FOLDER is not None)(function))


def part(function: Function) -> Function:
    """Compile a function that only compiled functions call."""
    return cast("Function", numba.njit(**PART)(function))


def inlined(function: Function) -> Function:
    """Compile a function into its callers: a part of a long function that reads better under its own name."""
    return cast("Function", numba.njit(**PART, forceinline=True)(function))


def _fetch(_typing: Any, array: Any, _row: Any, _place: Any) -> Any:
    """What Numba makes of a call of :func:`fetch`: an instruction that an item will be written to soon."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, word, byte = signature.args[0], ir.IntType(32), ir.IntType(8).as_pointer()
        filled = context.make_array(kind)(context, builder, arguments[0])
        item = cgutils.get_item_pointer(context, builder, kind, filled, arguments[1:], wraparound=False)
        hint = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        prefetch = cgutils.get_or_insert_function(builder.module, hint, "llvm.prefetch.p0")
        builder.call(prefetch, [builder.bitcast(item, byte), word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp), generate


def _fetch_nothing(array: Any, row: int, place: int) -> None:
    """Without a compiler there is nothing to tell the processor."""


_IS_OFF = numba.config.DISABLE_JIT  # type: ignore[attr-defined]
fetch: Any = _fetch_nothing if _IS_OFF else intrinsic(_fetch)
"""``fetch(array, row, place)`` has the processor fetch an item, with others around it, that is needed soon.

For items at places that it cannot foresee: what is not in its caches takes as long to come as a hundred sums.
"""


class Unit(types.WrapperAddressProtocol):
    """A compiled function with the types of its arguments, to be called by its address.

    Compiled functions take it as an argument and call it (Numba's wrapper address protocol).
    """

    def __init__(self, function: Any, *arguments: object) -> None:
        self._function = function
        self._kinds = tuple(numba.typeof(argument) for argument in arguments)

    def compile(self) -> None:
        """Compile it, take it from the cache, or do nothing where that has been done."""
        self._function.compile(self._kinds)
        library = self._function.overloads[self._kinds].library
        library._shared_module = None  # noqa: SLF001 - what other functions would be linked with

    def __wrapper_address__(self) -> int:
        """Where its machine code begins."""
        self.compile()
        code = self._function.overloads[self._kinds]
        return cast("int", code.library.get_pointer_to_function(code.fndesc.llvm_cfunc_wrapper_name))

    def signature(self) -> Any:
        """Types of its arguments; it returns nothing."""
        return types.none(*self._kinds)

    def __call__(self, *arguments: object) -> None:
        """Call it from Python."""
        self._function(*arguments)


def is_cached(name: str) -> bool:
    """Whether machine code of a function is kept from an earlier run."""
    return CACHE_FOLDER is not None and any(CACHE_FOLDER.rglob(f"*.{name}-*.nbc"))
