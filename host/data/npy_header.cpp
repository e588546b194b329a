#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include "host/base/error.h"
#include "host/data/npy.h"

namespace softbeam::data {
namespace {

// Reads the few forms of Python literals that NumPy writes into a header.
class LiteralReader {
 public:
  LiteralReader(std::string_view text, const std::string& place) : rest_(text), place_(place) {}

  [[noreturn]] void fail(std::string_view problem) const {
    throw RunError(
        fmt::format("{}: its .npy header is damaged ({}); write the array again with "
                    "numpy.save or numpy.savez",
                    place_, problem));
  }

  bool accept(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(fmt::format("'{}' is missing", c));
  }

  bool at_end() {
    skip_space();
    return rest_.empty();
  }

  bool next_is(char c) {
    skip_space();
    return !rest_.empty() && rest_.front() == c;
  }

  std::string text() {
    skip_space();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) fail("no text in quotes");
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) fail("a quote is not closed");
    std::string out(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return out;
  }

  bool boolean() {
    skip_space();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    fail("neither True nor False");
  }

  std::vector<std::int64_t> shape() {
    std::vector<std::int64_t> out;
    expect('(');
    while (!accept(')')) {
      skip_space();
      std::int64_t extent = 0;
      const auto [end, status] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (status != std::errc{} || extent < 0) fail("the shape is not a tuple of whole numbers");
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      accept('L');  // NumPy under Python 2
      out.push_back(extent);
      if (!accept(',') && !next_is(')')) fail("the shape is not a tuple of whole numbers");
    }
    return out;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  const std::string& place_;
};

std::string advice_for(char kind) {
  switch (kind) {
    case 'O':
      return "it holds Python objects; store numbers, or texts made by numpy.str_";
    case 'S':
    case 'a':
      return "it holds byte strings; store texts with .astype(numpy.str_)";
    case 'c':
      return "complex numbers are not read; store real ones";
    case 'V':
      return "raw or structured records are not read; store one plain array per field";
    default:
      return "softbeam reads f2, f4, f8, i1-i8, u1-u8, b1 and U; convert it with .astype";
  }
}

// "<f4" into type and byte order.
void read_type(const std::string& descr, NpyHeader& header, const std::string& place) {
  constexpr std::array<std::string_view, 12> known = {"f2", "f4", "f8", "i1", "i2", "i4",
                                                      "i8", "u1", "u2", "u4", "u8", "b1"};
  const char order = descr.empty() ? ' ' : descr.front();
  const bool ordered = order == '<' || order == '>' || order == '|' || order == '=';
  header.type = ordered ? descr.substr(1) : descr;
  header.big_endian = order == '>';
  std::size_t width = 0;
  bool readable = false;
  if (header.type.size() > 1) {
    const char* const end = header.type.data() + header.type.size();
    const auto result = std::from_chars(header.type.data() + 1, end, width);
    const bool number = result.ec == std::errc{} && result.ptr == end;
    for (const std::string_view type : known) readable = readable || type == header.type;
    if (header.type.front() == 'U' && number && width <= std::numeric_limits<int>::max()) {
      readable = true;
      width *= 4;  // UTF-32
    }
  }
  if (!readable || (order == '|' && width > 1)) {
    throw RunError(fmt::format("{} has the type '{}', which is not read ({})", place, descr,
                               advice_for(header.type.empty() ? ' ' : header.type.front())));
  }
  header.item_bytes = width;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& place) {
  LiteralReader reader(text, place);
  NpyHeader header;
  std::optional<std::string> descr;
  std::optional<bool> fortran;
  std::optional<std::vector<std::int64_t>> shape;
  reader.expect('{');
  while (!reader.accept('}')) {
    const std::string key = reader.text();
    reader.expect(':');
    if (key == "descr" && !descr) {
      if (reader.next_is('[')) {
        throw RunError(fmt::format("{} has a structured type, which is not read ({})", place,
                                   advice_for('V')));
      }
      descr = reader.text();
    } else if (key == "fortran_order" && !fortran) {
      fortran = reader.boolean();
    } else if (key == "shape" && !shape) {
      shape = reader.shape();
    } else {
      reader.fail(fmt::format("the key '{}' is unknown or given twice", key));
    }
    if (!reader.accept(',') && !reader.next_is('}')) reader.fail("a comma is missing");
  }
  if (!reader.at_end()) reader.fail("text follows its end");
  if (!descr || !fortran || !shape) reader.fail("descr, fortran_order or shape is missing");
  read_type(*descr, header, place);
  header.fortran_order = *fortran;
  header.shape = std::move(*shape);
  return header;
}

}  // namespace softbeam::data
