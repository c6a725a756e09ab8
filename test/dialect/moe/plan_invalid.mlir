// RUN: moe-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{a device needs a name}}
module attributes {moe.test = #moe.device<name = "", kind = cpu, node = 0>} {}

// -----

// expected-error @+1 {{device 'a': node, memory, rate, bandwidth and latency must be finite and not negative}}
module attributes {moe.test = #moe.device<name = "a", kind = cpu, node = 0, bandwidth = -1.0>} {}

// -----

// expected-error @+1 {{device 'a' has speed 0.000000e+00; expected a positive number}}
module attributes {moe.test = #moe.device<name = "a", kind = cpu, node = 0, speed = 0.0>} {}

// -----

// expected-error @+1 {{device 'a' has 2 rows and 1 seconds; its curve needs as many of both}}
module attributes {moe.test = #moe.device<name = "a", kind = cpu, node = 0, rows = [1, 2], seconds = [1.0]>} {}

// -----

// expected-error @+1 {{device 'a': point 1 of its curve is (1 rows, 1.000000e+00 s); rows must grow and seconds not fall}}
module attributes {moe.test = #moe.device<name = "a", kind = cpu, node = 0, rows = [1, 1], seconds = [1.0, 1.0]>} {}

// -----

// expected-error @+1 {{two devices are named 'a'}}
module attributes {moe.test = #moe.topology<[<name = "a", kind = cpu, node = 0>, <name = "a", kind = cpu, node = 0>]>} {}

// -----

// expected-error @+1 {{node 1 of 1 devices; number the nodes from 0 without gaps}}
module attributes {moe.test = #moe.topology<[<name = "a", kind = cpu, node = 1>]>} {}

// -----

// expected-error @+1 {{node 0 has no device; number the nodes from 0 without gaps}}
module attributes {moe.test = #moe.topology<[<name = "a", kind = cpu, node = 1>, <name = "b", kind = cpu, node = 1>]>} {}

// -----

// expected-error @+1 {{network has 2 numbers for 1 nodes; expected one each, not negative}}
module attributes {moe.test = #moe.topology<[<name = "a", kind = cpu, node = 0>], network = [1.0, 1.0]>} {}

// -----

// expected-error @+1 {{rank 0 holds expert -1; ids start at 0}}
module attributes {moe.test = #moe.placement<[[-1]]>} {}

// -----

// expected-error @+1 {{rank 1 holds expert 2 twice}}
module attributes {moe.test = #moe.placement<[[0, 1], [2, 2]]>} {}

// -----

// expected-error @+1 {{rank 0 holds expert 7, but 2 slots cannot hold all experts up to it}}
module attributes {moe.test = #moe.placement<[[0, 7]]>} {}

// -----

// expected-error @+1 {{expert 1 is on no rank}}
module attributes {moe.test = #moe.placement<[[0, 2], [0]]>} {}

// -----

// expected-error @+1 {{no rank holds an expert}}
module attributes {moe.test = #moe.placement<[[], []]>} {}

// -----

// expected-error @+1 {{round 1 has 1 destinations; round 0 has 2}}
module attributes {moe.test = #moe.rounds<[[0, 1], [1]]>} {}

// -----

// expected-error @+1 {{round 0 sends from rank 1 to rank 0, which is no rank or already served}}
module attributes {moe.test = #moe.rounds<[[0, 0]]>} {}

// -----

// expected-error @+1 {{rank 0 never sends to rank 1}}
module attributes {moe.test = #moe.rounds<[[0, 1]]>} {}

// -----

// expected-error @+1 {{a decision needs a strategy and times that are finite and not negative}}
module attributes {moe.test = #moe.decision<strategy = "", cost = 0.0, without = 0.0, bound = 0.0, reason = "">} {}

// -----

module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    // expected-error @+1 {{has 4 experts; its placement places 3}}
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.placement = #moe.placement<[[0, 1], [2]]>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    // expected-error @+1 {{has rounds of 2 ranks but is placed on 1}}
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.rounds = #moe.rounds<[[0, 1], [1, 0]]>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0>, <name = "b", kind = cpu, node = 0>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    // expected-error @+1 {{is placed on 1 ranks; the topology has 2 devices}}
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.placement = #moe.placement<[[0, 1, 2, 3]]>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    // expected-error @+1 {{'moe.placement' must be #moe.placement}}
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.placement = 1} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    // expected-error @+1 {{'moe.loads' must be 4 integers, none negative}}
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.loads = array<i64: 1, 2>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// expected-error @+1 {{cannot carry 'moe.placement'; it belongs on moe.experts}}
module attributes {moe.placement = #moe.placement<[[0]]>} {}

// -----

// expected-error @+1 {{'moe.routing' must be an array of file names}}
module attributes {moe.routing = 1} {}
