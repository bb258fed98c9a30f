#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "Internal.h"

// A matrix while it is open, with what is known of it.
typedef struct matrix {
    chdf5_set data;
    hsize_t shape[2];
    chdf5_numbers numbers;
} matrix;

static herr_t innermost(unsigned depth, const H5E_error2_t *error, void *context) {
    (void)depth;
    const char **reason = context;
    if (*reason == NULL && error->desc != NULL && error->desc[0] != '\0') *reason = error->desc;
    return 0;
}

chdf5_status chdf5_failed(const char *what, char *message, size_t capacity) {
    const char *reason = NULL;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &reason);
    snprintf(message, capacity, "%s: %s", what, reason == NULL ? "no reason was given" : reason);
    H5Eclear2(H5E_DEFAULT);
    return CHDF5_FAILED;
}

void chdf5_begin(void) {
    // What a damaged file left behind in libhdf5 would be complained about on standard error when the process ends.
    H5dont_atexit();
    // Errors come back as statuses, not on standard error.
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);
}

chdf5_status chdf5_wrap(hid_t id, chdf5_file **out, char *message, size_t capacity) {
    chdf5_file *file = malloc(sizeof *file);
    if (file == NULL) {
        H5Fclose(id);
        snprintf(message, capacity, "no memory");
        return CHDF5_FAILED;
    }
    file->id = id;
    *out = file;
    return CHDF5_OK;
}

chdf5_status chdf5_open(const char *path, chdf5_file **out, char *message, size_t capacity) {
    *out = NULL;
    chdf5_begin();
    if (access(path, F_OK) != 0) {
        snprintf(message, capacity, "no such file");
        return CHDF5_ABSENT;
    }
    if (H5Fis_hdf5(path) <= 0) {
        H5Eclear2(H5E_DEFAULT);
        snprintf(message, capacity, "is not an HDF5 file");
        return CHDF5_UNFIT;
    }
    hid_t id = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (id < 0) return chdf5_failed("cannot open it", message, capacity);
    return chdf5_wrap(id, out, message, capacity);
}

void chdf5_close(chdf5_file *file) {
    H5Fclose(file->id);
    free(file);
}

void chdf5_close_set(chdf5_set *set) {
    if (set->type >= 0) H5Tclose(set->type);
    if (set->space >= 0) H5Sclose(set->space);
    if (set->set >= 0) H5Dclose(set->set);
    *set = (chdf5_set){.set = -1, .space = -1, .type = -1};
}

chdf5_status chdf5_open_set(
    chdf5_file *file, const char *name, chdf5_set *out, char *message, size_t capacity) {
    *out = (chdf5_set){.set = -1, .space = -1, .type = -1};
    H5L_info_t link;
    if (H5Lget_info(file->id, name, &link, H5P_DEFAULT) < 0) {
        H5Eclear2(H5E_DEFAULT);
        snprintf(message, capacity, "has no data set '%s'", name);
        return CHDF5_ABSENT;
    }
    // A link into another file would read what nobody named.
    if (link.type != H5L_TYPE_HARD) {
        snprintf(message, capacity, "'%s' is a link, not a data set", name);
        return CHDF5_UNFIT;
    }
    out->set = H5Dopen2(file->id, name, H5P_DEFAULT);
    if (out->set >= 0) out->space = H5Dget_space(out->set);
    if (out->space >= 0) out->type = H5Dget_type(out->set);
    return out->type < 0 ? chdf5_failed("cannot open the data set", message, capacity) : CHDF5_OK;
}

static void close_matrix(matrix *matrix) { chdf5_close_set(&matrix->data); }

// Opens a matrix of the root group; to be closed only if it succeeds.
static chdf5_status open_matrix(chdf5_file *file, const char *name, matrix *out, char *message, size_t capacity) {
    chdf5_status status = chdf5_open_set(file, name, &out->data, message, capacity);
    if (status != CHDF5_OK) {
        close_matrix(out);
        return status;
    }
    const H5T_class_t class = H5Tget_class(out->data.type);
    if (H5Sget_simple_extent_ndims(out->data.space) != 2
        || H5Sget_simple_extent_dims(out->data.space, out->shape, NULL) != 2) {
        snprintf(message, capacity, "'%s' is not a matrix", name);
        status = CHDF5_UNFIT;
    } else if (class == H5T_FLOAT) {
        out->numbers = CHDF5_REAL;
    } else if (class == H5T_INTEGER) {
        out->numbers = CHDF5_WHOLE;
    } else {
        snprintf(message, capacity, "'%s' does not hold numbers", name);
        status = CHDF5_UNFIT;
    }
    if (status != CHDF5_OK) close_matrix(out);
    return status;
}

chdf5_status chdf5_shape(chdf5_file *file, const char *name, uint64_t *rows, uint64_t *columns,
                         chdf5_numbers *numbers, char *message, size_t capacity) {
    matrix matrix;
    chdf5_status status = open_matrix(file, name, &matrix, message, capacity);
    if (status != CHDF5_OK) return status;
    *rows = matrix.shape[0];
    *columns = matrix.shape[1];
    *numbers = matrix.numbers;
    close_matrix(&matrix);
    return CHDF5_OK;
}

static chdf5_status read_rows(chdf5_file *file, const char *name, chdf5_numbers numbers, hid_t type, uint64_t first,
                              uint64_t rows, void *out, size_t room, char *message, size_t capacity) {
    matrix matrix;
    chdf5_status status = open_matrix(file, name, &matrix, message, capacity);
    if (status != CHDF5_OK) return status;
    hsize_t columns = matrix.shape[1];
    if (matrix.numbers != numbers) {
        snprintf(message, capacity, "'%s' holds numbers of another kind", name);
        status = CHDF5_UNFIT;
    } else if (first > matrix.shape[0] || rows > matrix.shape[0] - first ||
               (columns != 0 && rows > room / columns)) {
        snprintf(message, capacity, "'%s' has not the rows that were asked for, or they do not fit", name);
        status = CHDF5_UNFIT;
    } else if (rows != 0 && columns != 0) {
        hsize_t start[2] = {first, 0}, count[2] = {rows, columns};
        hid_t place = H5Screate_simple(2, count, NULL);
        if (place < 0 || H5Sselect_hyperslab(matrix.data.space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
            H5Dread(matrix.data.set, type, place, matrix.data.space, H5P_DEFAULT, out) < 0) {
            status = chdf5_failed("cannot read rows", message, capacity);
        }
        if (place >= 0) H5Sclose(place);
    }
    close_matrix(&matrix);
    return status;
}

chdf5_status chdf5_read_floats(chdf5_file *file, const char *name, uint64_t first, uint64_t rows, float *out,
                               size_t room, char *message, size_t capacity) {
    return read_rows(file, name, CHDF5_REAL, H5T_NATIVE_FLOAT, first, rows, out, room, message, capacity);
}

chdf5_status chdf5_read_integers(chdf5_file *file, const char *name, uint64_t first, uint64_t rows, int64_t *out,
                                 size_t room, char *message, size_t capacity) {
    return read_rows(file, name, CHDF5_WHOLE, H5T_NATIVE_INT64, first, rows, out, room, message, capacity);
}

// Copies text that libhdf5 allocates, or that stands in the attribute itself.
static chdf5_status read_text(hid_t attribute, hid_t type, char *text, size_t room, char *message,
                              size_t capacity) {
    hid_t space = H5Aget_space(attribute);
    hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    if (space >= 0) H5Sclose(space);
    if (H5Tget_class(type) != H5T_STRING || count != 1) {
        snprintf(message, capacity, "the attribute is not one text");
        return CHDF5_UNFIT;
    }
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_cset(memory, H5Tget_cset(type));
    chdf5_status status = CHDF5_OK;
    if (H5Tis_variable_str(type) > 0) {
        char *found = NULL;
        H5Tset_size(memory, H5T_VARIABLE);
        if (H5Aread(attribute, memory, &found) < 0) {
            status = chdf5_failed("cannot read an attribute", message, capacity);
        } else {
            snprintf(text, room, "%s", found == NULL ? "" : found);
        }
        H5free_memory(found);
    } else {
        H5Tset_size(memory, room);
        if (H5Aread(attribute, memory, text) < 0) status = chdf5_failed("cannot read an attribute", message, capacity);
        text[room - 1] = '\0';
    }
    H5Tclose(memory);
    return status;
}

chdf5_status chdf5_text(chdf5_file *file, const char *name, char *text, size_t room, char *message,
                        size_t capacity) {
    if (room == 0 || H5Aexists(file->id, name) <= 0) {
        H5Eclear2(H5E_DEFAULT);
        snprintf(message, capacity, "has no attribute '%s'", name);
        return CHDF5_ABSENT;
    }
    memset(text, 0, room);
    hid_t attribute = H5Aopen(file->id, name, H5P_DEFAULT);
    hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    chdf5_status status = type < 0 ? chdf5_failed("cannot open an attribute", message, capacity)
                                   : read_text(attribute, type, text, room, message, capacity);
    if (type >= 0) H5Tclose(type);
    if (attribute >= 0) H5Aclose(attribute);
    return status;
}
