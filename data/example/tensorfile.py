"""safetensors: u64 length of the header, the header (JSON), the numbers; little-endian throughout."""

import json
import struct

import numpy

TYPES = {"F32": numpy.dtype("<f4"), "F16": numpy.dtype("<f2")}


def write(path, tensors, metadata):
    """tensors: {name: numpy array of float32 or float16}."""
    header, offset = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        kind = "F16" if array.dtype == numpy.float16 else "F32"
        size = array.size * TYPES[kind].itemsize
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, array in tensors.items():
            file.write(numpy.ascontiguousarray(array, TYPES[header[name]["dtype"]]).tobytes())


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (start + offset for offset in entry["data_offsets"])
        tensors[name] = numpy.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata
