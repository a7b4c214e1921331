"""`cdpctl ansible`: shows where the Ansible collection is."""

from pathlib import Path

import cdpctl
from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ConfigError
from cdpctl.output.document import Document

_COLLECTION = Path("ansible_collections", "cdpctl", "grid")


@command(calls=False)
def path(runtime: Runtime) -> None:
    """Print the folder that holds the Ansible collection cdpctl.grid, for ANSIBLE_COLLECTIONS_PATH.

    ansible-core finds the collection on its own when pip has installed both into one environment.

    Examples:
        cdpctl ansible path
        ANSIBLE_COLLECTIONS_PATH="$(cdpctl ansible path)" ansible-doc cdpctl.grid.peer
    """
    folder = str(collections_folder())
    document = Document("cdpctl.ansible/1", {}, None, [{"path": folder}])
    runtime.output.document_or(f"{folder}\n", document)


def collections_folder() -> Path:
    """Return the folder above `ansible_collections`. In the source tree it is inside the package.

    Raises:
        ConfigError: this installation has no collection, such as a zipapp.
    """
    package = Path(cdpctl.__file__).parent
    for folder in (package.parent, package):
        if (folder / _COLLECTION).is_dir():
            return folder
    raise ConfigError("this installation of cdpctl has no Ansible collection", hint="pip install cdpctl")
