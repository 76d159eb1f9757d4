"""The folder of a command: what it is called, how it is claimed, and how it is sealed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.errors import ResultError
from sim.montecarlo import manifests
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import MANIFEST, Manifest
from sim.montecarlo.parts import Parts, Shapes
from sim.montecarlo.provenance import other_versions
from sim.montecarlo.store import LOSSES, RunFolder, as_json, digest
from sim.report.page import rendered
from sim.report.page_parts import Page
from sim.risk.findings import Findings
from sim.scenario.schema import Scenario
from sim.stories.replacing import Agrees, empty, question

RESULTS = Path("results")
REPORT, SUMMARY = "report.html", "summary.json"

Note = Callable[[str], None]


def unsaid(_note: str) -> None:
    """A note that nobody reads."""


def nothing_more(_folder: RunFolder) -> Sequence[str]:
    """No files beside tables, report and summary."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """What all folders of a command have in common.

    Parameters
    ----------
    command
        Name of the command.
    name
        What a folder is called unless one says otherwise, with the places ``{scenario}`` and ``{digest}``.
    report, summary
        Names of its last files. A folder that has its summary is complete.
    page
        Makes what its report shows of what was found.
    """

    command: str
    name: str
    report: str
    summary: str
    page: Callable[[Findings], Page]

    def render(self, findings: Findings) -> str:
        """The report of what was found, as one HTML page; the same findings give the same text.

        Raises
        ------
        ReportError
            If a table or a column is absent, or a number is missing or infinite where one must be.
        """
        return rendered(self.page(findings))

    def folder(self, scenario: Scenario, manifest: Manifest, out: str | Path | None) -> RunFolder:
        """The folder that was asked for, else the one of its name among the results."""
        name = self.name.format(scenario=scenario.name, digest=manifest["digest"])
        return RunFolder(RESULTS / name if out is None else Path(out))


@dataclass(frozen=True, slots=True)
class Found:
    """What goes into a folder.

    Parameters
    ----------
    findings
        Tables, and what report and summary are made of.
    more
        Writes further files and gives their names.
    """

    findings: Findings
    more: Callable[[RunFolder], Sequence[str]] = nothing_more


def outside(file: str | Path, suffix: str) -> Path:
    """Where to write a file: not over a file of another kind, and into no folder of results.

    Raises
    ------
    ResultError
        If it would be.
    """
    target = Path(file)
    if target.is_file() and target.suffix != suffix:
        raise ResultError(
            f"{shown(target)}: found another file; allowed: a new one, or one that ends in {suffix}"
        )
    if any((folder / MANIFEST).is_file() for folder in (target.parent, target.parent.parent)):
        raise ResultError(f"{shown(target)}: found a folder of results; allowed: a file elsewhere")
    return target


# ---------------------------------------------------------------------- claimed


@dataclass(frozen=True, slots=True)
class Claim:
    """A folder, and what it is to be of.

    Parameters
    ----------
    folder
        The folder.
    manifest
        What it is begun for; ``digest`` and ``versions`` in it say whose parts the folder's are.
    last
        File whose presence says that the folder is complete.
    shapes
        What its parts must hold, as for :class:`sim.montecarlo.parts.Parts`.
    wanted
        Names of files that not every folder of its kind has, and this one must.
    """

    folder: RunFolder
    manifest: Manifest
    last: str
    shapes: Shapes | None = None
    wanted: Sequence[str] = ()

    @property
    def parts(self) -> Parts:
        """The parts of the folder."""
        return Parts(self.folder, identity(self.manifest), self.shapes)

    def damage(self) -> list[str]:
        """What is wrong with the files of a complete folder, or is not there, a line each."""
        if damage := self.folder.damage(self.last):
            return damage
        there = self.folder.sums(self.last)
        return [f"{name} is not there" for name in self.wanted if name not in there]


def identity(manifest: Manifest) -> str:
    """Whose the parts of a folder are: what was asked for, and the versions that answer."""
    return digest([manifest["digest"], manifest["versions"]])


@contextmanager
def claimed(claim: Claim, note: Note = unsaid, agrees: Agrees | None = None) -> Iterator[None]:
    """Claim a folder that is free or was begun for the same, and keep other processes out.

    The manifest is written first, and what cannot be used is removed.

    Parameters
    ----------
    claim
        Which folder, and for what.
    note
        Called with what a user should know of the folder.
    agrees
        Asked whether what a folder was begun for, if it is something else, may be removed; default: it stays.

    Raises
    ------
    ResultError
        If the folder is of something else, another process writes it, or it cannot be written. Then nothing
        was written or removed.
    """
    makes_room = agrees is not None and _is_to_be_replaced(claim, agrees)
    if not makes_room:
        try:
            _refuse_another(claim)
        except ResultError as error:
            if agrees is not None and _of_another(claim) is not None:
                error.add_note("to put this in the place of what is there: --overwrite")
            raise
    folder = claim.folder
    with folder.locked():
        if makes_room:
            empty(folder)
        _refuse_another(claim)
        if folder.is_sealed(claim.last):
            for line in claim.damage():
                note(f"{folder.path}: {line}; it is made again")
        folder.clean()
        folder.unseal(claim.last)
        manifests.write(folder, claim.manifest)
        if unsound := claim.parts.remove_unsound():
            note(f"{folder.path}: {unsound} damaged parts are simulated again")
        yield


def make_room(path: Path, manifest: Manifest) -> None:
    """Remove what a folder was begun for, if that is something else.

    Parameters
    ----------
    path
        The folder.
    manifest
        What it is to be begun for.

    Raises
    ------
    ResultError
        If it holds anything that no command has written, or another process writes it.
    """
    folder = RunFolder(path)
    before = manifests.read(folder)
    if before is not None and identity(before) != identity(manifest):
        question(folder, before)  # Refuses, before there is a lock, what is not to be removed.
        with folder.locked():
            empty(folder)


def _is_to_be_replaced(claim: Claim, agrees: Agrees) -> bool:
    """Whether a folder holds something else, and that may be removed."""
    before = _of_another(claim)
    return before is not None and agrees(question(claim.folder, before))


def _of_another(claim: Claim) -> Manifest | None:
    """The manifest of a folder that was begun for something else."""
    before = manifests.read(claim.folder)
    return None if before is None or identity(before) == identity(claim.manifest) else before


def _refuse_another(claim: Claim) -> None:
    """Leave a folder alone that is of something else; where its manifest is no help, a part is proof."""
    folder = claim.folder
    before = manifests.refuse_another(folder, claim.manifest, claim.parts.has_sound)
    if others := [name for name in folder.read_as_losses() if not LOSSES.fullmatch(name)]:
        raise ResultError(
            f"{shown(folder.path)}: found {shown(others[0])}, which no command has written; allowed: nothing "
            "that is read with the losses"
        )
    if before is None or folder.is_sealed(claim.last):
        return
    if other := other_versions(before["versions"]):
        raise ResultError(
            f"{shown(folder.path)}: found a run begun with {other}; allowed: to go on with the same "
            "versions, or to begin anew in an empty folder"
        )


def is_done(claim: Claim, note: Note = unsaid) -> bool:
    """Whether a folder is finished, every byte of it, and is of what it is claimed for.

    Raises
    ------
    ResultError
        If it was finished with other versions, and is damaged since.
    """
    folder = claim.folder
    try:
        manifest = manifests.read(folder)
    except ResultError:
        return False
    is_ours = manifest is not None and manifest["digest"] == claim.manifest["digest"]
    if manifest is None or not is_ours or not folder.is_sealed(claim.last):
        return False
    damage = claim.damage()
    if other := other_versions(manifest["versions"]):
        if damage:
            raise ResultError("\n".join(f"{folder.path}: {line}" for line in [*damage, f"made with {other}"]))
        note(f"{folder.path}: finished with {other}; it is left as it is")
    return not damage


# ---------------------------------------------------------------------- sealed


def fill(folder: RunFolder, kind: Kind, found: Found, parts: Sequence[str] = ()) -> None:
    """Write all that was found into a folder that is claimed; the summary comes last.

    Parameters
    ----------
    folder, kind
        Where to, and of which kind that is.
    found
        What to write.
    parts
        Names of the parts that it was found from.

    Raises
    ------
    ResultError
        If a file cannot be written.
    """
    report = kind.render(found.findings)
    more = found.more(folder)
    tables = {f"tables/{name}.csv": table for name, table in found.findings.tables.items()}
    for name, table in tables.items():
        folder.write_csv(name, table)
    folder.write_text(kind.report, report)
    names = [MANIFEST, *parts, *more, *tables, kind.report]
    folder.seal(kind.summary, as_json(found.findings.summary), names)


def save(kind: Kind, found: Found, out: str | Path | None = None) -> Path:
    """Write the folder of what was found in memory.

    Parameters
    ----------
    kind
        Which kind of folder it becomes.
    found
        What to write.
    out
        Where to; default: among the results, by its name.

    Returns
    -------
    Path
        The folder, which is complete.

    Raises
    ------
    ResultError
        If the folder is of something else, or a file cannot be written.
    """
    findings = found.findings
    folder = kind.folder(findings.scenario, findings.manifest, out)
    with claimed(Claim(folder, findings.manifest, kind.summary)):
        fill(folder, kind, found)
    return folder.path
