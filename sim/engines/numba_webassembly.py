"""Makes WebAssembly of the loop over days, of the same functions as machine code: for pages without a server.

Numba lowers the functions to LLVM's language as it does for this machine. What it lowers is optimised for
WebAssembly alone, with pointers of 32 bits, in a process of its own: what was optimised for this machine
counts with its pointers and its vectors. LLVM's object is a module already, as only one is made and none is
linked: it lacks an export, and has names of symbols that nobody needs.

The module imports ``env.__linear_memory``, ``env.exp``, ``env.log``, ``env.log1p`` and, where its functions
keep something on a stack, ``env.__stack_pointer``. It exports ``run``, which takes the address of its
arguments, of 8 bytes each. Nothing in it reorders arithmetic: it gives the bits that machine code gives,
where ``exp``, ``log`` and ``log1p`` are the same.
"""

import hashlib
import os
import pickle
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numba
from llvmlite import binding as llvm

from sim.engines import block_engine, numba_private
from sim.engines.block_engine import Block
from sim.engines.measures import measure_day
from sim.errors import EngineError

TRIPLE = "wasm32-unknown-unknown"
FEATURES = "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext,+mutable-globals"
"""What current browsers have: Chrome 91, Firefox 89, Safari 16.4 or later."""
ENTRY = "run"
MAGIC = b"\0asm\1\0\0\0"
CUSTOM, EXPORTS, STARTING_SECTIONS = 0, 7, (8, 9, 10, 11, 12)
SYMBOL_TABLE, UNDEFINED, EXPLICIT_NAME = 8, 0x10, 0x40
FUNCTION, DATA, SECTION = 0, 1, 3
OPTIMISING = ("_optimize_functions", "_optimize_final_module")
"""What Numba's libraries do for this machine."""
TYPES = "types"
"""What a process of its own is given: the types of the arguments."""


def module_of(block: Block) -> bytes:
    """The module that runs blocks like this one: made when it is first asked for, which takes a minute.

    Parameters
    ----------
    block
        A block; its width and the types of its arrays count.

    Raises
    ------
    EngineError
        If it cannot be made.
    """
    kinds = kinds_of(block)
    kept = _file_for(kinds)
    if kept is not None and kept.exists():
        return kept.read_bytes()
    made = _made_apart(pickle.dumps(kinds))
    if kept is not None:
        beside = kept.with_suffix(f".{os.getpid()}")
        beside.write_bytes(made)
        beside.replace(kept)
    return made


def kinds_of(block: Block) -> tuple[Any, ...]:
    """Numba's types of what the loop over days takes after its units."""
    _units, *arguments = block_engine.arguments_of(block, 0, 0)
    return tuple(map(numba.typeof, arguments))


def _file_for(kinds: tuple[Any, ...]) -> Path | None:
    """Where a module is kept, beside the machine code of the same sources."""
    if numba_private.CACHE_FOLDER is None:
        return None
    digest = hashlib.blake2b(" ".join(map(str, kinds)).encode(), digest_size=8).hexdigest()
    return numba_private.CACHE_FOLDER / f"run-{digest}.wasm"


def _made_apart(kinds: bytes) -> bytes:
    """Have another process make it, in which nothing has been optimised for this machine."""
    with tempfile.TemporaryDirectory() as folder:
        asked, found = Path(folder, TYPES), Path(folder, "run.wasm")
        asked.write_bytes(kinds)
        done = subprocess.run(  # noqa: S603 - this program itself
            [sys.executable, "-m", "sim.engines.numba_webassembly", asked, found],
            env=os.environ | {"NUMBA_CACHE_DIR": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not found.exists():
            last = done.stderr.strip().splitlines()[-1:] or ["no module"]
            raise EngineError(f"WebAssembly cannot be made with {_versions()}: {last[0]}")
        return found.read_bytes()


def _versions() -> str:
    return f"Numba {version('numba')} and llvmlite {version('llvmlite')}"


# ---------------------------------------------------------------------- in a process of its own


def main(asked: str, found: str) -> None:
    """Make a module for the types in one file, and write it to another."""
    for library in (numba_private.Finished, numba_private.Unfinished):
        for step in OPTIMISING:
            setattr(library, step, _leave)
    kinds = pickle.loads(Path(asked).read_bytes())  # noqa: S301 - written by the process that started this one
    Path(found).write_bytes(module_from(_object(*_lowered(kinds))))


def _leave(*_anything: Any) -> None:
    """Optimise nothing."""


def _lowered(kinds: tuple[Any, ...]) -> tuple[str, str]:
    """The loop over days with all that it calls in LLVM's language, and its name there."""
    days: list[Any] = [block_engine.prepare, block_engine.advance, measure_day]
    units = block_engine.Units(*(numba_private.part(unit.py_func) for unit in days))
    whole: Any = block_engine.run_days
    loop = numba_private.part(whole.py_func)
    loop.compile((numba.typeof(units), *kinds))
    (found,) = loop.overloads.values()
    with numba.core.compiler_lock.global_compiler_lock:
        found.library._ensure_finalized()  # noqa: SLF001
    return found.library.get_llvm_str(), found.fndesc.llvm_func_name


def _object(text: str, name: str) -> bytes:
    """LLVM's object for WebAssembly, which begins with a function that reads the arguments of another."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(
        opt=3, features=FEATURES, reloc="static", codemodel="small"
    )
    text = re.sub(r'target datalayout = "[^"]*"', f'target datalayout = "{machine.target_data}"', text)
    text = re.sub(r'target triple = "[^"]*"', f'target triple = "{TRIPLE}"', text)
    text = re.sub(r'"target-(cpu|features)"="[^"]*"', "", text)
    module = llvm.parse_assembly(text)
    for its in (*module.functions, *module.global_variables):
        if not its.is_declaration:
            its.linkage = "internal"
    loop = module.get_function(name)
    loop.add_function_attribute("alwaysinline")
    entry = _entry(name, [str(its.type) for its in loop.arguments])
    whole = llvm.parse_assembly(f"{module}\n{entry}")
    whole.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = True
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(whole, passes)
    return bytes(machine.emit_object(whole))


def _entry(name: str, kinds: list[str]) -> str:
    """A function that reads the arguments of another from 8 bytes each, and calls it."""
    lines = [f"define i32 @{ENTRY}(ptr %arguments) {{", "%result = alloca ptr", "%error = alloca ptr"]
    given = ["ptr %result", "ptr %error"]
    for place, kind in enumerate(kinds[2:]):
        lines.append(f"%at{place} = getelementptr i8, ptr %arguments, i32 {8 * place}")
        if kind == "ptr":
            lines.append(f"%word{place} = load i32, ptr %at{place}")
            lines.append(f"%its{place} = inttoptr i32 %word{place} to ptr")
        else:
            lines.append(f"%its{place} = load {kind}, ptr %at{place}")
        given.append(f"{kind} %its{place}")
    return "\n".join([*lines, f'%status = call i32 @"{name}"({", ".join(given)})', "ret i32 %status", "}"])


# ---------------------------------------------------------------------- an object as a module


class Section(NamedTuple):
    """A part of a module: its kind, and what is in it."""

    kind: int
    content: bytes


def module_from(made: bytes) -> bytes:
    """An object as a module: without its custom sections, and with an export of its entry.

    An object says of each place where an address or an index stands that it may be another one once it is
    linked; what stands there is what it is without others [1]_.

    Parameters
    ----------
    made
        An object with all functions that it calls, but for those that it imports.

    References
    ----------
    .. [1] WebAssembly tool conventions, "WebAssembly Object File Linking", relocations and symbol table.
    """
    sections = list(_sections(made))
    exported = _export(_index_of(ENTRY, sections))
    kept = [its for its in sections if its.kind != CUSTOM]
    place = next(row for row, its in enumerate(kept) if its.kind in STARTING_SECTIONS)
    return MAGIC + b"".join(map(_written, (*kept[:place], exported, *kept[place:])))


def _sections(module: bytes) -> Iterator[Section]:
    place = len(MAGIC)
    while place < len(module):
        kind = module[place]
        length, place = _number(module, place + 1)
        yield Section(kind, module[place : place + length])
        place += length


def _written(section: Section) -> bytes:
    return bytes([section.kind]) + _leb(len(section.content)) + section.content


def _export(index: int) -> Section:
    name = ENTRY.encode()
    return Section(EXPORTS, _leb(1) + _leb(len(name)) + name + bytes([FUNCTION]) + _leb(index))


def _index_of(name: str, sections: list[Section]) -> int:
    """The index of a function that the symbol table of an object names."""
    for section in sections:
        title, place = _text(section.content, 0) if section.kind == CUSTOM else ("", 0)
        if title == "linking":
            return _symbol(section.content, place, name)
    raise EngineError("WebAssembly: the object has no symbol table")


def _symbol(linking: bytes, place: int, name: str) -> int:
    _version, place = _number(linking, place)
    while place < len(linking):
        kind = linking[place]
        length, place = _number(linking, place + 1)
        if kind == SYMBOL_TABLE:
            functions = dict(_functions(linking, place))
            return functions[name]
        place += length
    raise EngineError(f"WebAssembly: the object does not name {name}")


def _functions(table: bytes, place: int) -> Iterator[tuple[str, int]]:
    """Names and indices of the functions of a symbol table."""
    count, place = _number(table, place)
    for _ in range(count):
        kind = table[place]
        flags, place = _number(table, place + 1)
        if kind == FUNCTION:
            index, place = _number(table, place)
            if not flags & UNDEFINED or flags & EXPLICIT_NAME:
                title, place = _text(table, place)
                yield title, index
        else:
            place = _after_other(table, place, kind, flags)


def _after_other(table: bytes, place: int, kind: int, flags: int) -> int:
    """Where a symbol ends that is no function."""
    if kind == SECTION:
        return _number(table, place)[1]
    if kind == DATA:
        place = _text(table, place)[1]
        for _ in range(0 if flags & UNDEFINED else 3):
            place = _number(table, place)[1]
        return place
    place = _number(table, place)[1]
    return place if flags & UNDEFINED and not flags & EXPLICIT_NAME else _text(table, place)[1]


def _text(content: bytes, place: int) -> tuple[str, int]:
    length, place = _number(content, place)
    return content[place : place + length].decode(), place + length


def _number(content: bytes, place: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and where it ends."""
    found = shift = 0
    while True:
        byte = content[place]
        place += 1
        found |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return found, place


def _leb(number: int) -> bytes:
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])


if __name__ == "__main__":
    main(*sys.argv[1:])
