#include "Scan.h"

namespace {
enum Message { none, model, graph, node, attribute, tensor, value, type, tensorType, shape, other };

// The messages inside a message, by the number of the field.
Message part(Message of, uint64_t field) {
    switch (of) {
    case model: return field == 7 ? graph : field == 8 || field == 14 || field == 20 || field == 25 ? other : none;
    case graph:
        if (field == 1) return node;
        if (field == 5) return tensor;
        if (field == 11 || field == 12 || field == 13) return value;
        return field == 14 || field == 15 ? other : none;
    case node: return field == 5 ? attribute : none;
    case attribute:
        if (field == 5 || field == 10) return tensor;
        return field == 6 || field == 11 || field == 14 || field == 15 || field == 22 || field == 23 ? other : none;
    case tensor: return field == 3 || field == 13 ? other : none;
    case value: return field == 2 ? type : none;
    case type: return field == 1 ? tensorType : field == 4 || field == 5 || field == 8 || field == 9 ? other : none;
    case tensorType: return field == 2 ? shape : none;
    case shape: return field == 1 ? other : none;
    default: return none;
    }
}

struct Walk {
    const uint8_t *at;
    const uint8_t *end;

    bool number(uint64_t *out) {
        uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) return false;
            const uint8_t byte = *at++;
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) {
                *out = value;
                return true;
            }
        }
        return false;
    }
};

// Depth is bounded by the table above: only its messages are entered.
bool scan(Walk walk, Message message, size_t *parts, size_t limit, const char **reason) {
    while (walk.at < walk.end) {
        uint64_t key, length;
        if (!walk.number(&key)) return false;
        // Every field may become an object: a message, a text, or one that this reader does not know and keeps.
        if (++*parts > limit) {
            *reason = "it has more parts than any network";
            return false;
        }
        switch (key & 7) {
        case 0:
            if (!walk.number(&length)) return false;
            break;
        case 1:
            if (walk.end - walk.at < 8) return false;
            walk.at += 8;
            break;
        case 5:
            if (walk.end - walk.at < 4) return false;
            walk.at += 4;
            break;
        case 2: {
            if (!walk.number(&length) || length > static_cast<uint64_t>(walk.end - walk.at)) return false;
            const Message inner = part(message, key >> 3);
            if (inner != none && inner != other &&
                !scan(Walk{walk.at, walk.at + length}, inner, parts, limit, reason))
                return false;
            // What is inside these is not looked at, so they are counted by their size.
            if (inner == other) *parts += length / 2;
            if (*parts > limit) {
                *reason = "it has more parts than any network";
                return false;
            }
            walk.at += length;
            break;
        }
        default: return false;
        }
    }
    return true;
}
}  // namespace

bool conx_scan(const uint8_t *bytes, size_t count, size_t limit, const char **reason) {
    size_t parts = 0;
    *reason = "it is no ONNX model, or a damaged one";
    return scan(Walk{bytes, bytes + count}, model, &parts, limit, reason);
}
