//===- RecognizeFacts.h - What recognition knows of a value ---------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZEFACTS_H
#define MOEC_PASSES_IMPORT_RECOGNIZEFACTS_H

#include "passes/import/RecognizeView.h"

#include "llvm/ADT/SetVector.h"

#include <string>

namespace moec::recognize {

/// k experts of E for each token: the k largest of the last axis (size E) of a
/// score tensor, which is a router's choice or something else that looks like
/// one until experts are gathered by it, or ids that other ops computed.
struct Selection {
  /// [tokens..., k]; without the last axis where k is 1.
  mlir::Value ids;
  /// What made the ids, or null if it was no top-k; and what that one read.
  mlir::Operation *topk = nullptr;
  mlir::Value scores;
  int64_t k;
  int64_t experts;
  /// Layout of the ids: [Token..., Choice].
  Layout axes;
  /// Matrices were gathered by these ids, or rows sorted by them.
  bool usesExperts = false;
  bool raised = false;
  /// Constant ids that the graph singles out (an unrolled loop over experts).
  llvm::SetVector<int64_t> unrolled;
  /// A contradiction that makes the graph wrong, and why it is not raised.
  std::string error, obstacle;

  /// What is wrong behind a router may be right behind any other ids.
  void contradict(std::string why) {
    (topk ? error : obstacle) = std::move(why);
  }
};

/// The error of a partial trace: `computed` experts of all, without `missing`.
std::string missingExperts(const Selection &selection, int64_t computed,
                           const std::string &missing);

/// The error of a bank of `experts` matrices behind a router of another width.
std::string wrongBank(const Selection &selection, int64_t experts);

/// What a base tensor is.
struct Role {
  enum Kind {
    Ids,       ///< expert ids of a selection
    Row,       ///< position of the row, in (token, choice) order
    Token,     ///< token of the row
    Quotient,  ///< position / k, not rounded
    Sign,      ///< sign of a quotient, 0 or 1
    Inverse,   ///< sorted position of the row
    Iota,      ///< 0, 1, 2, ...
    Counts,    ///< rows of each expert
    Offsets,   ///< running sum of the counts; `shift` leading zeros
    RowRange,  ///< positions of the rows of expert `expert`
    OneHot,    ///< one-hot of the ids over the experts (last axis)
    GroupMask, ///< 1 for the selected groups of experts, else 0
    Selected,  ///< scores of the chosen experts, gathered by the ids
    Gathered,  ///< banks gathered by expert id
    Linear,    ///< rows times their expert's matrix
    Part,      ///< the same for the rows of one expert
  };
  Kind kind;
  Selection *selection = nullptr;
  mlir::Operation *sort = nullptr;
  int64_t expert = -1;
  int64_t shift = 0;
  mlir::Value source = {};
};

/// rows * bank[e], for Role::Linear and Role::Part.
struct Product {
  View input;
  mlir::Value bank;
  /// One matrix per expert instead of a bank.
  llvm::SmallVector<mlir::Value> matrices;
  /// The bank is [E, out, in], not [E, in, out].
  bool outFirst;
  int64_t width;
};

/// A sum over the choices of each token.
struct Combine {
  mlir::Operation *op;
  mlir::Value rows;
  /// Factor of each row that the op itself applies, or null.
  mlir::Value weights;
  Selection *selection;
};

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEFACTS_H
