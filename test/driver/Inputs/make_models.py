"""Models in which something is wrong, for errors.test."""

import os
import struct
import sys

folder = sys.argv[1]
model = os.path.join(folder, "model")


def write(name, file, size=256, raw="64xf32", attributes="", slots=""):
    kind, count = ("?xf32", " slots(%c)") if slots else (raw, "")
    text = f"""module attributes {{{attributes}}} {{
func.func @main() -> tensor<{kind}> {{
  %c = arith.constant 1 : index
  %w = moe_rt.weight "w" [#moe_rt.region<"{file}", 0, {size}>]{count}
      {{source = tensor<{raw}>, pack = #moe_rt.pack<none>{slots}}} : tensor<{kind}>
  return %w : tensor<{kind}>
}}
}}
"""
    with open(os.path.join(model, name + ".mlir"), "w") as out:
        out.write(text)


for path, size in (("outside.bin", 256), ("model/whole.bin", 1 << 20), ("model/short.bin", 100)):
    with open(os.path.join(folder, path), "wb") as out:
        out.write(bytes(size))
os.symlink("../outside.bin", os.path.join(model, "link.bin"))
with open(os.path.join(model, "syntax.mlir"), "w") as out:
    out.write("module { func.func @main( }\n")
write("plain", "whole.bin")
write("missing", "no.bin")
write("short", "short.bin")
write("folder", "weights.d")
write("absolute", "/etc/passwd")
write("above", "../outside.bin")
write("link", "link.bin")
write("ranks", "whole.bin", attributes="moe_rt.ranks = 3 : i64", slots=", slots = [array<i64: 0>]")
write("type", "whole.bin", size=32, raw="64xi4")
write("large", "whole.bin", size=1 << 20, raw="262144xf32")
with open(os.path.join(model, "huge.bin"), "wb") as out:
    out.write(struct.pack("<f", 1e5) * 64)
with open(os.path.join(model, "huge.mlir"), "w") as out:
    out.write("""func.func @main() -> tensor<1x4x16xf16> {
  %w = moe_rt.weight "w" [#moe_rt.region<"huge.bin", 0, 256>]
      {source = tensor<4x16xf32>, pack = #moe_rt.pack<panels>} : tensor<1x4x16xf16>
  return %w : tensor<1x4x16xf16>
}
""")
