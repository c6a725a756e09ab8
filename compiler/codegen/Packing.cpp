#include "codegen/Packing.h"

#include "llvm/ADT/bit.h"

#include <cmath>
#include <numeric>

using namespace llvm;
using namespace moec;
using namespace moec::codegen;

namespace {

constexpr int64_t kBlockBytes = int64_t(4) << 20;
constexpr int64_t kReleaseBytes = int64_t(128) << 20;
constexpr float kHalfLimit = 65520; ///< from here on f16 rounds to infinity

/// Columns start, start + stride, ... of one raw matrix that fill the same part
/// of every panel.
struct Stream {
  const RawBytes *raw;
  int64_t start, stride;
};

/// Element types and the change between them.
template <typename T> struct Same {
  using From = T;
  using To = T;
  static T convert(T x) { return x; }
};

/// f32 to bf16, to the nearest, ties to even.
struct ToBFloat16 {
  using From = float;
  using To = uint16_t;
  static uint16_t convert(float x) {
    uint32_t bits = llvm::bit_cast<uint32_t>(x);
    if (std::isnan(x))
      return (bits >> 16) | 0x40; // a quiet one
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  }
};

/// f32 to f16, likewise.
struct ToHalf {
  using From = float;
  using To = _Float16;
  static _Float16 convert(float x) { return static_cast<_Float16>(x); }
};

/// Packs the matrices of one weight into panels.
class PanelPacker {
public:
  PanelPacker(const Weight &weight, const RawBytes &raw, const RawBytes &raw2)
      : weight(weight) {
    size_t rank = weight.source.size();
    depth = weight.source[rank - (weight.transposed ? 1 : 2)];
    rawColumns = weight.source[rank - (weight.transposed ? 2 : 1)];
    columns = rawColumns;
    streams = {{&raw, 0, 1}};
    if (weight.fusion == rt::Fusion::Separate) {
      streams.push_back({&raw2, 0, 1});
    } else if (weight.fusion) {
      columns = rawColumns / 2;
      bool interleaved = weight.fusion == rt::Fusion::Interleaved;
      streams = {{&raw, 0, interleaved ? 2 : 1},
                 {&raw, interleaved ? 1 : columns, interleaved ? 2 : 1}};
    }
    width = rt::kPanelWidth / static_cast<int64_t>(streams.size());
    size_t stored = weight.stored.size();
    panels = weight.stored[stored - 3];
    storedDepth = weight.stored[stored - 2];
    paired = weight.type.manifest == "bf16";
  }

  Error pack(int64_t expert, ByteSink sink, function_ref<void(int64_t)> taken) {
    int64_t panelBytes = storedDepth * rt::kPanelWidth * weight.type.bytes;
    int64_t perBlock =
        std::clamp<int64_t>(kBlockBytes / std::max<int64_t>(panelBytes, 1), 1,
                            std::max<int64_t>(panels, 1));
    for (int64_t first = 0; first < panels; first += perBlock) {
      int64_t count = std::min(perBlock, panels - first);
      block.assign(count * panelBytes, 0);
      fill(expert, first, count);
      if (!beyond.empty())
        return createStringError("weight '" + weight.name + "' holds " +
                                 beyond + ", which " + weight.type.manifest +
                                 " cannot; compile with --weights=bf16");
      if (Error error = sink(block))
        return error;
      taken(block.size());
    }
    return Error::success();
  }

private:
  void fill(int64_t expert, int64_t first, int64_t count) {
    if (weight.type.bytes != weight.sourceType.bytes)
      return weight.type.manifest == "bf16"
                 ? fillAs<ToBFloat16>(expert, first, count)
                 : fillAs<ToHalf>(expert, first, count);
    switch (weight.type.bytes) {
    case 1:
      return fillAs<Same<uint8_t>>(expert, first, count);
    case 2:
      return fillAs<Same<uint16_t>>(expert, first, count);
    case 4:
      return fillAs<Same<uint32_t>>(expert, first, count);
    default:
      return fillAs<Same<uint64_t>>(expert, first, count);
    }
  }

  template <typename Change>
  void fillAs(int64_t expert, int64_t first, int64_t count) {
    for (size_t i = 0; i < streams.size(); ++i) {
      if (weight.transposed)
        fillFromColumns<Change>(i, expert, first, count);
      else
        fillFromRows<Change>(i, expert, first, count);
    }
  }

  template <typename Change>
  typename Change::To convert(typename Change::From x) {
    if constexpr (std::is_same_v<Change, ToHalf>)
      if (std::isfinite(x) && std::abs(x) >= kHalfLimit)
        beyond = std::to_string(x);
    return Change::convert(x);
  }

  /// Place of (column, 0) of stream i in the block; `below(k)` is that of k.
  template <typename T> T *place(size_t i, int64_t column, int64_t first) {
    int64_t panel = column / width - first, lane = i * width + column % width;
    return reinterpret_cast<T *>(block.data()) +
           panel * storedDepth * rt::kPanelWidth + (paired ? 2 * lane : lane);
  }
  int64_t below(int64_t k) const {
    return paired ? (k - k % 2) * rt::kPanelWidth + k % 2
                  : k * rt::kPanelWidth;
  }

  template <typename T>
  const T *read(const Stream &stream, int64_t element, int64_t elements) {
    line.resize(elements * sizeof(T));
    stream.raw->read(element * sizeof(T), elements * sizeof(T), line.data());
    return reinterpret_cast<const T *>(line.data());
  }

  /// Raw [N, K]: a raw row is one column of the panels.
  template <typename Change>
  void fillFromColumns(size_t i, int64_t expert, int64_t first, int64_t count) {
    using From = typename Change::From;
    int64_t last = std::min((first + count) * width, columns);
    for (int64_t column = first * width; column < last; ++column) {
      int64_t row = streams[i].start + column * streams[i].stride;
      const From *from =
          read<From>(streams[i], (expert * rawColumns + row) * depth, depth);
      auto *to = place<typename Change::To>(i, column, first);
      for (int64_t k = 0; k < depth; ++k)
        to[below(k)] = convert<Change>(from[k]);
    }
  }

  /// Raw [K, N]: a piece of each raw row is spread over the panels.
  template <typename Change>
  void fillFromRows(size_t i, int64_t expert, int64_t first, int64_t count) {
    using From = typename Change::From;
    int64_t begin = first * width;
    int64_t last = std::min((first + count) * width, columns);
    int64_t stride = streams[i].stride;
    int64_t span = (last - begin - 1) * stride + 1;
    for (int64_t k = 0; k < depth; ++k) {
      const From *from = read<From>(streams[i],
                                    (expert * depth + k) * rawColumns +
                                        streams[i].start + begin * stride,
                                    span);
      for (int64_t column = begin; column < last; ++column)
        place<typename Change::To>(i, column, first)[below(k)] =
            convert<Change>(from[(column - begin) * stride]);
    }
  }

  const Weight &weight;
  std::vector<Stream> streams;
  int64_t depth, rawColumns;
  int64_t columns; ///< of one stream
  int64_t width;   ///< columns of one stream in a panel
  int64_t panels, storedDepth;
  bool paired; ///< bf16: two k lie side by side
  std::vector<char> block, line;
  std::string beyond; ///< a number that the stored type cannot hold
};

/// As is: bytes [offset, offset + length) of the source.
Error copyBytes(const RawBytes &raw, int64_t offset, int64_t length,
                ByteSink sink, function_ref<void(int64_t)> taken) {
  std::vector<char> block(std::min(length, kBlockBytes));
  for (int64_t done = 0; done < length; done += kBlockBytes) {
    int64_t count = std::min(kBlockBytes, length - done);
    raw.read(offset + done, count, block.data());
    if (Error error = sink(ArrayRef<char>(block).take_front(count)))
      return error;
    taken(count);
  }
  return Error::success();
}

} // namespace

std::vector<int64_t> moec::codegen::storedShape(const Weight &weight,
                                                int64_t rank) {
  std::vector<int64_t> shape = weight.stored;
  if (!weight.slots.empty())
    shape[0] = weight.slots[rank].size();
  return shape;
}

int64_t moec::codegen::storedBytes(const Weight &weight,
                                   ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), weight.type.bytes,
                         std::multiplies<>());
}

Error moec::codegen::packWeight(const Weight &weight, int64_t rank,
                                ModelFiles &files, ByteSink sink) {
  auto raw = files.open(weight.regions);
  if (!raw)
    return raw.takeError();
  auto raw2 = files.open(weight.regions2);
  if (!raw2)
    return raw2.takeError();
  int64_t sinceRelease = 0;
  auto taken = [&](int64_t bytes) {
    if ((sinceRelease += bytes) >= kReleaseBytes) {
      files.releasePages();
      sinceRelease = 0;
    }
  };
  bool asIs = weight.kind == rt::PackKind::None;
  if (asIs && weight.slots.empty())
    return copyBytes(*raw, 0, raw->size(), sink, taken);
  std::vector<int64_t> experts;
  if (!weight.slots.empty())
    experts = weight.slots[rank];
  else
    for (int64_t e = 0; e < (weight.source.size() == 3 ? weight.source[0] : 1);
         ++e)
      experts.push_back(e);
  if (asIs) {
    int64_t each = weight.source[0] ? raw->size() / weight.source[0] : 0;
    for (int64_t expert : experts)
      if (Error error = copyBytes(*raw, expert * each, each, sink, taken))
        return error;
    return Error::success();
  }
  PanelPacker packer(weight, *raw, *raw2);
  for (int64_t expert : experts)
    if (Error error = packer.pack(expert, sink, taken))
      return error;
  return Error::success();
}
