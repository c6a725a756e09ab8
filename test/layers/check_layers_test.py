#!/usr/bin/env python3
"""The layer check finds what it must find."""
import pathlib
import tempfile
import unittest

import check_layers


class LayersTest(unittest.TestCase):
    def violations(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return list(check_layers.violations(root))

    def test_allowed_directions(self):
        self.assertEqual(self.violations({
            "compiler/plan/A.h": "#include <vector>\n",
            "compiler/target/B.cpp": '#include "plan/A.h"\n#include "fmt/format.h"\n',
            "passes/place/P.cpp": '#include "passes/bridge/X.h"\n#include "mlir/IR/Value.h"\n',
            "passes/bridge/X.h": '#include "plan/A.h"\n',
        }), [])

    def test_plan_knows_no_mlir(self):
        found, = self.violations({"compiler/plan/A.cpp": '\n#include "llvm/ADT/ArrayRef.h"\n'})
        self.assertIn("compiler/plan/A.cpp:2: compiler/plan includes llvm/ADT/ArrayRef.h of mlir", found)

    def test_lowering_decides_nothing(self):
        found, = self.violations({"compiler/plan/A.h": "", "passes/lower/L.cpp": '#include "plan/A.h"\n'})
        self.assertIn("passes/lower includes plan/A.h of compiler/plan", found)

    def test_the_runtime_knows_no_compiler(self):
        found, = self.violations({"compiler/plan/A.h": "", "runtime/session/S.cpp": '#include "../../compiler/plan/A.h"\n'})
        self.assertIn("of compiler/plan", found)

    def test_protobuf_stays_in_import(self):
        found, = self.violations({"compiler/driver/D.cpp": '#include "onnx.pb.h"\n'})
        self.assertIn("of protobuf", found)

    def test_generated_headers_belong_to_their_folder(self):
        found, = self.violations({"compiler/target/T.cpp": '#include "dialect/moe/MoeOps.h.inc"\n'})
        self.assertIn("of dialect", found)

    def test_new_folder_needs_a_row(self):
        found, = self.violations({"tools/moe-new/main.cpp": ""})
        self.assertIn("lies in no layer", found)


if __name__ == "__main__":
    unittest.main()
