// Writes small HDF5 files with libhdf5, so that no test file has to be kept. Tests only. All return 0 if all went
// well.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Makes a file with, if it is not NULL, the attribute "distance": as text of variable length or of a fixed one.
int32_t test_hdf5_new(const char *_Nonnull path, const char *_Nullable distance, int32_t is_fixed_text);

// Adds a data set; compressed in chunks of `chunk` rows, or contiguous where that is 0.
int32_t test_hdf5_add_floats(const char *_Nonnull path, const char *_Nonnull name, const uint64_t *_Nonnull shape,
                             int32_t rank, const float *_Nonnull values, uint64_t chunk);
int32_t test_hdf5_add_integers(const char *_Nonnull path, const char *_Nonnull name,
                               const uint64_t *_Nonnull shape, int32_t rank, const int32_t *_Nonnull values);

// Adds a link to the data set of the same name in another file.
int32_t test_hdf5_add_link(const char *_Nonnull path, const char *_Nonnull name, const char *_Nonnull other);

// Adds a data set whose numbers lie in another file: all bytes of any file, or the data set of the same name in an HDF5
// file.
int32_t test_hdf5_add_external(const char *_Nonnull path, const char *_Nonnull name, const uint64_t *_Nonnull shape,
                               int32_t rank, const char *_Nonnull other);
int32_t test_hdf5_add_virtual(const char *_Nonnull path, const char *_Nonnull name, const uint64_t *_Nonnull shape,
                              int32_t rank, const char *_Nonnull other);

// Adds an empty data set in chunks of so many rows, packed with the filter of this number unless that is 0.
int32_t test_hdf5_add_filtered(const char *_Nonnull path, const char *_Nonnull name, const uint64_t *_Nonnull shape,
                               int32_t rank, int32_t filter, uint64_t chunk_rows);
