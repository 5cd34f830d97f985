"""The only folder that an agent may read from and write into: ``Root``."""

from pathlib import Path

from admatch.errors import InputError, shorten
from admatch.messages import say


class Root:
    """A folder; no path, link or index of an agent leads out of it.

    Raises ``InputError`` if there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(say("agents.root.missing", folder=str(folder)))
        self.folder = folder.resolve()

    def file(self, name: str) -> Path:
        """Return an existing file inside the folder; raises ``InputError`` for anything else."""
        path = self.inside(name)
        if not path.is_file():  # nor a pipe or a device, which could block for ever
            raise InputError(say("agents.root.no_file", name=shorten(name)))
        return path

    def index(self, name: str) -> Path:
        """Return an existing folder inside the folder, all of whose files are inside it, too."""
        path = self.inside(name)
        if not path.is_dir():
            raise InputError(say("agents.root.no_folder", name=shorten(name)))
        if not all(one.resolve().is_relative_to(self.folder) for one in path.rglob("*")):
            raise InputError(say("agents.root.outside", name=shorten(name)))
        return path

    def new_folder(self, name: str) -> Path:
        """Return a path inside the folder at which nothing is yet, so nothing is overwritten."""
        path = self.inside(name)
        if path.exists():
            raise InputError(say("agents.root.exists", name=shorten(name)))
        above = next(one for one in path.parents if one.exists())
        if not above.is_dir():
            raise InputError(say("agents.root.exists", name=shorten(self.shown(above))))
        return path

    def inside(self, name: str) -> Path:
        """Return a path with its links followed; raises ``InputError`` if it leads out."""
        outside = InputError(say("agents.root.outside", name=shorten(name)))
        try:
            path = (self.folder / name).resolve()
            if path.is_relative_to(self.folder):
                path.exists()  # raises OSError for a name that is too long
                return path
        except (OSError, ValueError, RuntimeError):  # or with a NUL, or in a ring of links
            raise outside from None
        raise outside

    def shown(self, path: Path) -> str:
        """Return a path as the agent names it: relative to the folder."""
        return path.relative_to(self.folder).as_posix()
