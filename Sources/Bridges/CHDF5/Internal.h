#pragma once

#include <hdf5.h>

#include "CHDF5.h"
#include "CHDF5Columns.h"

struct chdf5_file {
    hid_t id;
    // What it is read from; -1 where the caller closes it.
    int descriptor;
};

// Puts libhdf5's own reason behind `what`.
chdf5_status chdf5_failed(const char *what, char *message, size_t capacity);

// Prepares libhdf5; before anything else that begins with a path.
void chdf5_begin(void);

// Opens or begins a file through a driver that knows this descriptor and nothing else; negative where that fails.
hid_t chdf5_open_descriptor(int descriptor);
hid_t chdf5_create_descriptor(int descriptor);

// Makes a handle of an open file, which is closed where there is no memory for one.
chdf5_status chdf5_wrap(hid_t id, int descriptor, chdf5_file **out, char *message, size_t capacity);

// Opens a data set of the root group with its space and its type. Refused is what is in other files (external storage,
// virtual data sets, links), is packed with filters that would be loaded, or in larger chunks. What was opened before a
// failure is in `out` too, and is closed by the caller; -1 stands for nothing.
typedef struct chdf5_set {
    hid_t set, space, type;
} chdf5_set;
chdf5_status chdf5_open_set(
    chdf5_file *file, const char *name, uint64_t most_chunk_bytes, chdf5_set *out, char *message, size_t capacity);
void chdf5_close_set(chdf5_set *set);

// libhdf5's type of a kind as it is in memory; texts' must be closed.
hid_t chdf5_memory_type(chdf5_kind kind);
void chdf5_close_type(chdf5_kind kind, hid_t type);
