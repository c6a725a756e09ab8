#include "target/Hardware.h"
#include "target/Import.h"
#include "target/TextFile.h"

using namespace moec::target;

/// XML files differ by their root element, which may stand behind comments.
static bool isHwloc(const std::string &text) {
  return text.find("<topology") != std::string::npos &&
         text.find("<system") == std::string::npos;
}

Result<ImportedTopology> moec::target::readMachine(const std::string &path) {
  Result<std::string> text = readFile(path, size_t{64} << 20);
  if (!text)
    return text.error();
  size_t first = text->find_first_not_of(" \t\r\n");
  char start = first == std::string::npos ? '\0' : (*text)[first];
  if (start == '<')
    return isHwloc(*text) ? importHwloc(*text, path) : importNccl(*text, path);
  if (start == '{' && text->find("node_betas_list") != std::string::npos)
    return importAlphaBeta(*text, path);
  Result<moec::plan::Topology> topology = parseHardware(*text, path);
  if (!topology)
    return topology.error();
  return ImportedTopology{*topology, {}};
}
