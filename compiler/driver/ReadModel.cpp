#include "driver/ReadModel.h"

#include "import/onnx/OnnxImport.h"
#include "target/Hardware.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace moec;
using namespace moec::driver;

/// Whether a file holds IR; one that cannot be read is left to the importer's
/// message.
static bool holdsIR(const std::string &path) {
  auto start = llvm::MemoryBuffer::getFileSlice(path, 64, 0);
  if (!start)
    return false;
  StringRef text = (*start)->getBuffer().ltrim();
  return llvm::any_of(
      ArrayRef<StringRef>{"//", "#", "!", "module", "builtin.module", "func",
                          "\"builtin.module\"", "ML\xefR"},
      [&](StringRef prefix) { return text.starts_with(prefix); });
}

static LogicalResult readHardware(Compilation &compilation) {
  auto topology = target::readHardware(compilation.options.hardware);
  if (!topology)
    return emitError(UnknownLoc::get(compilation.context),
                     topology.error().str());
  compilation.hardware = target::hardwareToJson(*topology).dump();
  compilation.machine = std::move(*topology);
  return success();
}

LogicalResult moec::driver::readModel(Compilation &compilation) {
  const Options &options = compilation.options;
  if (!options.hardware.empty() && failed(readHardware(compilation)))
    return failure();
  if (holdsIR(options.model)) {
    if (!options.dims.empty())
      return emitError(UnknownLoc::get(compilation.context),
                       "--dim fixes dimensions of ONNX models only; '")
             << options.model << "' holds IR";
    compilation.module =
        parseSourceFile<ModuleOp>(options.model, compilation.context);
    return success(static_cast<bool>(compilation.module));
  }
  import::ImportOptions importOptions{.dims = options.dims};
  auto module =
      import::importOnnx(options.model, importOptions, *compilation.context);
  if (failed(module))
    return failure();
  compilation.module = std::move(*module);
  return success();
}
