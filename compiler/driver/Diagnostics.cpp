#include "driver/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace moec::driver;

/// "FILE:LINE:COLUMN: ", "FILE: " where a file has no lines, "node 'NAME': ",
/// or nothing.
static std::string place(Location location) {
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    std::string name = file.getFilename().str();
    return file.getLine() == 0
               ? name + ": "
               : name + ":" + std::to_string(file.getLine()) + ":" +
                     std::to_string(file.getColumn()) + ": ";
  }
  if (auto name = dyn_cast<NameLoc>(location))
    return "node '" + name.getName().str() + "': ";
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (std::string text = place(part); !text.empty())
        return text;
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return place(call.getCallee());
  return "";
}

FirstErrorHandler::FirstErrorHandler(MLIRContext *context)
    : ScopedDiagnosticHandler(context) {
  setHandler([this](Diagnostic &diagnostic) { return handle(diagnostic); });
}

LogicalResult FirstErrorHandler::handle(Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  if (isError && hasError.exchange(true))
    return success();
  llvm::errs() << "moe-compile: " << (isError ? "error: " : "warning: ")
               << place(diagnostic.getLocation()) << diagnostic.str() << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    llvm::errs() << "moe-compile: note: " << place(note.getLocation())
                 << note.str() << "\n";
  return success();
}

void FirstErrorHandler::emitFallback(const std::string &message) {
  if (!hasError.exchange(true))
    llvm::errs() << "moe-compile: error: " << message << "\n";
}
