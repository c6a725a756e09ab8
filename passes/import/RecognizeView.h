//===- RecognizeView.h - Tensors as views of other tensors ----------------===//
//
// Part of moec. Exporters write the same MoE layer with different reshapes. A
// `View` says which elements of a base tensor a value holds and in what order,
// so that recognition compares meanings and not chains of operators.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZEVIEW_H
#define MOEC_PASSES_IMPORT_RECOGNIZEVIEW_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace moec::recognize {

struct Selection;

/// What an index runs over. `Base`: an axis of the base tensor. In the row
/// space of a router: `Token`, `Choice` (one of the k), `Feature` (of a row's
/// vector), `Bank` (an axis of a bank that was gathered by expert id).
/// `Repeat`: copies.
enum class AtomKind { Base, Token, Choice, Feature, Bank, Repeat };

/// A factor of an axis: `size` indices (or ShapedType::kDynamic) that step
/// through axis `axis` of its kind with `stride`.
struct Atom {
  AtomKind kind;
  unsigned axis;
  int64_t size;
  int64_t stride = 1;
  bool operator==(const Atom &other) const = default;
};

/// An axis is the row-major product of its atoms; no atom: size 1.
using Axis = llvm::SmallVector<Atom, 2>;
using Layout = llvm::SmallVector<Axis, 4>;

struct View {
  mlir::Value base;
  Layout axes;
  /// First index taken from a sliced (kind, axis); absent: 0.
  struct Offset {
    AtomKind kind;
    unsigned axis;
    int64_t first;
    bool operator==(const Offset &other) const = default;
  };
  llvm::SmallVector<Offset, 1> offsets;
  /// The router in whose row space the view lives, or null.
  Selection *selection = nullptr;
  /// The sort by expert that permutes the rows; null: (token, choice) order.
  mlir::Operation *sort = nullptr;
  /// Only the rows of this expert, or -1: all.
  int64_t expert = -1;
  /// For a mask: true where the base is false.
  bool negated = false;
  /// For expert ids: the value is table[id].
  std::shared_ptr<const std::vector<double>> table;

  int64_t offset(AtomKind kind, unsigned axis) const;
};

/// A tensor as a view of itself; nothing if its rank is not known.
std::optional<View> leafView(mlir::Value value);

/// Product of the sizes; dynamic if one of them is.
int64_t sizeOf(const Axis &axis);
/// All atoms in row-major order, adjacent parts of one axis joined.
Axis flatten(llvm::ArrayRef<Axis> axes);
/// 'T' for tokens and 'K' for choices in row-major order, one letter for
/// adjacent token axes and none for a size of 1: what two row axes must agree
/// in. Nothing if the axis holds something else.
std::optional<std::string> rowClass(llvm::ArrayRef<Atom> atoms);
/// The only axis that has an atom of this kind, or nothing.
std::optional<unsigned> axisWith(const Layout &axes, AtomKind kind);
bool hasKind(const Layout &axes, AtomKind kind);

/// Layouts after an operator; nothing if it cannot be told. `target` has
/// ShapedType::kDynamic where a size is not known.
std::optional<Layout> reshape(const Layout &axes,
                              llvm::ArrayRef<int64_t> target);
Layout unsqueeze(const Layout &axes, llvm::ArrayRef<int64_t> positions);
std::optional<Layout> squeeze(const Layout &axes,
                              llvm::ArrayRef<int64_t> positions);
std::optional<Layout> expand(const Layout &axes,
                             llvm::ArrayRef<int64_t> target);
std::optional<Layout> tile(const Layout &axes, llvm::ArrayRef<int64_t> repeats);
/// Keeps `count` indices of one axis from `start` with `step`.
std::optional<View> slice(const View &view, unsigned axis, int64_t start,
                          int64_t step, int64_t count);

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEVIEW_H
