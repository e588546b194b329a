#include "host/config/document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "host/base/error.h"
#include "host/base/suggest.h"
#include "host/config/fields.h"
#include "host/config/schema.h"

namespace softbeam::config {
namespace {

// A campaign has a few hundred bytes; a larger file is a model or a data set given by mistake.
constexpr std::size_t largest_file = 1U << 20U;

// One byte more than allowed is enough to refuse the rest.
std::string read_stream(std::istream& in, const std::string& file) {
  std::string text;
  text.resize(largest_file + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) throw RunError(fmt::format("cannot read '{}' (the device reports an error)", file));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::string read_file(const std::string& file) {
  std::error_code status;
  if (std::filesystem::is_directory(file, status)) {
    throw RunError(fmt::format("cannot read '{}' (it is a folder); give a campaign file", file));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const bool there = std::filesystem::exists(file, status);
    throw RunError(fmt::format("cannot read '{}' ({}); check the name of the campaign file", file,
                               there ? "permission denied" : "no such file"));
  }
  return read_stream(in, file);
}

std::string read_bytes(const std::string& file) {
  std::error_code status;
  if (file != "-" && std::filesystem::is_regular_file(file, status)) return read_file(file);
  // A sweep loads its file once per point, but a pipe can be read only once.
  static std::map<std::string, std::string> pipes;
  const auto known = pipes.find(file);
  if (known != pipes.end()) return known->second;
  return pipes[file] = file == "-" ? read_stream(std::cin, "standard input") : read_file(file);
}

// yaml-cpp stops silently at some control characters.
void refuse_binary(const std::string& text, const std::string& name) {
  if (text.size() > largest_file) {
    throw UsageError(fmt::format("{}: not a campaign file (more than {} bytes); give a YAML file",
                                 name, largest_file));
  }
  int line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') {
      throw UsageError(fmt::format(
          "{}:{}: not a text file (it holds the byte 0x{:02x}); give a YAML file in UTF-8", name,
          line, byte));
    }
  }
}

std::string place_of(const std::string& name, const YAML::Node& node) {
  return fmt::format("{}:{}", name, node.Mark().line + 1);
}

// What to look at: YAML's references (*name) and softbeam's globs look alike, and tabs are no
// indentation, neither of which yaml-cpp says.
std::string_view yaml_hint(std::string_view message, std::string_view text) {
  if (message.find("anchor") != std::string_view::npos ||
      message.find("alias") != std::string_view::npos) {
    return "; quote a name that starts with '*' or '&', as in [\"*.conv1\"]";
  }
  if (text.find("\n\t") != std::string_view::npos) return "; indent by spaces, not by tabs";
  return "; check indentation, brackets and quotes there";
}

// Finds anchors and aliases, which a parsed document no longer shows. A list that holds itself
// would have no end, and no key needs them.
class NoReferences : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { check(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { check(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string&) override {
    check(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check(mark, anchor);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check(mark, anchor);
  }
  void OnMapEnd() override {}

 private:
  static void check(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      throw YAML::ParserException(mark, "YAML anchors and aliases are not supported");
    }
  }
};

// Throws YAML::Exception.
void refuse_references(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  NoReferences handler;
  while (parser.HandleNextDocument(handler)) {
  }
}

YAML::Node parse_yaml(const std::string& text, const std::string& name) {
  try {
    refuse_references(text);
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      throw UsageError(
          fmt::format("{}: a second YAML document begins (one campaign per file); "
                      "split the file at '---'",
                      place_of(name, documents[1])));
    }
    return documents.empty() ? YAML::Node() : documents.front();
  } catch (const YAML::Exception& error) {
    throw UsageError(fmt::format("{}:{}:{}: not valid YAML ({}){}", name, error.mark.line + 1,
                                 error.mark.column + 1, error.msg, yaml_hint(error.msg, text)));
  }
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const Key& key : keys()) {
    const std::string section = key.name.substr(0, key.name.find('.'));
    if (names.empty() || names.back() != section) names.push_back(section);
  }
  return names;
}

// The name on the left of a colon.
std::string read_key(const YAML::Node& node, const std::string& name, const YAML::Node& parent) {
  if (node.IsScalar()) return node.Scalar();
  throw UsageError(fmt::format("{}: a key is not plain text; write `name: value`",
                               place_of(name, node.Mark().line < 0 ? parent : node)));
}

[[noreturn]] void throw_unknown_section(const std::string& section, const std::string& place) {
  std::vector<std::string> names = section_names();
  names.emplace_back("sweep");
  for (const Key& key : keys()) {
    const std::size_t dot = key.name.find('.');
    const std::string home = key.name.substr(0, dot);
    if (section == key.name || section == key.name.substr(dot + 1)) {
      throw UsageError(
          fmt::format("{}: '{}' is not a section (it is a key of '{}'); write {}: "
                      "{{{}: ...}}",
                      place, section, home, home, key.name.substr(dot + 1)));
    }
  }
  throw UsageError(fmt::format("{}: unknown section '{}'{}; accepted: {}", place, section,
                               did_you_mean(section, names), fmt::join(names, ", ")));
}

// The pairs of one section. yaml-cpp keeps both of two equal keys, so they are looked for here.
std::vector<Entry> read_section(const std::string& section, const YAML::Node& body,
                                const std::string& name, const YAML::Node& title) {
  if (!body.IsMap()) {
    throw UsageError(fmt::format(
        "{}: section '{}' is {} (keys with values belong there); write "
        "{}: {{key: value}} or remove it",
        place_of(name, title), section, body.IsNull() ? "empty" : "not a mapping", section));
  }
  const std::string prefix = section == "sweep" ? "" : section + ".";
  std::set<std::string> seen;
  std::vector<Entry> entries;
  for (const auto& pair : body) {
    const std::string key = prefix + read_key(pair.first, name, body);
    const std::string place = fmt::format("{}: {}", place_of(name, pair.first), key);
    if (!seen.insert(key).second) {
      throw UsageError(fmt::format("{}: given a second time; remove one of the two", place));
    }
    entries.push_back({key, pair.second, place});
  }
  return entries;
}

}  // namespace

Document read_document(const std::string& file) {
  if (file.empty()) return {};
  return parse_document(read_bytes(file), file == "-" ? "standard input" : file);
}

Document parse_document(const std::string& text, const std::string& name) {
  Document document;
  document.name = name;
  refuse_binary(text, document.name);
  const YAML::Node root = parse_yaml(text, document.name);
  if (!root.IsDefined() || root.IsNull()) {
    throw UsageError(
        fmt::format("{}: the file is empty (no section at all); begin with `model: "
                    "{{file: model.pt2}}`",
                    document.name));
  }
  if (!root.IsMap()) {
    throw UsageError(
        fmt::format("{}: not a campaign (sections such as `model:` belong at its top "
                    "level); begin with `model: {{file: model.pt2}}`",
                    place_of(document.name, root)));
  }
  const std::vector<std::string> sections = section_names();
  std::set<std::string> seen;
  for (const auto& pair : root) {
    const std::string section = read_key(pair.first, document.name, root);
    const std::string place = place_of(document.name, pair.first);
    const bool sweep = section == "sweep";
    if (!sweep && std::find(sections.begin(), sections.end(), section) == sections.end()) {
      throw_unknown_section(section, place);
    }
    if (!seen.insert(section).second) {
      throw UsageError(
          fmt::format("{}: section '{}' is given a second time; join the two", place, section));
    }
    std::vector<Entry> entries = read_section(section, pair.second, document.name, pair.first);
    if (sweep) {
      document.sweep_place = place;
      document.sweep = std::move(entries);
    } else {
      for (Entry& entry : entries) document.entries.push_back(std::move(entry));
    }
  }
  return document;
}

Entry flag_entry(const Setting& setting) {
  const std::string place = "--" + setting.key;
  const std::string& text = setting.value;
  bool list = false;
  for (const Key& key : keys()) list = list || (key.name == setting.key && key.form == "LIST");
  if (!list) return {setting.key, YAML::Node(text), place};
  if (text.starts_with('[')) {
    try {
      refuse_references(text);
      return {setting.key, YAML::Load(text), place};
    } catch (const YAML::Exception& error) {
      throw UsageError(fmt::format("{}: '{}' is not a valid list ({}){}", place, text, error.msg,
                                   yaml_hint(error.msg, text)));
    }
  }
  YAML::Node items(YAML::NodeType::Sequence);
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    std::string item = text.substr(from, comma - from);
    item.erase(0, item.find_first_not_of(' '));
    item.erase(item.find_last_not_of(' ') + 1);
    items.push_back(item);
    from = comma + 1;
  }
  return {setting.key, items, place};
}

}  // namespace softbeam::config
