#include "passes/import/RecognizeView.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace moec::recognize {

int64_t View::offset(AtomKind kind, unsigned axis) const {
  for (const Offset &offset : offsets)
    if (offset.kind == kind && offset.axis == axis)
      return offset.first;
  return 0;
}

std::optional<View> leafView(Value value) {
  auto type =
      value ? dyn_cast<RankedTensorType>(value.getType()) : RankedTensorType();
  if (!type)
    return std::nullopt;
  View view;
  view.base = value;
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    view.axes.emplace_back();
    if (size != 1)
      view.axes.back().push_back(
          {AtomKind::Base, static_cast<unsigned>(axis), size});
  }
  return view;
}

int64_t sizeOf(const Axis &axis) {
  int64_t size = 1;
  for (const Atom &atom : axis) {
    if (ShapedType::isDynamic(atom.size))
      return ShapedType::kDynamic;
    size *= atom.size;
  }
  return size;
}

Axis flatten(ArrayRef<Axis> axes) {
  Axis result;
  for (const Axis &axis : axes)
    for (const Atom &atom : axis) {
      Atom *last = result.empty() ? nullptr : &result.back();
      bool joins = last && last->kind == atom.kind && last->axis == atom.axis &&
                   atom.kind != AtomKind::Repeat &&
                   !ShapedType::isDynamic(atom.size) &&
                   !ShapedType::isDynamic(last->size) &&
                   last->stride == atom.size * atom.stride;
      if (joins) {
        last->size *= atom.size;
        last->stride = atom.stride;
      } else {
        result.push_back(atom);
      }
    }
  return result;
}

std::optional<std::string> rowClass(ArrayRef<Atom> atoms) {
  std::string result;
  for (const Atom &atom : atoms) {
    if (atom.kind != AtomKind::Token && atom.kind != AtomKind::Choice)
      return std::nullopt;
    bool token = atom.kind == AtomKind::Token;
    if (atom.size != 1 && !(token && !result.empty() && result.back() == 'T'))
      result.push_back(token ? 'T' : 'K');
  }
  return result;
}

std::optional<unsigned> axisWith(const Layout &axes, AtomKind kind) {
  std::optional<unsigned> found;
  for (auto [i, axis] : llvm::enumerate(axes))
    if (llvm::any_of(axis, [&](const Atom &a) { return a.kind == kind; })) {
      if (found)
        return std::nullopt;
      found = i;
    }
  return found;
}

bool hasKind(const Layout &axes, AtomKind kind) {
  return llvm::any_of(axes, [&](const Axis &axis) {
    return llvm::any_of(axis, [&](const Atom &a) { return a.kind == kind; });
  });
}

/// Takes atoms of total size `size` from the right end of `atoms`, cutting an
/// atom in two where needed.
static std::optional<Axis> takeRight(Axis &atoms, int64_t size) {
  Axis taken;
  if (size < 1)
    return std::nullopt;
  if (size == 1) {
    if (!atoms.empty() && atoms.back().size == 1)
      taken.push_back(atoms.pop_back_val());
    return taken;
  }
  while (size > 1) {
    if (atoms.empty() || ShapedType::isDynamic(atoms.back().size))
      return std::nullopt;
    Atom &last = atoms.back();
    if (size % last.size == 0) {
      size /= last.size;
      taken.insert(taken.begin(), atoms.pop_back_val());
    } else if (last.size % size == 0) {
      Atom inner = last;
      inner.size = size;
      last.size /= size;
      last.stride *= size;
      taken.insert(taken.begin(), inner);
      size = 1;
    } else {
      return std::nullopt;
    }
  }
  return taken;
}

/// The same from the left end.
static std::optional<Axis> takeLeft(Axis &atoms, int64_t size) {
  Axis taken;
  while (size > 1) {
    if (atoms.empty() || ShapedType::isDynamic(atoms.front().size))
      return std::nullopt;
    Atom &first = atoms.front();
    if (size % first.size == 0) {
      size /= first.size;
      taken.push_back(first);
      atoms.erase(atoms.begin());
    } else if (first.size % size == 0) {
      Atom outer = first;
      outer.size = size;
      outer.stride = first.stride * (first.size / size);
      first.size /= size;
      taken.push_back(outer);
      size = 1;
    } else {
      return std::nullopt;
    }
  }
  return taken;
}

std::optional<Layout> reshape(const Layout &axes, ArrayRef<int64_t> target) {
  Axis atoms;
  for (const Axis &axis : axes)
    llvm::append_range(atoms, axis);
  Layout result(target.size());
  size_t end = target.size(), begin = 0;
  for (; end > 0 && !ShapedType::isDynamic(target[end - 1]); --end) {
    std::optional<Axis> taken = takeRight(atoms, target[end - 1]);
    if (!taken)
      return std::nullopt;
    result[end - 1] = *taken;
  }
  for (; begin < end && !ShapedType::isDynamic(target[begin]); ++begin) {
    std::optional<Axis> taken = takeLeft(atoms, target[begin]);
    if (!taken)
      return std::nullopt;
    result[begin] = *taken;
  }
  if (end - begin == 1) {
    result[begin] = atoms;
    return result;
  }
  if (end > begin)
    return std::nullopt; // several unknown sizes
  // All sizes are known: what is left can only be atoms of size 1.
  if (sizeOf(atoms) != 1)
    return std::nullopt;
  if (!atoms.empty() && !result.empty())
    result.front().insert(result.front().begin(), atoms.begin(), atoms.end());
  return result;
}

static SmallVector<bool> marked(ArrayRef<int64_t> positions, size_t rank) {
  SmallVector<bool> result(rank, false);
  for (int64_t position : positions) {
    int64_t axis =
        position < 0 ? position + static_cast<int64_t>(rank) : position;
    if (axis >= 0 && axis < static_cast<int64_t>(rank))
      result[axis] = true;
  }
  return result;
}

Layout unsqueeze(const Layout &axes, ArrayRef<int64_t> positions) {
  SmallVector<bool> isNew = marked(positions, axes.size() + positions.size());
  Layout result;
  const Axis *next = axes.begin();
  for (bool inserted : isNew) {
    result.emplace_back();
    if (!inserted && next != axes.end())
      result.back() = *next++;
  }
  return result;
}

std::optional<Layout> squeeze(const Layout &axes, ArrayRef<int64_t> positions) {
  SmallVector<bool> removed = marked(positions, axes.size());
  Layout result;
  Axis pending; // atoms of size 1 keep their place in the order
  for (auto [axis, remove] : llvm::zip(axes, removed)) {
    if (!remove) {
      result.push_back(axis);
      result.back().insert(result.back().begin(), pending.begin(),
                           pending.end());
      pending.clear();
      continue;
    }
    int64_t size = sizeOf(axis);
    if (size != 1 && !ShapedType::isDynamic(size))
      return std::nullopt;
    llvm::append_range(result.empty() ? pending : result.back(), axis);
  }
  return result;
}

std::optional<Layout> expand(const Layout &axes, ArrayRef<int64_t> target) {
  size_t rank = std::max(axes.size(), target.size());
  Layout result(rank);
  llvm::copy(axes, result.begin() + (rank - axes.size()));
  size_t lead = rank - target.size();
  for (auto [i, size] : llvm::enumerate(target)) {
    Axis &axis = result[lead + i];
    if (!axis.empty() && sizeOf(axis) != 1)
      continue;
    if (ShapedType::isDynamic(size))
      return std::nullopt;
    if (size != 1)
      axis.push_back({AtomKind::Repeat, 0, size});
  }
  return result;
}

std::optional<Layout> tile(const Layout &axes, ArrayRef<int64_t> repeats) {
  if (repeats.size() != axes.size())
    return std::nullopt;
  Layout result = axes;
  for (auto [axis, repeat] : llvm::zip(result, repeats))
    if (repeat != 1)
      axis.insert(axis.begin(), Atom{AtomKind::Repeat, 0, repeat});
  return result;
}

std::optional<View> slice(const View &view, unsigned axis, int64_t start,
                          int64_t step, int64_t count) {
  View result = view;
  if (axis >= result.axes.size() || start < 0 || step < 1 || count < 1)
    return std::nullopt;
  Axis &atoms = result.axes[axis];
  if (start == 0 && step == 1 && sizeOf(atoms) == count)
    return result;
  if (atoms.size() != 1 || atoms.front().kind == AtomKind::Token ||
      atoms.front().kind == AtomKind::Choice)
    return std::nullopt;
  Atom &atom = atoms.front();
  if (atom.kind != AtomKind::Repeat) {
    int64_t first = start * atom.stride;
    auto *known = llvm::find_if(result.offsets, [&](const View::Offset &o) {
      return o.kind == atom.kind && o.axis == atom.axis;
    });
    if (known != result.offsets.end())
      known->first += first;
    else if (first != 0 || count == 1)
      result.offsets.push_back({atom.kind, atom.axis, first});
  }
  atom.size = count;
  atom.stride *= step;
  if (count == 1)
    atoms.clear();
  return result;
}

} // namespace moec::recognize
