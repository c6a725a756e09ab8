//===- Onnx.td - The ONNX graph as it was ---------------------*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_ONNX_TD
#define MOEC_ONNX_TD

include "dialect/Region.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Onnx_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::moec::onnx";
  let summary = "An ONNX graph, one op per node";
  let description = [{
    The import level. Every ONNX node is one op: its real name (operators of
    other domains keep the domain in front, `onnx.com.microsoft.MoE`), its
    attributes under their ONNX names, and `opset`, the version of its domain
    that the model imports. The node's name is the op's location. An optional
    input that is absent is the `none` value of `onnx.None`.

    Graph inputs are the arguments of `func.func @main` and carry `onnx.name`
    and `onnx.dims` (an array: an integer or a dimension's name per axis);
    results likewise. Weights are never loaded: `onnx.Weight` names a region of
    a file. Unsigned ONNX types are unsigned here (`tensor<4xui8>`).
  }];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    /// Registers the operators (Operators.cpp).
    void addOperators();
  }];
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

def Onnx_RegionAttr : RegionAttr<Onnx_Dialect>;

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// Checks the arity that the op's definition states.
def Onnx_NodeTrait : NativeOpTrait<"NodeTrait"> {
  let cppNamespace = "::moec::onnx";
}

def Onnx_Value : AnyTypeOf<[AnyTensor, NoneType]>;

/// One ONNX operator with `min` to `max` inputs (-1: any number) and at most
/// `outputs` outputs (-1: any number).
class Onnx_Op<string mnemonic, int min, int max, int outputs = 1>
    : Op<Onnx_Dialect, mnemonic, [Pure, Onnx_NodeTrait]> {
  let arguments = (ins Variadic<Onnx_Value>:$inputs);
  let results = (outs Variadic<Onnx_Value>:$outputs);
  // `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs), written
  // once for all of them.
  let hasCustomAssemblyFormat = 1;
  let extraClassDefinition = [{
    ParseResult $cppClass::parse(OpAsmParser &parser, OperationState &state) {
      return parseNode(parser, state);
    }
    void $cppClass::print(OpAsmPrinter &printer) { printNode(printer, *this); }
  }];
  let extraClassDeclaration = [{
    static constexpr int64_t minInputs = }] # min # [{;
    static constexpr int64_t maxInputs = }] # max # [{;
    static constexpr int64_t maxOutputs = }] # outputs # [{;
  }];
}

def Onnx_NoneOp : Op<Onnx_Dialect, "None", [Pure]> {
  let summary = "An optional input or output that is absent";
  let results = (outs NoneType:$result);
  let assemblyFormat = "attr-dict";
}

def Onnx_WeightOp : Op<Onnx_Dialect, "Weight", [Pure]> {
  let summary = "An initializer that stays in its file";
  let description = [{
    **Constraints:**
    - C1: the result's shape is static.
    - C2: the region's length is the size of the result in bytes (one byte for
      a `bool`; sub-byte types are packed, rounded up).

    ```mlir
    %w = onnx.Weight "fc1" <"model.onnx.data", 4096, 1024> : tensor<16x16xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Onnx_RegionAttr:$region);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$name $region attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Onnx_ConstantOp : Op<Onnx_Dialect, "Constant",
                         [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "A small tensor whose value the compiler may look at";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

include "OnnxOperators.td"

#endif // MOEC_ONNX_TD
