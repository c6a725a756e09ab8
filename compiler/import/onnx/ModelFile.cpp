#include "import/onnx/ModelFile.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

using namespace moec::import;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using llvm::StringRef;

/// Calls `visit(number, payload, field)` for each field of a message: `field`
/// is tag, length and payload; `payload` is empty unless length-delimited.
/// False if the message is broken or `visit` says so.
static bool
forEachField(StringRef message,
             llvm::function_ref<bool(int, StringRef, StringRef)> visit) {
  CodedInputStream in(reinterpret_cast<const uint8_t *>(message.data()),
                      static_cast<int>(message.size()));
  int begin = 0;
  while (uint32_t tag = in.ReadTag()) {
    StringRef payload;
    if (WireFormatLite::GetTagWireType(tag) ==
        WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      uint32_t length;
      if (!in.ReadVarint32(&length) ||
          length > message.size() - in.CurrentPosition())
        return false;
      payload = message.substr(in.CurrentPosition(), length);
      in.Skip(static_cast<int>(length));
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return false;
    }
    int end = in.CurrentPosition();
    if (!visit(WireFormatLite::GetTagFieldNumber(tag), payload,
               message.slice(begin, end)))
      return false;
    begin = end;
  }
  return in.ConsumedEntireMessage();
}

bool ModelFile::parseInitializer(StringRef message, StringRef fileName) {
  std::string otherFields;
  std::optional<FileRegion> raw;
  bool ok = forEachField(
      message, [&](int number, StringRef payload, StringRef field) {
        if (number == ::onnx::TensorProto::kRawDataFieldNumber)
          raw = {fileName.str(), payload.data() - buffer->getBufferStart(),
                 static_cast<int64_t>(payload.size())};
        else
          otherFields += field;
        return true;
      });
  rawRegions.push_back(raw);
  return ok && initializers.emplace_back().ParseFromString(otherFields);
}

bool ModelFile::parseGraph(StringRef message, StringRef fileName,
                           std::string &otherFields) {
  return forEachField(
      message, [&](int number, StringRef payload, StringRef field) {
        if (number == ::onnx::GraphProto::kInitializerFieldNumber)
          return parseInitializer(payload, fileName);
        otherFields += field;
        return true;
      });
}

bool ModelFile::parse(StringRef fileName) {
  std::string modelFields, graphFields;
  bool hasGraph = false;
  bool ok = forEachField(
      buffer->getBuffer(), [&](int number, StringRef payload, StringRef field) {
        if (number == ::onnx::ModelProto::kGraphFieldNumber) {
          hasGraph = true;
          return parseGraph(payload, fileName, graphFields);
        }
        modelFields += field;
        return true;
      });
  if (!ok || !proto.ParseFromString(modelFields))
    return false;
  if (hasGraph && !proto.mutable_graph()->ParseFromString(graphFields))
    return false;
  for (::onnx::TensorProto &tensor : initializers)
    proto.mutable_graph()->add_initializer()->Swap(&tensor);
  initializers.clear();
  return true;
}

llvm::Expected<ModelFile> ModelFile::open(StringRef path) {
  auto fail = [](const llvm::Twine &message) {
    return llvm::createStringError(message);
  };
  uint64_t size;
  if (std::error_code error = llvm::sys::fs::file_size(path, size))
    return fail("cannot read the model file: " + error.message());
  if (size > std::numeric_limits<int32_t>::max())
    return fail("the model file has " + llvm::Twine(size) +
                " bytes; protobuf allows 2147483647 (store the weights as "
                "external data)");
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail("cannot read the model file: " + buffer.getError().message());
  ModelFile file;
  file.buffer = std::move(*buffer);
  if (!file.parse(llvm::sys::path::filename(path)))
    return fail("not an ONNX model: the file is truncated or no protobuf "
                "message of type onnx.ModelProto");
  if (!file.proto.has_graph())
    return fail("the model file holds no graph");
  return file;
}
