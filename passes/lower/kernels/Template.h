//===- Template.h - Instantiates kernel templates -------------------------===//
//
// Part of moec. A kernel template is MLIR text with a few directives, so that
// one text serves every element type and tile shape:
//
//   ${NAME}                      the value of a parameter
//   [[r<R p<NP: text]]           "text" for every r < R, p < NP, joined by ", "
//   //@ for NAME in COUNT        the lines up to `//@ end`, once for every
//   //@ for NAMES in LIST        number below COUNT, or item of LIST (separated
//   //@ end                      by spaces, or commas in the value of a
//                                parameter); an item "a:b" binds two names
//   //@ if A == B                the lines up to `//@ end` (or `//@ else`), if
//   //@ else                     the two words are equal
//   //@ use TEMPLATE NAME=VALUE  asks for an instance of another template
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_KERNELS_TEMPLATE_H
#define MOEC_PASSES_LOWER_KERNELS_TEMPLATE_H

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace moec::kernels {

using Parameters = std::map<std::string, std::string, std::less<>>;

/// Another template that an instance calls, with the parameters it passes.
struct Use {
  std::string templateName;
  Parameters parameters;
};

struct Instance {
  std::string text;
  std::vector<Use> uses;
  /// Empty if all went well, otherwise what is wrong with the template.
  std::string error;
};

/// The MLIR text of `text` with `parameters`.
Instance instantiate(std::string_view text, const Parameters &parameters);

} // namespace moec::kernels

#endif // MOEC_PASSES_LOWER_KERNELS_TEMPLATE_H
