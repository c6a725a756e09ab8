// RUN: moe-opt %s --moe-lower-moe --split-input-file --verify-diagnostics

func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>, %w1: tensor<4x64x16xf32>, %w2: tensor<4x16x32xf32>) -> tensor<?x16xf32> {
  // expected-error @+1 {{an expert bank is computed by the graph; moec packs only banks that lie in the model's files}}
  %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<concatenated>}
      : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x64x16xf32>, tensor<4x16x32xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
