#include "passes/import/shapes/Sym.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace moec;

std::optional<int64_t> Sym::constant() const {
  if (!poly)
    return std::nullopt;
  const SymPoly &terms = poly->terms;
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Interning
//===----------------------------------------------------------------------===//

Sym SymContext::intern(SymPoly poly) {
  std::erase_if(poly, [](const auto &term) { return term.second == 0; });
  auto [it, isNew] = polys.try_emplace(poly);
  if (isNew)
    it->second = std::make_unique<InternedPoly>(
        InternedPoly{it->first, static_cast<int>(polys.size())});
  return Sym(it->second.get());
}

Sym SymContext::constant(int64_t value) { return intern({{{}, value}}); }

Sym SymContext::atomSym(int id) { return intern({{{id}, 1}}); }

Sym SymContext::named(llvm::StringRef name, mlir::Value source, int64_t axis) {
  auto [it, isNew] = byName.try_emplace(name, static_cast<int>(atoms.size()));
  if (isNew)
    atoms.push_back({SymAtom::Dim, name.str(), source, axis, {}, true});
  return atomSym(it->second);
}

Sym SymContext::extent(mlir::Value source, int64_t axis) {
  auto [it, isNew] =
      byExtent.try_emplace({source, axis}, static_cast<int>(atoms.size()));
  if (isNew)
    atoms.push_back({SymAtom::Dim, "d" + std::to_string(atoms.size()), source,
                     axis, {}, true});
  return atomSym(it->second);
}

Sym SymContext::element(mlir::Value source, int64_t index) {
  auto [it, isNew] =
      byElement.try_emplace({source, index}, static_cast<int>(atoms.size()));
  if (isNew)
    atoms.push_back({SymAtom::Element, "e" + std::to_string(atoms.size()),
                     source, index, {}, false});
  return atomSym(it->second);
}

Sym SymContext::function(SymAtom::Kind kind, Sym a, Sym b, bool nonNegative) {
  auto [it, isNew] = byFunction.try_emplace({kind, a, b},
                                            static_cast<int>(atoms.size()));
  if (isNew) {
    static const char *const names[] = {"dim", "element", "floordiv", "mod",
                                        "min", "max",     "broadcast"};
    std::string name = std::string(names[kind]) + "(" + text(a) + ", " +
                       text(b) + ")";
    atoms.push_back({kind, name, {}, 0, {a, b}, nonNegative});
  }
  return atomSym(it->second);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Sym SymContext::add(Sym a, Sym b) {
  if (!a || !b)
    return {};
  SymPoly sum = a.terms();
  for (const auto &[monomial, coefficient] : b.terms())
    if (llvm::AddOverflow(sum[monomial], coefficient, sum[monomial]))
      return {};
  return intern(std::move(sum));
}

Sym SymContext::sub(Sym a, Sym b) { return add(a, mul(b, constant(-1))); }

Sym SymContext::mul(Sym a, Sym b) {
  if (!a || !b)
    return {};
  SymPoly product;
  for (const auto &[left, x] : a.terms())
    for (const auto &[right, y] : b.terms()) {
      SymMonomial monomial;
      std::merge(left.begin(), left.end(), right.begin(), right.end(),
                 std::back_inserter(monomial));
      int64_t coefficient;
      if (llvm::MulOverflow(x, y, coefficient) ||
          llvm::AddOverflow(product[monomial], coefficient, product[monomial]))
        return {};
    }
  return intern(std::move(product));
}

/// a / b if b is one monomial that divides every term of a.
std::optional<Sym> SymContext::exactQuotient(Sym a, Sym b) {
  if (b.terms().size() != 1)
    return a == b ? std::optional(constant(1)) : std::nullopt;
  const auto &[divisor, factor] = *b.terms().begin();
  SymPoly quotient;
  for (const auto &[monomial, coefficient] : a.terms()) {
    if (coefficient % factor ||
        !std::includes(monomial.begin(), monomial.end(), divisor.begin(),
                       divisor.end()))
      return std::nullopt;
    SymMonomial rest;
    std::set_difference(monomial.begin(), monomial.end(), divisor.begin(),
                        divisor.end(), std::back_inserter(rest));
    quotient[rest] += coefficient / factor;
  }
  return intern(std::move(quotient));
}

Sym SymContext::floorDiv(Sym a, Sym b) {
  if (!a || !b || b.is(0))
    return {};
  auto x = a.constant(), y = b.constant();
  if (x && y)
    return constant(*x / *y - (*x % *y != 0 && (*x < 0) != (*y < 0)));
  // Dividing by a dimension that is 0 at run time has no meaning; a tensor
  // without elements is the caller's case to handle.
  if (std::optional<Sym> quotient = exactQuotient(a, b))
    return *quotient;
  return function(SymAtom::FloorDiv, a, b, isNonNegative(a) && isNonNegative(b));
}

Sym SymContext::ceilDiv(Sym a, Sym b) {
  if (!a || !b)
    return {};
  return floorDiv(sub(add(a, b), constant(1)), b);
}

Sym SymContext::mod(Sym a, Sym b) {
  if (!a || !b || b.is(0))
    return {};
  return sub(a, mul(b, floorDiv(a, b)));
}

Sym SymContext::min(Sym a, Sym b) {
  if (!a || !b)
    return {};
  if (isAtMost(a, b))
    return a;
  if (isAtMost(b, a))
    return b;
  if (b < a)
    std::swap(a, b);
  return function(SymAtom::Min, a, b, isNonNegative(a) && isNonNegative(b));
}

Sym SymContext::max(Sym a, Sym b) {
  if (!a || !b)
    return {};
  if (isAtMost(a, b))
    return b;
  if (isAtMost(b, a))
    return a;
  if (b < a)
    std::swap(a, b);
  return function(SymAtom::Max, a, b, isNonNegative(a) || isNonNegative(b));
}

Sym SymContext::broadcast(Sym a, Sym b) {
  if (!a || !b)
    return {};
  if (a == b || b.is(1))
    return a;
  if (a.is(1))
    return b;
  // A constant that is not 1 wins: the other is equal to it or 1.
  if (a.constant())
    return a;
  if (b.constant())
    return b;
  if (b < a)
    std::swap(a, b);
  return function(SymAtom::Broadcast, a, b, true);
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

bool SymContext::isNonNegative(Sym a) const {
  return a && llvm::all_of(a.terms(), [&](const auto &term) {
           return term.second >= 0 &&
                  llvm::all_of(term.first, [&](int id) {
                    return atoms[id].nonNegative;
                  });
         });
}

bool SymContext::differ(Sym a, Sym b) {
  if (!a || !b)
    return false;
  Sym one = constant(1);
  return isNonNegative(sub(sub(a, b), one)) || isNonNegative(sub(sub(b, a), one));
}

std::optional<int> SymContext::singleAtom(Sym a) const {
  if (a && a.terms().size() == 1 && a.terms().begin()->second == 1 &&
      a.terms().begin()->first.size() == 1)
    return a.terms().begin()->first.front();
  return std::nullopt;
}

std::string SymContext::text(Sym a) const {
  if (!a)
    return "?";
  if (auto value = a.constant())
    return std::to_string(*value);
  std::string result;
  for (const auto &[monomial, coefficient] : a.terms()) {
    std::string term;
    if (coefficient != 1 || monomial.empty())
      term = std::to_string(coefficient);
    for (int id : monomial)
      term += (term.empty() ? "" : "*") + atoms[id].name;
    result += (result.empty() || coefficient < 0 ? "" : "+") + term;
  }
  return result;
}
