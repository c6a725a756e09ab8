#include "import/onnx/OnnxImport.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace moec::import;

static std::filesystem::path sharedModels() {
  const char *root = std::getenv("MOEC_SHARED");
  return std::filesystem::path(root ? root : MOEC_SOURCE_DIR "/../shared") /
         "models";
}

TEST(OnnxImport, ImportsEverySharedModelAndRoundTrips) {
  std::filesystem::path root = sharedModels();
  if (!std::filesystem::exists(root))
    GTEST_SKIP() << root << " is not there";
  int models = 0;
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().filename() != "model.onnx")
      continue;
    SCOPED_TRACE(entry.path().string());
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    auto module = importOnnx(entry.path().string(), {}, context);
    ASSERT_TRUE(mlir::succeeded(module));
    std::string text, again;
    llvm::raw_string_ostream(text) << **module;
    auto parsed = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    ASSERT_TRUE(parsed);
    llvm::raw_string_ostream(again) << *parsed;
    EXPECT_EQ(text, again);
    ++models;
  }
  EXPECT_GT(models, 0);
}
