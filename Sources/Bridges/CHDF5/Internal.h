#pragma once

#include <hdf5.h>

#include "CHDF5.h"
#include "CHDF5Columns.h"

struct chdf5_file {
    hid_t id;
};

// Puts libhdf5's own reason behind `what`.
chdf5_status chdf5_failed(const char *what, char *message, size_t capacity);

// libhdf5's type of a kind as it lies in memory; texts' must be closed.
hid_t chdf5_memory_type(chdf5_kind kind);
void chdf5_close_type(chdf5_kind kind, hid_t type);
