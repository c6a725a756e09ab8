//===- MoeDialect.td - The moe dialect ------------------------*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_MOE_DIALECT_TD
#define MOEC_MOE_DIALECT_TD

include "mlir/IR/DialectBase.td"

def Moe_Dialect : Dialect {
  let name = "moe";
  let cppNamespace = "::moec::moe";
  let summary = "Mixture-of-Experts layers: route, dispatch, experts, combine";
  let description = [{
    The logical level: tensor semantics, one device. Every graph form in which
    exporters write a MoE layer becomes the same four ops:

    ```mlir
    %weights, %experts = moe.route %logits {k = 2 : i64} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
    %rows, %counts, %slots = moe.dispatch %tokens, %experts {num_experts = 8 : i64}
        : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, tensor<8xi64>, tensor<?x2xi32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc3(%w3) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<separate>}
        : (tensor<?x64xf32>, tensor<8xi64>, tensor<8x32x64xf32>, tensor<8x32x64xf32>, tensor<8x64x32xf32>) -> tensor<?x64xf32>
    %out = moe.combine %y, %slots, %weights : tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32> -> tensor<?x64xf32>
    ```

    Letters used throughout: N tokens, E experts, k experts per token, H hidden
    size, I intermediate size, R = N * k rows (one per token and choice).

    The plan is attributes. On the module:

    - `moe.topology` (`#moe.topology`): the machine.
    - `moe.routing` (array of strings): the files of the routing statistics.

    On `moe.experts`:

    - `moe.placement` (`#moe.placement`): one list for each device of the topology.
    - `moe.rounds` (`#moe.rounds`): the order of the layer's exchanges; needs a
      placement of as many ranks.
    - `moe.loads` (array of E integers): tokens that chose each expert, from the
      statistics.
    - `moe.placed`, `moe.ordered` (`#moe.decision`): why.

    **Constraints** (plan_c1 ...):
    - C1: each stands where the list says and has the class that it says.
    - C2: a placement places as many experts as the layer has.
    - C3: rounds are of as many ranks as the placement, one without a placement.
    - C4: a placement has as many ranks as the topology has devices.
    - C5: `moe.routing` holds strings.
    - C6: `moe.loads` holds one number for each expert, none negative.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // MOEC_MOE_DIALECT_TD
