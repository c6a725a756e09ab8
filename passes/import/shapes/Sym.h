//===- Sym.h - Integers that are known only when a program runs -----------===//
//
// Part of moec. A Sym is a polynomial with integer coefficients over atoms: a
// named dimension of an input, an element of an integer tensor, or a function
// of other Syms that is no polynomial (floor division, minimum, ...). Syms are
// interned in a SymContext, so two Syms are equal iff the pointers are, and
// equal Syms are equal integers in every run. The converse does not hold.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_SHAPES_SYM_H
#define MOEC_PASSES_IMPORT_SHAPES_SYM_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace moec {

class Sym;

/// What an atom stands for.
struct SymAtom {
  enum Kind {
    Dim,       ///< extent of `axis` of the tensor `source`
    Element,   ///< element `axis` (row-major) of the integer tensor `source`
    FloorDiv,  ///< operands[0] / operands[1], rounded down
    Mod,       ///< operands[0] - operands[1] * FloorDiv
    Min,
    Max,
    Broadcast, ///< operands[0] == 1 ? operands[1] : operands[0]
  };
  Kind kind;
  std::string name;          ///< for people: "batch", "min(s0, 7)"
  mlir::Value source = {};   ///< Dim and Element
  int64_t axis = 0;          ///< Dim and Element
  std::vector<Sym> operands; ///< the others
  bool nonNegative = false;
};

/// A product of atoms (sorted ids, repeated for powers); empty is 1.
using SymMonomial = std::vector<int>;
/// Monomials with non-zero coefficients.
using SymPoly = std::map<SymMonomial, int64_t>;
/// A polynomial of a context; `id` counts them in the order they were made.
struct InternedPoly {
  SymPoly terms;
  int id = 0;
};

/// A reference to an interned polynomial; null means "unknown".
class Sym {
public:
  Sym() = default;
  explicit Sym(const InternedPoly *poly) : poly(poly) {}
  explicit operator bool() const { return poly != nullptr; }
  bool operator==(const Sym &other) const = default;
  /// Order of creation (null first), so that no order depends on addresses.
  bool operator<(const Sym &other) const {
    return (poly ? poly->id : -1) < (other.poly ? other.poly->id : -1);
  }
  const SymPoly &terms() const { return poly->terms; }

  /// The value, if it does not depend on the run.
  std::optional<int64_t> constant() const;
  bool is(int64_t value) const { return poly && constant() == value; }

private:
  const InternedPoly *poly = nullptr;
};

/// Owns Syms. All operations fold constants and keep a canonical form.
class SymContext {
public:
  Sym constant(int64_t value);
  /// The named dimension; the first call defines where it can be read.
  Sym named(llvm::StringRef name, mlir::Value source, int64_t axis);
  /// A dimension of a result whose extent depends on data.
  Sym extent(mlir::Value source, int64_t axis);
  /// An element of an integer tensor.
  Sym element(mlir::Value source, int64_t index);

  Sym add(Sym a, Sym b);
  Sym sub(Sym a, Sym b);
  Sym mul(Sym a, Sym b);
  Sym floorDiv(Sym a, Sym b);
  Sym ceilDiv(Sym a, Sym b);
  Sym mod(Sym a, Sym b);
  Sym min(Sym a, Sym b);
  Sym max(Sym a, Sym b);
  /// Extent of two broadcast dimensions.
  Sym broadcast(Sym a, Sym b);

  /// True if no run can make it negative (false: not known).
  bool isNonNegative(Sym a) const;
  /// a <= b in every run (false: not known).
  bool isAtMost(Sym a, Sym b) { return isNonNegative(sub(b, a)); }
  /// Known to differ in every run.
  bool differ(Sym a, Sym b);

  const SymAtom &atom(int id) const { return atoms[id]; }
  Sym atomSym(int id);
  /// The atom's id if `a` is just one atom.
  std::optional<int> singleAtom(Sym a) const;
  std::string text(Sym a) const;

private:
  Sym intern(SymPoly poly);

  Sym function(SymAtom::Kind kind, Sym a, Sym b, bool nonNegative);
  std::optional<Sym> exactQuotient(Sym a, Sym b);

  std::map<SymPoly, std::unique_ptr<InternedPoly>> polys;
  std::vector<SymAtom> atoms;
  llvm::StringMap<int> byName;
  std::map<std::tuple<int, Sym, Sym>, int> byFunction;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, int> byExtent, byElement;
};

} // namespace moec

#endif // MOEC_PASSES_IMPORT_SHAPES_SYM_H
