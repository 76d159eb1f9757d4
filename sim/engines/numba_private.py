"""Compiles by private parts of Numba, which another version may change: quickly, to quick code.

No compiled function makes an array, so none needs Numba's runtime (without it there is no counting of
references, which would take most of the time).

Numba makes machine code of every function, and again of all that it calls. Parts are handed to their callers
unfinished instead: each is optimised once, where it ends up. Units go the other way: they are called by
address, so that a caller is compiled without them, and several can be compiled at the same time.
"""

from functools import cached_property
from typing import Any

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

from sim.engines import code_cache

CACHE_FOLDER = code_cache.folder_for("private")
if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]

BUILT_ON = (
    (codegen.JITCodeLibrary, "_optimize_final_module"),
    (codegen.JITCodeLibrary, "_finalize_final_module"),
    (codegen.JITCodeLibrary, "_get_compiled_object"),
    (codegen.JITCodeLibrary, "serialize_using_object_code"),
    (codegen.CPUCodegen, "_module_pass_manager"),
    (DefaultPassBuilder, "define_nopython_pipeline"),
    (Lower, "lower_getitem"),
    (Lower, "lower_setitem"),
    (NativeLowering, "run_pass"),
)
for _owner, _name in BUILT_ON:
    getattr(_owner, _name)  # Where one is gone, the import fails, and not a compilation later on.

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
UNROLLED = 3
"""Longest loop that may be unrolled whole: LLVM unrolls first, and what is unrolled is not vectorised.

Blocks of a large network are 4 or 8 wide.
"""

llvm.set_option("", f"-unroll-full-max-count={UNROLLED}")


class Finished(codegen.JITCodeLibrary):
    """Machine code, optimised in one go: Numba's pass before it looks for references to count."""

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager()  # noqa: SLF001 - that of our base class
        passes.run(self._final_module, builder)


class _FinishedUnit(Finished):
    """The code of a unit: called, and linked with nothing, so that what would be linked is not kept."""

    def serialize_using_object_code(self) -> tuple[str, str, tuple[bytes, bytes]]:
        """Give what goes into the cache: machine code, and the names of the functions in it."""
        self._ensure_finalized()  # type: ignore[no-untyped-call]
        defined = (function.name for function in self._final_module.functions if not function.is_declaration)
        names = "".join(f'define void @"{name}"() {{ ret void }}\n' for name in defined)
        code = self._get_compiled_object()  # type: ignore[no-untyped-call]
        return self.name, "object", (code, llvm.parse_assembly(names).as_bitcode())


class Unfinished(codegen.JITCodeLibrary):
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
    library_class = Finished

    def run_pass(self, state: Any) -> bool:
        """Lower the function into a library of our own."""
        state.library = self.library_class(state.targetctx.codegen(), state.func_id.func_qualname)  # type: ignore[no-untyped-call]
        state.library.enable_object_caching()
        return bool(super().run_pass(state))  # type: ignore[no-untyped-call]


@register_pass(mutates_CFG=True, analysis_only=False)
class _UnitLowering(_WholeLowering):
    """Does the same with a unit."""

    _name = "unit_lowering"
    library_class = _FinishedUnit


@register_pass(mutates_CFG=True, analysis_only=False)
class _PartLowering(NativeLowering):
    """Lowers a part without making machine code of it."""

    _name = "part_lowering"
    lowering_class = _Lower

    def run_pass(self, state: Any) -> bool:
        """Lower the function; stand in for its machine code with something that Numba can tell apart."""
        state.library = Unfinished(state.targetctx.codegen(), state.func_id.func_qualname)  # type: ignore[no-untyped-call]
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


WHOLE: dict[str, Any] = {
    **OPTIONS,
    "cache": CACHE_FOLDER is not None,
    "pipeline_class": _compiler(_WholeLowering),
}
CALLED_BY_PYTHON: dict[str, Any] = {**WHOLE, "no_cfunc_wrapper": True}
CALLED_BY_ADDRESS: dict[str, Any] = {
    **WHOLE,
    "no_cpython_wrapper": True,
    "pipeline_class": _compiler(_UnitLowering),
}
PART: dict[str, Any] = {
    **OPTIONS,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": _compiler(_PartLowering),
}


def compiled(function: Any) -> Any:
    """Compile a function that Python calls, or take it from the cache."""
    return numba.njit(**CALLED_BY_PYTHON)(function)


def by_address(function: Any) -> Any:
    """Compile a function that compiled code calls as a :class:`Unit`, or take it from the cache."""
    return numba.njit(**CALLED_BY_ADDRESS)(function)


def part(function: Any) -> Any:
    """Compile a function that only compiled functions call."""
    return numba.njit(**PART)(function)


def inlined(function: Any) -> Any:
    """Compile a function into its callers."""
    return numba.njit(**PART, forceinline=True)(function)


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


fetch = intrinsic(_fetch)


def compile_for(function: Any, *arguments: object) -> None:
    """Compile a :func:`compiled` function for arguments of such types, or take it from the cache."""
    _compile(function, tuple(map(numba.typeof, arguments)))


def _compile(function: Any, kinds: tuple[Any, ...]) -> None:
    function.compile(kinds)
    library = function.overloads[kinds].library
    library._shared_module = None  # noqa: SLF001 - what other functions would be linked with


class Unit(types.WrapperAddressProtocol):
    """A compiled function with the types of its arguments, to be called by its address.

    Compiled functions take it as an argument and call it (Numba's wrapper address protocol).
    """

    def __init__(self, function: Any, *arguments: object) -> None:
        self._function = function
        self._kinds = tuple(map(numba.typeof, arguments))
        self._signature = types.none(*self._kinds)

    def compile(self) -> None:
        """Compile it, take it from the cache, or do nothing where that has been done."""
        _compile(self._function, self._kinds)

    def __wrapper_address__(self) -> int:
        """Where its machine code begins."""
        return self._address

    @cached_property
    def _address(self) -> int:
        self.compile()
        code = self._function.overloads[self._kinds]
        return int(code.library.get_pointer_to_function(code.fndesc.llvm_cfunc_wrapper_name))

    def signature(self) -> Any:
        """Types of its arguments; it returns nothing."""
        return self._signature
