"""Writes the files in good/ and bad/ with numpy, for test-npz.c and test-dump.c, which know what is in them."""

import os

import numpy

os.chdir(os.path.dirname(os.path.abspath(__file__)))
cube = numpy.arange(24).reshape(2, 3, 4)

numpy.savez("good/types.npz", **{
    name.strip("<>|") + ("_big" if name[0] == ">" else ""): (cube % 2 == 1) if "b1" in name else cube.astype(name)
    for name in ["|b1", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8",
                 ">u2", ">i2", ">u4", ">i4", ">u8", ">i8", ">f2", ">f4", ">f8"]})
numpy.savez("good/orders.npz", fortran=numpy.asfortranarray(cube.astype("<f4")), fortran_big=numpy.asfortranarray(cube.astype(">i2")),
            flat=numpy.asfortranarray(cube[0, 0]), scalar=numpy.float32(7), empty=numpy.zeros((3, 0, 2), "<f4"))
numpy.savez("good/strings.npz", tokens=["[CLS]", "naïve", "", "日本", "😀"], big=numpy.array(["ab", "c"]).astype(">U3"),
            bytes=numpy.array([b"ab", b"c", "é".encode()]), text="One text", pairs=[["a", "b"], ["c", "d"]])
numpy.savez_compressed("good/compressed.npz", cube=cube.astype("<f4"), zeros=numpy.zeros((100, 100), "<f4"), tokens=["a", "b"])
numpy.save("good/plain.npy", cube.astype("<f4"))
for major in (1, 2, 3):
    with open(f"good/version{major}.npy", "wb") as file:
        numpy.lib.format.write_array(file, cube.astype("<f4"), version=(major, 0))
numpy.savez("bad/objects.npz", ragged=numpy.array([[1], [2, 3]], dtype=object))
numpy.savez("bad/fields.npz", pairs=numpy.zeros(3, [("a", "<f4"), ("b", "<i4")]))
numpy.savez("bad/complex.npz", numbers=numpy.zeros(3, "<c8"))
numpy.savez("bad/times.npz", days=numpy.zeros(3, "<M8[D]"))

# What README and help tell people to do, with stand-ins of the shapes that the models' library returns.
generator = numpy.random.default_rng(1)
layers = [generator.dirichlet(numpy.ones(5), (1, 3, 5)).astype("f4") for _ in range(2)]
numpy.savez("good/snippet.npz", text="The cat sat", model="bert-base-uncased", attention=numpy.stack(layers),
            tokens=["[CLS]", "the", "cat", "sat", "[SEP]"])
numpy.savez("good/positional.npz", *layers)
numpy.savez("good/arguments.npz", numpy.stack(layers), ["[CLS]", "the", "cat", "sat", "[SEP]"])
