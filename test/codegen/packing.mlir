// Every way of storing a weight, checked on the artifact's own bytes.
// RUN: rm -rf %t && mkdir -p %t && cp %s %t/m.mlir
// RUN: %python %S/Inputs/packing.py make %t
// RUN: moe-compile %t/m.mlir -o %t/m.moe
// RUN: %python %S/Inputs/packing.py check %t

module attributes {moe_rt.ranks = 2 : i64} {
func.func @main(%n: tensor<1xi64> {onnx.name = "n"}) 
    -> (tensor<2x32x16xbf16>, tensor<2x2x12x16xf16>, tensor<5xi8>, tensor<2x20x16xf32>, tensor<3x2x32x16xbf16>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<?x2x12x16xf32>, tensor<?x6xf32>) {
  %count = arith.constant 2 : index
  %odd = moe_rt.weight "odd" [#moe_rt.region<"raw.bin", 3, 5>] {source = tensor<5xi8>, pack = #moe_rt.pack<none>} : tensor<5xi8>
  %panels = moe_rt.weight "panels" [#moe_rt.region<"raw.bin", 0, 1120>, #moe_rt.region<"raw.bin", 1120, 480>]
      {source = tensor<20x20xf32>, pack = #moe_rt.pack<panels>} : tensor<2x20x16xf32>
  %transposed = moe_rt.weight "transposed" [#moe_rt.region<"raw.bin", 0, 1200>]
      {source = tensor<3x20x10xbf16>, pack = #moe_rt.pack<panels, transposed>} : tensor<3x2x32x16xbf16>
  %concatenated = moe_rt.weight "concatenated" [#moe_rt.region<"raw.bin", 0, 1920>]
      {source = tensor<2x20x12xf32>, pack = #moe_rt.pack<gated_panels, concatenated, transposed>} : tensor<2x2x12x16xf32>
  %interleaved = moe_rt.weight "interleaved" [#moe_rt.region<"raw.bin", 0, 1920>]
      {source = tensor<2x12x20xf32>, pack = #moe_rt.pack<gated_panels, interleaved>} : tensor<2x2x12x16xf32>
  %separate = moe_rt.weight "separate" [#moe_rt.region<"raw.bin", 0, 960>] slots(%count)
      {regions2 = [#moe_rt.region<"raw.bin", 960, 960>], source = tensor<2x12x10xf32>,
       pack = #moe_rt.pack<gated_panels, separate>, slots = [array<i64: 1, 0>, array<i64: 0>]} : tensor<?x2x12x16xf32>
  %rows = moe_rt.weight "rows" [#moe_rt.region<"raw.bin", 0, 96>] slots(%count)
      {source = tensor<4x6xf32>, pack = #moe_rt.pack<none>, slots = [array<i64: 3>, array<i64: 0, 2, 3>]} : tensor<?x6xf32>
  %bf16 = moe_rt.weight "bf16" [#moe_rt.region<"raw.bin", 0, 1600>]
      {source = tensor<20x20xf32>, pack = #moe_rt.pack<panels>} : tensor<2x32x16xbf16>
  %f16 = moe_rt.weight "f16" [#moe_rt.region<"small.bin", 0, 1920>]
      {source = tensor<2x12x20xf32>, pack = #moe_rt.pack<gated_panels, interleaved>} : tensor<2x2x12x16xf16>
  return %bf16, %f16, %odd, %panels, %transposed, %concatenated, %interleaved, %separate, %rows
      : tensor<2x32x16xbf16>, tensor<2x2x12x16xf16>, tensor<5xi8>, tensor<2x20x16xf32>, tensor<3x2x32x16xbf16>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<?x2x12x16xf32>, tensor<?x6xf32>
}
}
