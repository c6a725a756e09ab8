#include "target/Xml.h"

#include "target/Quantity.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <algorithm>

using namespace moec::target;

static std::string_view view(const xmlChar *text) {
  return text ? reinterpret_cast<const char *>(text) : "";
}

XmlDocument::XmlDocument(const std::string &text, std::string name)
    : file(std::move(name)), document(nullptr, xmlFreeDoc) {
  if (text.size() > (size_t{64} << 20))
    throw FileError{
        file, 0, 0, "",
        fmt::format("{} bytes of XML; at most 64 MiB are read", text.size())};
  // Neither XML_PARSE_NOENT nor XML_PARSE_DTDLOAD nor XML_PARSE_HUGE: entities
  // stay unexpanded, no DTD is fetched, libxml2's own depth limit holds.
  std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> context(
      xmlNewParserCtxt(), xmlFreeParserCtxt);
  document.reset(xmlCtxtReadMemory(
      context.get(), text.data(), static_cast<int>(text.size()), nullptr,
      nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (document && xmlDocGetRootElement(document.get()))
    return;
  const xmlError *error = xmlCtxtGetLastError(context.get());
  std::string reason = error && error->message ? error->message : "no element";
  reason.erase(reason.find_last_not_of(" \n") + 1);
  throw FileError{file, error ? std::max(error->line, 1) : 1,
                  error ? std::max(error->int2, 1) : 1, "",
                  "not valid XML: " + reason};
}

XmlElement XmlDocument::root() const {
  return XmlElement(xmlDocGetRootElement(document.get()), file);
}

std::string_view XmlElement::name() const { return view(node->name); }

std::string XmlElement::attribute(const char *name) const {
  xmlChar *value =
      xmlGetNoNsProp(node, reinterpret_cast<const xmlChar *>(name));
  std::string copy(view(value));
  xmlFree(value);
  return copy;
}

double XmlElement::number(const char *name, double absent) const {
  std::string value = attribute(name);
  if (value.empty())
    return absent;
  std::optional<double> parsed = parseQuantity(value, Dimension::Scalar);
  if (!parsed || *parsed < 0)
    fail(fmt::format("'{}' is no finite number of at least 0",
                     value.substr(0, 40)),
         name);
  return *parsed;
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> result;
  for (xmlNode *child = node->children; child; child = child->next)
    if (child->type == XML_ELEMENT_NODE)
      result.emplace_back(child, *file);
  return result;
}

std::string XmlElement::text() const {
  std::string result;
  for (xmlNode *child = node->children; child; child = child->next)
    if (child->type == XML_TEXT_NODE)
      result += view(child->content);
  return result;
}

void XmlElement::fail(const std::string &message, const char *attribute) const {
  std::string key(name());
  if (attribute)
    key += fmt::format("@{}", attribute);
  // libxml2 keeps the line of an element, not its column.
  throw FileError{*file, static_cast<int>(std::max(xmlGetLineNo(node), 1L)), 1,
                  key, message};
}
