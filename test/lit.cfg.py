"""lit: every .mlir below dialect/, passes/, import/, codegen/ and driver/ is a test."""

import os

import lit.formats

config.name = "moec"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.moec_build, "test", "lit")
config.excludes = ["Inputs"]
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.moec_build, "bin"), config.llvm_tools, os.environ["PATH"]]
)
config.substitutions.append(("%python", config.python))
