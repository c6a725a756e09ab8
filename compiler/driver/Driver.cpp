#include "driver/Driver.h"

#include "codegen/Artifact.h"
#include "codegen/Manifest.h"
#include "codegen/Program.h"
#include "driver/Diagnostics.h"
#include "driver/Phases.h"
#include "driver/PlanReport.h"
#include "driver/Report.h"
#include "passes/Register.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace mlir;
using namespace moec;
using namespace moec::driver;

namespace {

/// Compilations shorter than this show no progress.
constexpr double kQuietSeconds = 3;

class Driver {
public:
  explicit Driver(const Options &options)
      : options(options), context(createRegistry()), diagnostics(&context),
        compilation{options, &context, nullptr, ""} {
    context.printOpOnDiagnostic(false);
    report.model = llvm::sys::path::stem(options.model).str();
  }

  int run() {
    if (failed(runPhases()))
      return 1;
    if (!options.emit.empty())
      return succeeded(emitIR()) ? 0 : 1;
    if (failed(writeArtifact()))
      return 1;
    llvm::outs() << print(report, options.report);
    return 0;
  }

private:
  static DialectRegistry createRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    codegen::registerTranslations(registry);
    return registry;
  }

  double elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }

  /// Runs one step with its time, and a line on stderr if it gets long.
  template <typename Step>
  LogicalResult timed(StringRef name, StringRef activity, Step step) {
    double before = elapsed();
    if (before > kQuietSeconds)
      llvm::errs() << llvm::formatv("moe-compile: {0:F1} s: {1}\n", before,
                                    activity);
    LogicalResult result = step();
    report.times.push_back({name.str(), elapsed() - before});
    if (failed(result))
      diagnostics.emitFallback("failed while " + activity.str());
    return result;
  }

  /// Up to the level asked for; an artifact stops at `lowered`, because the
  /// LLVM level differs by instruction set.
  LogicalResult runPhases() {
    const Phase *last =
        findLevel(options.emit.empty() ? "lowered" : options.emit);
    const Phase *phase = phases().begin();
    while (phase <= last) {
      if (failed(timed(phase->level, phase->activity,
                       [&] { return phase->run(compilation); })))
        return failure();
      if (phase->level == "plan" && failed(describePlan()))
        return failure();
      bool read = phase == phases().begin();
      phase = read ? std::max(nextPhase(*compilation.module), phase + 1)
                   : phase + 1;
    }
    return success();
  }

  /// Notes the decisions before lowering turns them into code.
  LogicalResult describePlan() {
    report.layers = reportLayers(*compilation.module);
    auto plan = planFile(compilation);
    if (!plan)
      return fail(plan.takeError());
    planText = std::move(*plan);
    return success();
  }

  LogicalResult fail(llvm::Error error) {
    return emitError(UnknownLoc::get(&context), toString(std::move(error)));
  }

  /// IR as text, whole or not at all.
  LogicalResult emitIR() {
    if (options.output == "-") {
      compilation.module->print(llvm::outs());
      return success();
    }
    llvm::Error error = llvm::writeToOutput(
        options.output, [&](llvm::raw_ostream &stream) -> llvm::Error {
          compilation.module->print(stream);
          return llvm::Error::success();
        });
    return error ? fail(std::move(error)) : success();
  }

  LogicalResult writeArtifact() {
    ModuleOp module = *compilation.module;
    report.ranks = codegen::rankCount(module);
    module.walk([&](FunctionOpInterface function) {
      report.functions += !function.isExternal();
    });
    StringRef folder = llvm::sys::path::parent_path(options.model);
    codegen::ArtifactOptions artifact{.name = report.model,
                                      .modelFolder =
                                          folder.empty() ? "." : folder.str(),
                                      .plan = planText,
                                      .hardware = compilation.hardware};
    return timed("artifact", "generating code and writing the artifact", [&] {
      auto sizes = codegen::writeArtifact(module, options.output, artifact);
      if (!sizes)
        return fail(sizes.takeError());
      report.programBytes = sizes->program;
      report.weightBytes = sizes->weights;
      return success();
    });
  }

  const Options &options;
  MLIRContext context;
  FirstErrorHandler diagnostics;
  Compilation compilation;
  Report report;
  std::string planText; ///< of plan.json; empty: nothing was placed
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
};

} // namespace

int moec::driver::compile(int argc, const char *const *argv) {
  auto options = parseOptions(ArrayRef(argv + 1, argv + argc));
  if (!options) {
    llvm::errs() << "moe-compile: error: " << toString(options.takeError())
                 << "\nTry 'moe-compile --help'.\n";
    return 2;
  }
  if (options->help) {
    llvm::outs() << usage();
    return 0;
  }
  return Driver(*options).run();
}
