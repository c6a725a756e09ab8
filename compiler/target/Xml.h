//===- Xml.h - Attributes and children of XML elements --------------------===//
//
// Part of moec. The only header that sees libxml2. The network is off and
// entities are not expanded, so that a hostile file can neither fetch nor
// grow. Throws FileError (see `guarded`).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_XML_H
#define MOEC_TARGET_XML_H

#include "target/FileError.h"

#include <libxml/tree.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moec::target {

/// An element of an `XmlDocument`, which must outlive it.
class XmlElement {
public:
  XmlElement(xmlNode *node, const std::string &file)
      : node(node), file(&file) {}

  std::string_view name() const;
  /// The value of an attribute; empty when the element does not have it.
  std::string attribute(const char *name) const;
  /// The value as a finite number of at least 0, or `absent` when the
  /// attribute is missing or empty. Anything else is an error.
  double number(const char *name, double absent) const;
  std::vector<XmlElement> children() const;
  /// The text directly inside the element.
  std::string text() const;

  [[noreturn]] void fail(const std::string &message,
                         const char *attribute = nullptr) const;

private:
  xmlNode *node;
  const std::string *file;
};

/// A parsed XML file.
class XmlDocument {
public:
  XmlDocument(const std::string &text, std::string file);

  XmlElement root() const;

private:
  std::string file;
  std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document;
};

} // namespace moec::target

#endif // MOEC_TARGET_XML_H
