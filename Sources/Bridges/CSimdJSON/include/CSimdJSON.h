// Reads one object of JSON at a time into a flat list of members, by simdjson. No C++ exception leaves these
// functions. A reader belongs to one thread at a time.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cjson_reader cjson_reader;

typedef enum cjson_kind : int32_t {
    CJSON_NULL = 0,
    CJSON_BOOLEAN = 1,
    // A whole number that fits into 64 bits with a sign; `number` is set too.
    CJSON_INTEGER = 2,
    CJSON_NUMBER = 3,
    CJSON_TEXT = 4,
    // An array of nothing but numbers: `first` and `count` say where they stand.
    CJSON_NUMBERS = 5,
    // An object: its members are the `count` ones that follow, those of objects within it included.
    CJSON_OBJECT = 6,
    // An array of other things, an object that lies too deep, or a text whose escapes name no characters: skipped.
    CJSON_OTHER = 7,
} cjson_kind;

typedef struct cjson_member {
    // UTF-8 with escapes resolved, not ended by a zero.
    const char *_Nonnull key;
    size_t key_length;
    cjson_kind kind;
    int64_t integer;
    double number;
    const char *_Nullable text;
    size_t text_length;
    size_t first;
    size_t count;
} cjson_member;

typedef enum cjson_status : int32_t {
    CJSON_OK = 0,
    // The bytes are no single, valid object of JSON in UTF-8, or one of too many members.
    CJSON_INVALID = 1,
    CJSON_NO_MEMORY = 2,
} cjson_status;

// A reader, or null where there is no memory for one.
cjson_reader *_Nullable cjson_new(void);
void cjson_free(cjson_reader *_Nonnull reader);

// Reads an object of at most 16,384 members. Bytes are copied; what `cjson_members` and `cjson_numbers` give is valid
// until the next call.
// Numbers of arrays are the float32 values nearest to what is written; arrays and objects may lie 64 deep.
cjson_status cjson_read(cjson_reader *_Nonnull reader, const char *_Nullable bytes, size_t count);

const cjson_member *_Nullable cjson_members(const cjson_reader *_Nonnull reader, size_t *_Nonnull count);
const float *_Nullable cjson_numbers(const cjson_reader *_Nonnull reader, size_t *_Nonnull count);

#ifdef __cplusplus
}
#endif
