#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Internal.h"

hid_t chdf5_memory_type(chdf5_kind kind) {
    switch (kind) {
        case CHDF5_FLOAT32: return H5T_NATIVE_FLOAT;
        case CHDF5_FLOAT64: return H5T_NATIVE_DOUBLE;
        case CHDF5_INT64: return H5T_NATIVE_INT64;
        case CHDF5_BYTE: return H5T_NATIVE_UINT8;
        case CHDF5_TEXT: break;
    }
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void chdf5_close_type(chdf5_kind kind, hid_t type) {
    if (kind == CHDF5_TEXT && type >= 0) H5Tclose(type);
}

chdf5_status chdf5_create(int descriptor, chdf5_file **out, char *message, size_t capacity) {
    *out = NULL;
    chdf5_begin();
    const hid_t id = chdf5_create_descriptor(descriptor);
    if (id < 0) return chdf5_failed("cannot make it", message, capacity);
    return chdf5_wrap(id, -1, out, message, capacity);
}

chdf5_status chdf5_finish(chdf5_file *file, char *message, size_t capacity) {
    const herr_t flushed = H5Fflush(file->id, H5F_SCOPE_LOCAL);
    const herr_t closed = H5Fclose(file->id);
    free(file);
    return flushed < 0 || closed < 0 ? chdf5_failed("cannot complete it", message, capacity) : CHDF5_OK;
}

chdf5_status chdf5_add(
    chdf5_file *file, const char *name, chdf5_kind kind, uint64_t rows, uint64_t columns, char *message,
    size_t capacity) {
    hsize_t shape[2] = {rows, columns};
    hid_t type = chdf5_memory_type(kind), set = -1;
    hid_t space = H5Screate_simple(columns == 0 ? 1 : 2, shape, NULL);
    if (space >= 0) set = H5Dcreate2(file->id, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const chdf5_status status = set < 0 ? chdf5_failed("cannot add a data set", message, capacity) : CHDF5_OK;
    if (set >= 0) H5Dclose(set);
    if (space >= 0) H5Sclose(space);
    chdf5_close_type(kind, type);
    return status;
}

chdf5_status chdf5_write(
    chdf5_file *file, const char *name, chdf5_kind kind, uint64_t first, uint64_t rows, const void *values,
    char *message, size_t capacity) {
    hid_t type = chdf5_memory_type(kind), space = -1, place = -1;
    hid_t set = H5Dopen2(file->id, name, H5P_DEFAULT);
    hsize_t shape[2] = {0, 0};
    int written = -1;
    if (set >= 0) space = H5Dget_space(set);
    if (space >= 0 && H5Sget_simple_extent_ndims(space) <= 2) {
        const int rank = H5Sget_simple_extent_dims(space, shape, NULL);
        hsize_t start[2] = {first, 0}, count[2] = {rows, shape[1]};
        place = H5Screate_simple(rank, count, NULL);
        if (place >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0)
            written = H5Dwrite(set, type, place, space, H5P_DEFAULT, values);
    }
    const chdf5_status status = written < 0 ? chdf5_failed("cannot write rows", message, capacity) : CHDF5_OK;
    if (place >= 0) H5Sclose(place);
    if (space >= 0) H5Sclose(space);
    if (set >= 0) H5Dclose(set);
    chdf5_close_type(kind, type);
    return status;
}

static chdf5_status set_attribute(
    chdf5_file *file, const char *name, hid_t type, const void *value, char *message, size_t capacity) {
    hid_t space = H5Screate(H5S_SCALAR), attribute = -1;
    if (space >= 0) attribute = H5Acreate2(file->id, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const herr_t written = attribute < 0 ? -1 : H5Awrite(attribute, type, value);
    const chdf5_status status =
        written < 0 ? chdf5_failed("cannot add an attribute", message, capacity) : CHDF5_OK;
    if (attribute >= 0) H5Aclose(attribute);
    if (space >= 0) H5Sclose(space);
    return status;
}

chdf5_status chdf5_set_text(chdf5_file *file, const char *name, const char *text, char *message, size_t capacity) {
    hid_t type = chdf5_memory_type(CHDF5_TEXT);
    const chdf5_status status = set_attribute(file, name, type, &text, message, capacity);
    chdf5_close_type(CHDF5_TEXT, type);
    return status;
}

chdf5_status chdf5_set_integer(chdf5_file *file, const char *name, int64_t value, char *message, size_t capacity) {
    return set_attribute(file, name, H5T_NATIVE_INT64, &value, message, capacity);
}
