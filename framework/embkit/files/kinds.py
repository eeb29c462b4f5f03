"""Recognize the kind of a file by its first bytes, whatever its name, and how to use it."""

import codecs
import re
from enum import StrEnum
from pathlib import Path

__all__ = ["Kind", "kind_of", "remedy_of"]


class Kind(StrEnum):
    """Kinds of files that people bring, in words that complete "it is ..."."""

    NPY = "a NumPy array (.npy)"
    ZIP = "a zip archive (.npz and others)"
    PARQUET = "a Parquet file"
    HDF5 = "an HDF5 file"
    ARROW = "an Arrow IPC or Feather file"
    SAFETENSORS = "a safetensors file"
    TORCH = "a PyTorch file, which holds Python pickles"
    PICKLE = "a Python pickle"
    FAISS = "a faiss index"
    FVECS = "vectors in the fvecs format"
    BVECS = "vectors in the bvecs format"
    IVECS = "neighbours in the ivecs format, not vectors"
    FBIN = "vectors in the fbin format"
    U8BIN = "vectors in the u8bin format"
    I8BIN = "vectors in the i8bin format"
    WORD2VEC = "binary word2vec"
    MATLAB = "a MATLAB file"
    SQLITE = "an SQLite database"
    ORC = "an ORC file"
    AVRO = "an Avro file"
    XLSX = "a spreadsheet (.xlsx)"
    OLE = "a spreadsheet or another Office document"
    R = "R's own format"
    PDF = "a PDF"
    TAR = "a tar archive"
    GZIP = "compressed with gzip"
    ZSTD = "compressed with zstd"
    BZIP2 = "compressed with bzip2"
    XZ = "compressed with xz"
    LZ4 = "compressed with lz4"
    GIT_LFS = "a Git LFS pointer, not the data"
    HTML = "an HTML page"
    UTF16 = "text in UTF-16"
    JSON_LINES = "JSON text"
    TEXT = "plain text"


_MAGIC = (
    (b"\x93NUMPY", Kind.NPY),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"PAR1", Kind.PARQUET),
    (b"\x89HDF\r\n\x1a\n", Kind.HDF5),
    (b"ARROW1", Kind.ARROW),
    (b"FEA1", Kind.ARROW),
    (b"MATLAB 5.0", Kind.MATLAB),
    (b"SQLite format 3\x00", Kind.SQLITE),
    (b"Obj\x01", Kind.AVRO),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLE),
    (b"RDX2\n", Kind.R),
    (b"RDX3\n", Kind.R),
    (b"%PDF-", Kind.PDF),
    (b"\x1f\x8b", Kind.GZIP),
    (b"\x28\xb5\x2f\xfd", Kind.ZSTD),
    (b"BZh", Kind.BZIP2),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"\x04\x22\x4d\x18", Kind.LZ4),
    (b"version https://git-lfs", Kind.GIT_LFS),
    (b"\xff\xfe", Kind.UTF16),
    (b"\xfe\xff", Kind.UTF16),
    *((bytes((0x80, protocol)), Kind.PICKLE) for protocol in range(2, 6)),
)
_FAISS = re.compile(rb"I[xwvHBC][A-Za-z0-9]{2}[\x01-\xff]", re.DOTALL)
_WORD2VEC = re.compile(rb"\d{1,12} \d{1,6}\n")
# Formats that begin with nothing but a size.
_SUFFIXES = {
    ".fvecs": Kind.FVECS,
    ".bvecs": Kind.BVECS,
    ".ivecs": Kind.IVECS,
    ".fbin": Kind.FBIN,
    ".u8bin": Kind.U8BIN,
    ".i8bin": Kind.I8BIN,
}
_SAMPLE_BYTES = 512
_LARGEST_SAFETENSORS_HEADER = 100_000_000  # as the format's own readers

_BIN = (
    "convert it: numpy.save('x.npy', numpy.fromfile(FILE, '{}', offset=8)"
    ".reshape(numpy.fromfile(FILE, 'i4', 2)))"
)
_REMEDIES = {
    Kind.NPY: "use --loader npy",
    Kind.ZIP: "if NumPy wrote it, use --loader npz; export a spreadsheet as CSV",
    Kind.PARQUET: "use --loader parquet",
    Kind.HDF5: "use --loader hdf5",
    Kind.ARROW: "use --loader arrow",
    Kind.SAFETENSORS: "use --loader safetensors",
    Kind.TORCH: "convert it: numpy.save('x.npy', torch.load(FILE, weights_only=True).float().numpy())",
    Kind.PICKLE: "embkit never unpickles; save the array with numpy.save where it was made",
    Kind.FAISS: "convert it: index = faiss.read_index(FILE);"
    " numpy.save('x.npy', index.reconstruct_n(0, index.ntotal))",
    Kind.FVECS: "convert it: numpy.save('x.npy', (a := numpy.fromfile(FILE, 'i4'))"
    ".reshape(-1, a[0] + 1)[:, 1:].view('f4'))",
    Kind.BVECS: "convert it: numpy.save('x.npy', (a := numpy.fromfile(FILE, 'u1'))"
    ".reshape(-1, 4 + a[:4].view('i4')[0])[:, 4:])",
    Kind.IVECS: "give the fvecs or bvecs file that it belongs to",
    Kind.FBIN: _BIN.format("f4"),
    Kind.U8BIN: _BIN.format("u1"),
    Kind.I8BIN: _BIN.format("i1"),
    Kind.WORD2VEC: "use --loader word2vec",
    Kind.MATLAB: "convert it: numpy.save('x.npy', scipy.io.loadmat(FILE)['NAME'])",
    Kind.SQLITE: "export the table as CSV or Parquet",
    Kind.ORC: "convert it to Parquet: pyarrow.parquet.write_table(pyarrow.orc.read_table(FILE),"
    " 'x.parquet')",
    Kind.AVRO: "convert it to Parquet or JSON lines",
    Kind.XLSX: "export the sheet as CSV",
    Kind.OLE: "export the sheet as CSV",
    Kind.R: "export it in R: write.csv(x, 'x.csv')",
    Kind.PDF: "give the data themselves",
    Kind.TAR: "unpack it first: tar -xf",
    Kind.GZIP: "decompress it first: gunzip",
    Kind.ZSTD: "decompress it first: zstd -d",
    Kind.BZIP2: "decompress it first: bunzip2",
    Kind.XZ: "decompress it first: unxz",
    Kind.LZ4: "decompress it first: lz4 -d",
    Kind.GIT_LFS: "fetch the data: git lfs pull",
    Kind.HTML: "download the file itself, not the page about it",
    Kind.UTF16: "convert it: iconv -f UTF-16 -t UTF-8",
    Kind.JSON_LINES: "use --loader jsonl",
    Kind.TEXT: "use --loader csv or --loader tsv",
}


def kind_of(path: Path) -> Kind | None:
    """Tell what a file is from its first 512 bytes, then from its name.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    Kind or None
        A string such as ``a Parquet file``; None where nothing says.
    """
    with path.open("rb") as stream:
        start = stream.read(_SAMPLE_BYTES)
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return _kind_of_zip(start) if kind == Kind.ZIP else kind
    return _kind_of_header(start) or _kind_of_text(start) or _SUFFIXES.get(path.suffix.lower())


def remedy_of(kind: Kind) -> str:
    """How a file of that kind can be used: the loader that reads it, or how to convert it."""
    return _REMEDIES[kind]


def _kind_of_zip(start: bytes) -> Kind:
    """By the name of the archive's first member, which follows 30 bytes of fixed layout."""
    name = start[30 : 30 + int.from_bytes(start[26:28], "little")]
    if name.endswith((b"data.pkl", b".format_version", b"byteorder")):
        return Kind.TORCH
    if name.startswith((b"[Content_Types]", b"xl/", b"_rels/")):
        return Kind.XLSX
    return Kind.ZIP


def _kind_of_header(start: bytes) -> Kind | None:
    """What begins with sizes rather than with bytes of its own."""
    length = int.from_bytes(start[:8], "little")
    if start[8:9] == b"{" and 2 <= length <= _LARGEST_SAFETENSORS_HEADER:
        return Kind.SAFETENSORS
    if _FAISS.match(start) and b"\0" in start[:36]:
        return Kind.FAISS
    if start.startswith(b"ORC") and _kind_of_text(start) is None:
        return Kind.ORC
    if start[257:262] == b"ustar":
        return Kind.TAR
    if _WORD2VEC.match(start) and any(byte < 9 for byte in start):
        return Kind.WORD2VEC
    return None


def _kind_of_text(start: bytes) -> Kind | None:
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(start).lstrip()
    except UnicodeDecodeError:
        return None
    if not text or any(char < " " and char not in "\t\r\n\f" for char in text):
        return None
    if re.match(r"\{|\[\s*[\[{]", text):
        return Kind.JSON_LINES
    if text[:20].lower().startswith(("<!doctype html", "<html")):
        return Kind.HTML
    return Kind.TEXT
