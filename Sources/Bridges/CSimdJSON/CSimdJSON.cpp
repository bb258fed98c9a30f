#include "CSimdJSON.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include <simdjson.h>

using simdjson::ondemand::array;
using simdjson::ondemand::json_type;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

struct cjson_reader {
    simdjson::ondemand::parser parser;
    // The text, and behind it what simdjson may read past the end.
    std::vector<char> padded;
    std::vector<cjson_member> members;
    std::vector<float> numbers;
};

namespace {
// Members of objects that lie deeper are skipped.
constexpr int listed_depth = 2;
constexpr int longest_depth = 64;
// So that a short text cannot take much memory.
constexpr size_t most_members = 1 << 14;

// The double nearest to a number; false where it is none. simdjson sees whether it is one, but before 3.6.3 it gives
// wrong values for some of twenty digits (simdjson/simdjson#2093).
bool nearest_double(value item, std::string_view token, double &out) {
    if (item.get_double().get(out)) return false;
    constexpr size_t safe_length = 19;
    if (token.size() > safe_length) {
        double exact;
        if (std::from_chars(token.data(), token.data() + token.size(), exact).ec == std::errc()) out = exact;
    }
    return true;
}

// The float32 value nearest to a number. Rounding to a double first differs from that only where the double is in
// the middle between two floats.
bool nearest_float(value item, float &out) {
    const std::string_view token = item.raw_json_token();
    double number;
    if (!nearest_double(item, token, number)) return false;
    uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    out = static_cast<float>(number);
    constexpr uint64_t dropped = (uint64_t{1} << 29) - 1;
    constexpr double smallest_normal = std::numeric_limits<float>::min();
    const bool is_small = number < smallest_normal && number > -smallest_normal;
    if ((bits & dropped) == uint64_t{1} << 28 || (is_small && number != 0)) {
        float exact;
        // Where it is out of range the double tells on which side.
        if (std::from_chars(token.data(), token.data() + token.size(), exact).ec == std::errc()) out = exact;
    }
    return true;
}

// Whether the escapes of a text are those of JSON, characters or half of a surrogate pair: Python writes the latter for
// bytes of file names that are not UTF-8.
bool has_valid_escapes(std::string_view token) {
    for (size_t at = token.find('\\'); at != token.npos; at = token.find('\\', at)) {
        if (at + 1 == token.size()) return false;
        const char letter = token[at + 1];
        if (letter == 'u') {
            const auto digits = token.substr(at + 2, 4);
            if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) return false;
        } else if (std::strchr("\"\\/bfnrt", letter) == nullptr || letter == 0) {
            return false;
        }
        at += 2;
    }
    return true;
}

bool pass_over(value item, int depth);

bool read_array(cjson_reader &reader, array items, size_t place, int depth) {
    const size_t first = reader.numbers.size();
    bool is_numbers = true;
    for (auto element : items) {
        value item;
        json_type type;
        if (element.get(item) || item.type().get(type)) return false;
        if (type == json_type::number && is_numbers) {
            float number;
            if (!nearest_float(item, number)) return false;
            reader.numbers.push_back(number);
            continue;
        }
        is_numbers = false;
        if (!pass_over(item, depth + 1)) return false;
    }
    if (!is_numbers) reader.numbers.resize(first);
    cjson_member &member = reader.members[place];
    member.kind = is_numbers ? CJSON_NUMBERS : CJSON_OTHER;
    member.first = first;
    member.count = reader.numbers.size() - first;
    return true;
}

// Sees that a value is valid, and keeps nothing of it.
bool pass_over(value item, int depth) {
    if (depth > longest_depth) return false;
    json_type type;
    if (item.type().get(type)) return false;
    switch (type) {
    case json_type::null: {
        bool is_null;
        return !item.is_null().get(is_null) && is_null;
    }
    case json_type::boolean: {
        bool truth;
        return !item.get_bool().get(truth);
    }
    case json_type::number: {
        double number;
        return !item.get_double().get(number);
    }
    case json_type::string: {
        const std::string_view token = item.raw_json_token();
        simdjson::ondemand::raw_json_string text;
        return !item.get_raw_json_string().get(text) && has_valid_escapes(token);
    }
    case json_type::array: {
        array items;
        if (item.get_array().get(items)) return false;
        for (auto element : items) {
            value inner;
            if (element.get(inner) || !pass_over(inner, depth + 1)) return false;
        }
        return true;
    }
    case json_type::object: {
        object fields;
        if (item.get_object().get(fields)) return false;
        for (auto field : fields) {
            std::string_view key;
            value inner;
            if (field.unescaped_key().get(key) || field.value().get(inner) || !pass_over(inner, depth + 1)) {
                return false;
            }
        }
        return true;
    }
    }
    return false;
}

bool read_object(cjson_reader &reader, object fields, int depth);

bool read_member(cjson_reader &reader, value item, size_t place, int depth) {
    json_type type;
    if (item.type().get(type)) return false;
    switch (type) {
    case json_type::boolean: {
        bool truth;
        if (item.get_bool().get(truth)) return false;
        reader.members[place].kind = CJSON_BOOLEAN;
        reader.members[place].integer = truth;
        return true;
    }
    case json_type::number: {
        // A whole number that is too large for 64 bits is a number like any other.
        int64_t integer;
        const std::string_view token = item.raw_json_token();
        const bool is_integer = !item.get_int64().get(integer);
        cjson_member &member = reader.members[place];
        if (is_integer) {
            member.kind = CJSON_INTEGER;
            member.integer = integer;
            member.number = static_cast<double>(integer);
            return true;
        }
        member.kind = CJSON_NUMBER;
        return nearest_double(item, token, member.number);
    }
    case json_type::string: {
        const std::string_view token = item.raw_json_token();
        std::string_view text;
        cjson_member &member = reader.members[place];
        if (const auto error = item.get_string().get(text)) {
            member.kind = CJSON_OTHER;
            return error == simdjson::STRING_ERROR && has_valid_escapes(token);
        }
        member.kind = CJSON_TEXT;
        member.text = text.data();
        member.text_length = text.size();
        return true;
    }
    case json_type::array: {
        array items;
        return !item.get_array().get(items) && read_array(reader, items, place, depth);
    }
    case json_type::object: {
        if (depth >= listed_depth) {
            reader.members[place].kind = CJSON_OTHER;
            return pass_over(item, depth + 1);
        }
        object fields;
        if (item.get_object().get(fields) || !read_object(reader, fields, depth + 1)) return false;
        reader.members[place].kind = CJSON_OBJECT;
        reader.members[place].count = reader.members.size() - place - 1;
        return true;
    }
    case json_type::null: return pass_over(item, depth);
    }
    return false;
}

bool read_object(cjson_reader &reader, object fields, int depth) {
    for (auto field : fields) {
        std::string_view key;
        value item;
        if (field.unescaped_key().get(key) || field.value().get(item)) return false;
        const size_t place = reader.members.size();
        if (place == most_members) return false;
        cjson_member member = {};
        member.key = key.data();
        member.key_length = key.size();
        reader.members.push_back(member);
        if (!read_member(reader, item, place, depth)) return false;
    }
    return true;
}
}  // namespace

cjson_reader *cjson_new(void) { return new (std::nothrow) cjson_reader; }

void cjson_free(cjson_reader *reader) { delete reader; }

cjson_status cjson_read(cjson_reader *reader, const char *bytes, size_t count) {
    try {
        reader->members.clear();
        reader->numbers.clear();
        if (count == 0) return CJSON_INVALID;
        const size_t needed = count + simdjson::SIMDJSON_PADDING;
        if (reader->padded.size() < needed) reader->padded.resize(needed);
        std::memcpy(reader->padded.data(), bytes, count);
        std::memset(reader->padded.data() + count, 0, simdjson::SIMDJSON_PADDING);
        simdjson::ondemand::document document;
        const auto error =
            reader->parser.iterate(reader->padded.data(), count, reader->padded.size()).get(document);
        if (error == simdjson::MEMALLOC) return CJSON_NO_MEMORY;
        object fields;
        const bool is_object =
            !error && !document.get_object().get(fields) && read_object(*reader, fields, 1) &&
            document.current_location().error() == simdjson::OUT_OF_BOUNDS;
        if (!is_object) {
            reader->members.clear();
            return CJSON_INVALID;
        }
        return CJSON_OK;
    } catch (const std::bad_alloc &) {
        return CJSON_NO_MEMORY;
    } catch (...) {
        return CJSON_INVALID;
    }
}

const cjson_member *cjson_members(const cjson_reader *reader, size_t *count) {
    *count = reader->members.size();
    return reader->members.data();
}

const float *cjson_numbers(const cjson_reader *reader, size_t *count) {
    *count = reader->numbers.size();
    return reader->numbers.data();
}
