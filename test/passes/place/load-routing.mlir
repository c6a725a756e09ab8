// RUN: moe-opt %s --moe-load-routing=files=%S/Inputs/skewed.json,%S/Inputs/skewed.json | FileCheck %s
// RUN: not moe-opt %s --moe-load-routing=files=%S/Inputs/two-layers.json 2>&1 | FileCheck %s --check-prefix=LAYERS
// RUN: not moe-opt %s --moe-load-routing=files=%S/Inputs/wide.json 2>&1 | FileCheck %s --check-prefix=EXPERTS
// RUN: not moe-opt %s --moe-load-routing=files=%S/Inputs/none.json 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not moe-opt %s --moe-load-routing 2>&1 | FileCheck %s --check-prefix=EMPTY

// CHECK: moe.routing = ["{{.*}}skewed.json", "{{.*}}skewed.json"]
// CHECK: moe.loads = array<i64: 238, 196, 14, 14>
// LAYERS: error: the routing statistics have 2 MoE layers; the model has 1
// EXPERTS: error: MoE layer 0 has 4 experts; the routing statistics know 5 in it
// NONE: none.json
// EMPTY: error: no file of routing statistics given
module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
