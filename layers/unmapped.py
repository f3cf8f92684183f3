"""Cut off shared objects what is never mapped: symbols and lines for debuggers.

Some wheels come with them, and they weigh more than the code. ``strip`` knows only the
processor that it was made for; this works for any. The loader goes by the program
headers alone, so whatever lies behind the last segment can go, and the table of
sections, which then leads nowhere, is said to be empty (ELF-64 Object File Format,
"File Header" and "Program Header").
"""

import struct
import sys
from pathlib import Path

LITTLE_ENDIAN_64 = b"\x7fELF\x02\x01"
_TABLES = struct.Struct(
    "<QQ"
)  # where program headers and sections are: e_phoff, e_shoff
_TABLES_AT = 32
_COUNTS = struct.Struct("<5H")  # e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
_COUNTS_AT = 54
_SEGMENT = struct.Struct("<8xQ16xQ")  # p_offset, p_filesz; bytes in the file


class NotAnObjectError(ValueError):
    """A file is called as shared objects are, and is none for a 64-bit processor."""


def unmapped(image: bytes) -> bytes:
    """Return a shared object without what follows its last segment.

    Raises:
        NotAnObjectError: it is none that we understand.
    """
    if not image.startswith(LITTLE_ENDIAN_64):
        raise NotAnObjectError
    headers_at, _ = _TABLES.unpack_from(image, _TABLES_AT)
    size, count, section_size, _, _ = _COUNTS.unpack_from(image, _COUNTS_AT)
    headers = range(headers_at, headers_at + size * count, size)
    segments = [_SEGMENT.unpack_from(image, at) for at in headers]
    end = max([headers.stop, *(offset + length for offset, length in segments)])
    kept = bytearray(image[:end])
    _TABLES.pack_into(kept, _TABLES_AT, headers_at, 0)
    _COUNTS.pack_into(kept, _COUNTS_AT, size, count, section_size, 0, 0)
    return bytes(kept)


def main(folder: Path) -> None:
    """Cut all shared objects below a folder."""
    for path in sorted(folder.rglob("*.so*")):
        path.write_bytes(unmapped(path.read_bytes()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
