//===- Region.td - The bytes of a weight ----------------------*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DIALECT_REGION_TD
#define MOEC_DIALECT_REGION_TD

include "mlir/IR/AttrTypeBase.td"

/// Each level that names weights has its own `#DIALECT.region`, so that no dialect
/// needs another; they differ in nothing else.
class RegionAttr<Dialect dialect> : AttrDef<dialect, "Region"> {
  let mnemonic = "region";
  let summary = "Where the bytes of a weight lie: file, offset, length";
  let description = [{
    `file` is relative to the model's folder; `offset` and `length` are bytes.
    The bytes are little-endian, row-major, as `TensorProto.raw_data`.

    **Constraints:**
    - C1: `file` is not empty.
    - C2: `offset` and `length` are not negative and their sum fits 63 bits.
  }];
  let parameters = (ins StringRefParameter<"file">:$file,
                        "int64_t":$offset, "int64_t":$length);
  let assemblyFormat = "`<` $file `,` $offset `,` $length `>`";
  let genVerifyDecl = 1;
}

#endif // MOEC_DIALECT_REGION_TD
