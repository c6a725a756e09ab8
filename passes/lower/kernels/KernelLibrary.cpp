#include "passes/lower/kernels/KernelLibrary.h"

#include "passes/lower/kernels/KernelTable.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace moec::kernels;

/// The register tile. A tile needs rows * panels accumulators of 16 floats
/// (two registers of v3, one of v4), the panels' weights and one broadcast
/// value; FMA units want at least 8 independent chains of registers.
/// FEW: for every number of rows up to MR, the panels taken at once and whether
/// to fetch ahead; one or two rows read so many streams that it only costs.
/// HEIGHTS: of the tiles that more rows are cut into evenly.
/// PRODUCT: how weights in bf16 are multiplied with many rows.
static Parameters tileParameters(StringRef isa) {
  if (isa.starts_with("x86-64-v4"))
    return {{"PRODUCT", isa.ends_with("+amx") ? "amx" : "fma"},
            {"MR", "12"},
            {"NP", "2"},
            {"FEW", "1:4:no 2:4:no 3:4:yes 4:4:yes 5:4:yes 6:4:yes 7:2:yes "
                    "8:2:yes 9:2:yes 10:2:yes 11:2:yes 12:2:yes"},
            {"HEIGHTS", "6 7 8 9 10 11 12"}};
  return {{"PRODUCT", "fma"},
          {"MR", "6"},
          {"NP", "1"},
          {"FEW", "1:4:no 2:2:no 3:1:yes 4:1:yes 5:1:yes 6:1:yes"},
          {"HEIGHTS", "3 4 5 6"}};
}

KernelLibrary::KernelLibrary(ModuleOp module)
    : module(module), symbols(module) {
  auto name = module->getAttrOfType<StringAttr>(isaAttribute);
  tile = tileParameters(name ? name.getValue() : "x86-64-v3");
}

static std::string typeName(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << getElementTypeOrSelf(type);
  return text;
}

/// A number as MLIR spells floats ("1.702000046e+00").
static std::string floatText(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9e", value);
  return text;
}

static FailureOr<std::string> attributeText(Location location,
                                            const Kernel &kernel,
                                            const Setting &setting,
                                            Attribute value) {
  if (!value)
    return setting.absent;
  std::string text;
  if (auto number = dyn_cast<FloatAttr>(value))
    text = floatText(number.getValueAsDouble());
  else if (auto flag = dyn_cast<BoolAttr>(value))
    text = flag.getValue() ? "1" : "0";
  else if (auto number = dyn_cast<IntegerAttr>(value))
    text = std::to_string(number.getInt());
  else if (auto word = dyn_cast<StringAttr>(value))
    text = word.getValue().str();
  const std::vector<std::string> &allowed = setting.values;
  if (allowed.empty() ? text.empty() || isa<StringAttr>(value)
                      : !llvm::is_contained(allowed, text)) {
    InFlightDiagnostic error = emitError(location)
                               << "kernel '" << kernel.name
                               << "': " << setting.name << " = " << value
                               << ", not ";
    if (allowed.empty())
      return error << "a number";
    return error << "one of " << llvm::join(allowed, ", ");
  }
  return text;
}

/// Attributes with a dialect's prefix are not ours to judge.
static LogicalResult checkNames(Location location, const Kernel &kernel,
                                DictionaryAttr attributes) {
  for (NamedAttribute attribute : attributes) {
    StringRef name = attribute.getName();
    auto hasName = [&](const Setting &setting) { return setting.name == name; };
    if (!name.contains('.') && llvm::none_of(kernel.settings, hasName))
      return emitError(location)
             << "kernel '" << kernel.name << "' has no attribute " << name;
  }
  return success();
}

/// The parameters of an instance of `kernel`; NAME is a symbol made of them.
static FailureOr<Parameters> parametersOf(Location location,
                                          const Kernel &kernel,
                                          DictionaryAttr attributes,
                                          TypeRange operands) {
  if (operands.size() != kernel.operands)
    return emitError(location)
           << "kernel '" << kernel.name << "' takes " << kernel.operands
           << " operands (ins, then outs), not " << operands.size();
  if (failed(checkNames(location, kernel, attributes)))
    return failure();
  Parameters parameters;
  std::string name = "moe_kernel_" + kernel.name;
  for (const ElementType &element : kernel.elementTypes) {
    std::string type = typeName(operands[element.operand]);
    if (!llvm::is_contained(element.types, type))
      return emitError(location)
             << "kernel '" << kernel.name << "': operand " << element.operand
             << " has elements of " << type << ", not of one of "
             << llvm::join(element.types, ", ");
    parameters["T" + std::to_string(element.operand)] = type;
    parameters["KIND"] = type[0] == 'i' ? "integer" : "float";
    name += "_" + type;
  }
  for (const Setting &setting : kernel.settings) {
    FailureOr<std::string> text =
        attributeText(location, kernel, setting, attributes.get(setting.name));
    if (failed(text))
      return failure();
    parameters[setting.name] = *text;
    name += "_" + *text;
  }
  for (char &c : name)
    if (!llvm::isAlnum(c))
      c = '_';
  parameters["NAME"] = name;
  return parameters;
}

FailureOr<func::FuncOp> KernelLibrary::get(Location location, StringRef name,
                                           DictionaryAttr attributes,
                                           TypeRange operands) {
  const Kernel *kernel = findKernel(name);
  if (!kernel)
    return emitError(location)
           << "there is no kernel '" << name << "' in the kernel library";
  FailureOr<Parameters> parameters =
      parametersOf(location, *kernel, attributes, operands);
  if (failed(parameters))
    return failure();
  StringRef symbol = (*parameters)["NAME"];
  std::string text;
  if (failed(load(location, kernel->name, *parameters, text)) ||
      (!text.empty() && failed(splice(location, text))))
    return failure();
  return symbols.lookup<func::FuncOp>(symbol);
}

/// Appends to `text` an instance of the template and of all it uses, as far as
/// they are not in the module.
LogicalResult KernelLibrary::load(Location location,
                                  const std::string &templateName,
                                  const Parameters &parameters,
                                  std::string &text) {
  std::string key = templateName;
  for (const auto &[name, value] : parameters)
    key += " " + name + "=" + value;
  if (!loaded.insert(key).second)
    return success();
  const char *source = findText(templateName);
  if (!source)
    return emitError(location)
           << "there is no kernel template '" << templateName << "'";
  Parameters all = tile;
  for (const auto &[name, value] : parameters)
    all[name] = value;
  Instance instance = instantiate(source, all);
  if (!instance.error.empty())
    return emitError(location)
           << "kernel template '" << templateName << "': " << instance.error;
  text += instance.text;
  for (const Use &use : instance.uses)
    if (failed(load(location, use.templateName, use.parameters, text)))
      return failure();
  return success();
}

/// Parses `text` and moves its functions into the module.
LogicalResult KernelLibrary::splice(Location location,
                                    const std::string &text) {
  // The text alone may call functions that are in the module already.
  ParserConfig config(module.getContext(), /*verifyAfterParse=*/false);
  OwningOpRef<ModuleOp> parsed =
      parseSourceString<ModuleOp>(findText("types") + text, config, "kernels");
  if (!parsed)
    return emitError(location) << "the kernel text does not parse";
  for (auto function :
       llvm::make_early_inc_range(parsed->getOps<func::FuncOp>())) {
    function->remove();
    symbols.insert(function);
  }
  return success();
}
