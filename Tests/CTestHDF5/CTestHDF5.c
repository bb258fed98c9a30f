#include "CTestHDF5.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

// libhdf5 locks the files it opens. A program that a test beside this one starts may inherit the open file, and with it
// the lock, so that the next opening here would be refused.
__attribute__((constructor)) static void use_no_file_locks(void) { setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1); }

int32_t test_hdf5_new(const char *path, const char *distance, int32_t is_fixed_text) {
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (file < 0) return 1;
    int failed = 0;
    if (distance != NULL) {
        hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, is_fixed_text ? strlen(distance) : H5T_VARIABLE);
        hid_t space = H5Screate(H5S_SCALAR);
        hid_t attribute = H5Acreate2(file, "distance", type, space, H5P_DEFAULT, H5P_DEFAULT);
        const void *text = is_fixed_text ? (const void *)distance : (const void *)&distance;
        failed = attribute < 0 || H5Awrite(attribute, type, text) < 0;
        if (attribute >= 0) H5Aclose(attribute);
        H5Sclose(space);
        H5Tclose(type);
    }
    return H5Fclose(file) < 0 || failed;
}

static int32_t add(const char *path, const char *name, const uint64_t *sizes, int32_t rank, hid_t stored,
                   hid_t memory, const void *values, uint64_t chunk_rows) {
    hsize_t shape[4], chunk[4];
    if (rank > 4) return 1;
    for (int place = 0; place < rank; place++) shape[place] = chunk[place] = sizes[place];
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    if (file < 0) return 1;
    hid_t space = H5Screate_simple(rank, shape, NULL);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk_rows != 0) {
        chunk[0] = chunk_rows;
        H5Pset_chunk(plan, rank, chunk);
        H5Pset_deflate(plan, 3);
    }
    hid_t data = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    int failed = data < 0 || H5Dwrite(data, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0;
    if (data >= 0) H5Dclose(data);
    H5Pclose(plan);
    H5Sclose(space);
    return H5Fclose(file) < 0 || failed;
}

int32_t test_hdf5_add_floats(const char *path, const char *name, const uint64_t *shape, int32_t rank,
                             const float *values, uint64_t chunk) {
    return add(path, name, shape, rank, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values, chunk);
}

int32_t test_hdf5_add_integers(const char *path, const char *name, const uint64_t *shape, int32_t rank,
                               const int32_t *values) {
    return add(path, name, shape, rank, H5T_STD_I32LE, H5T_NATIVE_INT32, values, 0);
}

int32_t test_hdf5_add_link(const char *path, const char *name, const char *other) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    if (file < 0) return 1;
    int failed = H5Lcreate_external(other, name, file, name, H5P_DEFAULT, H5P_DEFAULT) < 0;
    return H5Fclose(file) < 0 || failed;
}

// Makes an empty data set of float32 after a plan, which is closed.
static int32_t add_planned(const char *path, const char *name, const uint64_t *sizes, int32_t rank, hid_t plan) {
    hsize_t shape[4];
    if (rank > 4 || plan < 0) return 1;
    for (int place = 0; place < rank; place++) shape[place] = sizes[place];
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    if (file < 0) return 1;
    hid_t space = H5Screate_simple(rank, shape, NULL);
    hid_t data = H5Dcreate2(file, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    const int failed = data < 0;
    if (data >= 0) H5Dclose(data);
    H5Sclose(space);
    H5Pclose(plan);
    return H5Fclose(file) < 0 || failed;
}

int32_t test_hdf5_add_external(const char *path, const char *name, const uint64_t *shape, int32_t rank,
                               const char *other) {
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    if (H5Pset_external(plan, other, 0, H5F_UNLIMITED) < 0) return 1;
    return add_planned(path, name, shape, rank, plan);
}

int32_t test_hdf5_add_virtual(const char *path, const char *name, const uint64_t *shape, int32_t rank,
                              const char *other) {
    hsize_t sizes[4];
    if (rank > 4) return 1;
    for (int place = 0; place < rank; place++) sizes[place] = shape[place];
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, sizes, NULL);
    const int failed = H5Pset_virtual(plan, space, other, name, space) < 0;
    H5Sclose(space);
    return failed || add_planned(path, name, shape, rank, plan);
}

int32_t test_hdf5_add_filtered(const char *path, const char *name, const uint64_t *shape, int32_t rank,
                               int32_t filter, uint64_t chunk_rows) {
    hsize_t chunk[4];
    if (rank > 4) return 1;
    for (int place = 0; place < rank; place++) chunk[place] = shape[place];
    chunk[0] = chunk_rows;
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    if (H5Pset_chunk(plan, rank, chunk) < 0) return 1;
    // A filter that this machine lacks may be named where it may be left out.
    if (filter != 0 && H5Pset_filter(plan, filter, H5Z_FLAG_OPTIONAL, 0, NULL) < 0) return 1;
    return add_planned(path, name, shape, rank, plan);
}
