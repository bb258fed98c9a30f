// Writes and reads the columns of a table: data sets of the root group with one entry a row. As with CHDF5.h, one
// thread at a time, and on failure one line in `message`.
#pragma once

#include "CHDF5.h"

typedef enum chdf5_kind : int32_t {
    CHDF5_FLOAT32 = 0,
    CHDF5_FLOAT64 = 1,
    CHDF5_INT64 = 2,
    CHDF5_BYTE = 3,
    // UTF-8 of variable length, ended by a zero.
    CHDF5_TEXT = 4,
} chdf5_kind;

// Writes an open file from its begin; the descriptor stays the caller's. Nothing else is opened.
chdf5_status chdf5_create(int descriptor, chdf5_file *_Nullable *_Nonnull out, char *_Nonnull message,
                          size_t capacity);
// Writes what is left to write and closes; `file` is gone whatever comes back.
chdf5_status chdf5_finish(chdf5_file *_Nonnull file, char *_Nonnull message, size_t capacity);

// Adds a data set of `rows` entries: a matrix, or a vector where `columns` is 0. Texts are vectors.
chdf5_status chdf5_add(chdf5_file *_Nonnull file, const char *_Nonnull name, chdf5_kind kind, uint64_t rows,
                       uint64_t columns, char *_Nonnull message, size_t capacity);
// Writes `rows` entries from `first` on: numbers of the kind, row after row, or pointers to texts.
chdf5_status chdf5_write(chdf5_file *_Nonnull file, const char *_Nonnull name, chdf5_kind kind, uint64_t first,
                         uint64_t rows, const void *_Nonnull values, char *_Nonnull message, size_t capacity);
// Adds an attribute to the root group.
chdf5_status chdf5_set_text(chdf5_file *_Nonnull file, const char *_Nonnull name, const char *_Nonnull text,
                            char *_Nonnull message, size_t capacity);
chdf5_status chdf5_set_integer(chdf5_file *_Nonnull file, const char *_Nonnull name, int64_t value,
                               char *_Nonnull message, size_t capacity);

// The integer attribute of the root group.
chdf5_status chdf5_integer(chdf5_file *_Nonnull file, const char *_Nonnull name, int64_t *_Nonnull value,
                           char *_Nonnull message, size_t capacity);
// The rows of a column of a kind, and its columns, 0 for a vector. Chunks of over 64 MiB
// are refused.
chdf5_status chdf5_column(chdf5_file *_Nonnull file, const char *_Nonnull name, chdf5_kind kind,
                          uint64_t *_Nonnull rows, uint64_t *_Nonnull columns, char *_Nonnull message,
                          size_t capacity);
// Reads `rows` entries from `first` on into `out`, which has room for `room` numbers; no texts.
chdf5_status chdf5_read(chdf5_file *_Nonnull file, const char *_Nonnull name, chdf5_kind kind, uint64_t first,
                        uint64_t rows, void *_Nonnull out, size_t room, char *_Nonnull message, size_t capacity);
// Calls `take` with each of `rows` texts from `first` on; CHDF5_TOO_LONG where they have over `most` bytes together.
chdf5_status chdf5_read_texts(chdf5_file *_Nonnull file, const char *_Nonnull name, uint64_t first, uint64_t rows,
                              size_t most, void (*_Nonnull take)(void *_Nullable context, const char *_Nonnull text),
                              void *_Nullable context, char *_Nonnull message, size_t capacity);
