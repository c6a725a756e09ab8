// RUN: moe-opt %s --split-input-file --verify-diagnostics

// region_c1
// expected-error @+1 {{a region needs a file name}}
func.func private @f() attributes {a = #moe_rt.region<"", 0, 4>}

// -----
// region_c2
// expected-error @+1 {{region of 'm' has offset -1 and length 4; both must be non-negative}}
func.func private @f() attributes {a = #moe_rt.region<"m", -1, 4>}

// -----
// pack_c1
// expected-error @+1 {{pack 'gated_panels' takes a fusion}}
func.func private @f() attributes {a = #moe_rt.pack<gated_panels>}

// -----
// pack_c1
// expected-error @+1 {{pack 'panels' takes no fusion}}
func.func private @f() attributes {a = #moe_rt.pack<panels, separate>}

// -----
// pack_c2
// expected-error @+1 {{pack 'none' stores a weight as is; it cannot be transposed}}
func.func private @f() attributes {a = #moe_rt.pack<none, transposed>}

// -----
// expected-error @+1 {{unknown pack 'tiles'; expected none, panels or gated_panels}}
func.func private @f() attributes {a = #moe_rt.pack<tiles>}

// -----
// expected-error @+1 {{unknown pack option 'mixed'; expected transposed, concatenated, interleaved or separate}}
func.func private @f() attributes {a = #moe_rt.pack<panels, mixed>}

// -----
// weight_c1
func.func @f() {
  // expected-error @+1 {{'w': regions hold 12 bytes; source 'tensor<4xf32>' needs 16}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 12>] {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xf32>
  return
}

// -----
// weight_c1
func.func @f() {
  // expected-error @+1 {{'w': regions hold 12 bytes; source 'tensor<?xf32>' needs a static shape}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 12>] {source = tensor<?xf32>, pack = #moe_rt.pack<none>} : tensor<?xf32>
  return
}

// -----
// weight_c1
func.func @f() {
  // expected-error @+1 {{regions hold more than 2^63 bytes}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 9223372036854775807>, #moe_rt.region<"m", 0, 1>]
      {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xf32>
  return
}

// -----
// weight_c1
func.func @f() {
  // expected-error @+1 {{'w': regions2 are given exactly with separate fusion}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 256>]
      {source = tensor<1x4x16xf32>, pack = #moe_rt.pack<gated_panels, separate>} : tensor<1x2x4x16xf32>
  return
}

// -----
// weight_c2
func.func @f() {
  // expected-error @+1 {{does not make 'tensor<4x4xf32>' of 'tensor<4x4xf32>'}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 64>] {source = tensor<4x4xf32>, pack = #moe_rt.pack<panels>} : tensor<4x4xf32>
  return
}

// -----
// weight_c3
func.func @f() {
  // expected-error @+1 {{'w': element type 'i32' differs from source 'tensor<4xf32>'}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 16>] {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xi32>
  return
}

// -----
// weight_c4
func.func @f(%n: index) {
  // expected-error @+1 {{'w': slots, a slot count and a dynamic first dimension come together}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 16>] slots(%n) {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xf32>
  return
}

// -----
// weight_c4
func.func @f(%n: index) {
  // expected-error @+1 {{'w': a slot holds expert 4; the source has 4}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 16>] slots(%n)
      {source = tensor<4xf32>, pack = #moe_rt.pack<none>, slots = [array<i64: 0, 4>]} : tensor<?xf32>
  return
}

// -----
// all_to_all_c1
func.func @f(%x: tensor<?x4xf32>, %r: tensor<2xi64>, %y: tensor<?x8xf32>) {
  // expected-error @+1 {{sends rows of 'tensor<?x4xf32>' into rows of 'tensor<?x8xf32>'}}
  %z = moe_rt.all_to_all(%x, %r, %r) outs(%y) {step = 1}
      : tensor<?x4xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----
// all_to_all_c2
func.func @f(%x: tensor<?x4xf32>, %r: tensor<2xi64>) {
  // expected-error @+1 {{round 0 sends from rank 1 to rank 0, which is no rank or is already served}}
  %z = moe_rt.all_to_all(%x, %r, %r) outs(%x) {step = 1, rounds = [array<i32: 0, 0>]}
      : tensor<?x4xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----
// all_to_all_c2
func.func @f(%x: tensor<?x4xf32>, %r: tensor<2xi64>) {
  // expected-error @+1 {{round 1 has 1 destinations; round 0 has 2}}
  %z = moe_rt.all_to_all(%x, %r, %r) outs(%x) {step = 1, rounds = [array<i32: 0, 1>, array<i32: 1>]}
      : tensor<?x4xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----
// all_to_all_c2
func.func @f(%x: tensor<?x4xf32>, %r: tensor<2xi64>) {
  // expected-error @+1 {{rounds bring 2 parts to their ranks; 2 ranks exchange 4}}
  %z = moe_rt.all_to_all(%x, %r, %r) outs(%x) {step = 1, rounds = [array<i32: 0, 1>]}
      : tensor<?x4xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----
// all_gather_c1
func.func @f(%x: tensor<?x4xf32>, %r: tensor<2xi64>, %y: tensor<?x4xf16>) {
  // expected-error @+1 {{sends rows of 'tensor<?x4xf32>' into rows of 'tensor<?x4xf16>'}}
  %z = moe_rt.all_gather(%x, %r) outs(%y) {step = 1}
      : tensor<?x4xf32>, tensor<2xi64>, tensor<?x4xf16> -> tensor<?x4xf16>
  return
}

// -----
// launch_c1
func.func private @body(%b: index)
func.func @f(%n: index) {
  // expected-error @+1 {{needs a body '(index, index) -> ()'; body is '(index) -> ()'}}
  moe_rt.launch @body(%n, %n)
  return
}

// -----
// launch_c1
func.func @f(%n: index) {
  // expected-error @+1 {{names no function: nowhere}}
  moe_rt.launch @nowhere(%n, %n)
  return
}

// -----
// weight_c3
func.func @f() {
  // expected-error @+1 {{'w': element type 'bf16' differs from source 'tensor<4xf32>'}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 16>] {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xbf16>
  return
}

// -----
// append_c1
func.func @f(%i: index, %x: tensor<2x?xf32>) {
  // expected-error @+1 {{axis 2 is none of}}
  %y = moe_rt.append %i, %x, %x {axis = 2 : i64} : tensor<2x?xf32>, tensor<2x?xf32> -> tensor<2x?xf32>
  return
}

// -----
// append_c1
func.func @f(%i: index, %x: tensor<2x?xf32>, %z: tensor<3x1xf32>) {
  // expected-error @+1 {{'tensor<3x1xf32>' and 'tensor<2x?xf32>' differ in more than axis 1}}
  %y = moe_rt.append %i, %x, %z {axis = 1 : i64} : tensor<2x?xf32>, tensor<3x1xf32> -> tensor<2x?xf32>
  return
}

// -----
// append_c2
func.func @f(%i: index, %x: tensor<2x?xf32>) {
  // expected-error @+1 {{needs positions, of rank 1 and i64, and rows, both or neither, and an axis above 0 with them}}
  %y = moe_rt.append %i, %x, %x rows %i {axis = 1 : i64} : tensor<2x?xf32>, tensor<2x?xf32> -> tensor<2x?xf32>
  return
}

// -----
// append_c2
func.func @f(%i: index, %x: tensor<2x?xf32>, %at: tensor<2xi32>) {
  // expected-error @+1 {{needs positions, of rank 1 and i64, and rows}}
  %y = moe_rt.append %i, %x, %x rows %i at %at : tensor<2xi32> {axis = 1 : i64} : tensor<2x?xf32>, tensor<2x?xf32> -> tensor<2x?xf32>
  return
}

// -----
// append_c2
func.func @f(%i: index, %x: tensor<?x2xf32>, %at: tensor<2xi64>) {
  // expected-error @+1 {{and an axis above 0 with them}}
  %y = moe_rt.append %i, %x, %x rows %i at %at : tensor<2xi64> {axis = 0 : i64} : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}
