"""A bundle as one zip, the same bytes for the same files."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from core.errors import FormatError
from core.scoring.hashes import MANIFEST, SEAL, bundle_files

MAX_BYTES = 4_000_000_000
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path) -> bytes:
    """Return a bundle's folder as a zip whose only top folder is named as the bundle's."""
    folder = Path(folder)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted([*bundle_files(folder), MANIFEST, SEAL]):
            entry = zipfile.ZipInfo(f"{folder.name}/{path}", _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, (folder / path).read_bytes())
    return sink.getvalue()


def unpack(archive: Path | bytes, target: Path) -> Path:
    """Unpack a bundle's zip below ``target`` and return the bundle's folder.

    Raises
    ------
    FormatError
        When it is no zip, one that would write elsewhere or more than 4 GB, or holds no bundle.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive) if isinstance(archive, bytes) else archive) as opened:
            names = [PurePosixPath(entry.filename) for entry in opened.infolist()]
            if any(name.is_absolute() or ".." in name.parts for name in names):
                raise FormatError("This zip would write outside its folder.", hint="Export the bundle again.")
            if sum(entry.file_size for entry in opened.infolist()) > MAX_BYTES:
                raise FormatError("This zip is too large.", hint="Unpack it yourself and name the folder.")
            opened.extractall(target)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise FormatError(f"This is no zip that can be read: {error}.", hint="Export the bundle again.") from error
    found = [path.parent for path in [target / MANIFEST, *sorted(target.glob(f"*/{MANIFEST}"))] if path.is_file()]
    if not found:
        raise FormatError(f"This zip holds no {MANIFEST}.", hint="Name the zip or the folder of a bundle.")
    return found[0]
