// RUN: not moe-opt %s --moe-load-hardware=file=%S/Inputs/tiny.yaml --moe-place-experts 2>&1 | FileCheck %s

// CHECK: error: device 'd0' has 1500 bytes of memory; the weights that every device holds take 4096
module {
  func.func @main() -> tensor<1024xf32> {
    %w = moe_rt.weight "w" [#moe_rt.region<"w.data", 0, 4096>] {pack = #moe_rt.pack<none>, source = tensor<1024xf32>} : tensor<1024xf32>
    return %w : tensor<1024xf32>
  }
}
