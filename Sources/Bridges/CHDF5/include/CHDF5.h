// Reads matrices of HDF5 files through libhdf5, some rows at a time. libhdf5 keeps state of its own for the whole
// process: one thread at a time may be in any of these functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum chdf5_status : int32_t {
    CHDF5_OK = 0,
    // No such file, data set or attribute.
    CHDF5_ABSENT = 1,
    // It is there, but not what was asked for: no HDF5, no matrix, other numbers.
    CHDF5_UNFIT = 2,
    // libhdf5 could not read it; the message is its own.
    CHDF5_FAILED = 3,
    // Texts have more bytes together than the caller has room for.
    CHDF5_TOO_LONG = 4,
} chdf5_status;

typedef enum chdf5_numbers : int32_t {
    CHDF5_REAL = 0,
    CHDF5_WHOLE = 1,
} chdf5_numbers;

typedef struct chdf5_file chdf5_file;

// In every function below: on failure one line of at most `capacity - 1` bytes is put in `message`.

// Reads an open, regular file; the descriptor is taken over, and closed on failure. Nothing else is ever opened: data
// sets that are in other files, links, and filters that would be loaded are refused by whatever asks for them.
chdf5_status chdf5_open(int descriptor, chdf5_file *_Nullable *_Nonnull out, char *_Nonnull message,
                        size_t capacity);
void chdf5_close(chdf5_file *_Nonnull file);

// The rows, columns and kind of numbers of a matrix of the root group.
chdf5_status chdf5_shape(chdf5_file *_Nonnull file, const char *_Nonnull name, uint64_t *_Nonnull rows,
                         uint64_t *_Nonnull columns, chdf5_numbers *_Nonnull numbers, char *_Nonnull message,
                         size_t capacity);

// `rows` rows from `first` on, row after row, converted to float; `out` has room for `room` numbers. Refused where
// they do not fit or the matrix has not so many.
chdf5_status chdf5_read_floats(chdf5_file *_Nonnull file, const char *_Nonnull name, uint64_t first, uint64_t rows,
                               float *_Nonnull out, size_t room, char *_Nonnull message, size_t capacity);
chdf5_status chdf5_read_integers(chdf5_file *_Nonnull file, const char *_Nonnull name, uint64_t first,
                                 uint64_t rows, int64_t *_Nonnull out, size_t room, char *_Nonnull message,
                                 size_t capacity);

// A text attribute of the root group, cut after `room - 1` bytes.
chdf5_status chdf5_text(chdf5_file *_Nonnull file, const char *_Nonnull name, char *_Nonnull text, size_t room,
                        char *_Nonnull message, size_t capacity);

#include "CHDF5Columns.h"
