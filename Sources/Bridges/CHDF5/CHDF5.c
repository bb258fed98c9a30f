#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "Internal.h"

// As much as two of may stand in memory beside all else; some programs write a matrix as one chunk.
static const uint64_t most_matrix_chunk_bytes = UINT64_C(1) << 30;

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
    // Nothing that a file names is code to be loaded.
    H5PLset_loading_state(0);
}

chdf5_status chdf5_wrap(hid_t id, int descriptor, chdf5_file **out, char *message, size_t capacity) {
    chdf5_file *file = malloc(sizeof *file);
    if (file == NULL) {
        H5Fclose(id);
        snprintf(message, capacity, "no memory");
        return CHDF5_FAILED;
    }
    *file = (chdf5_file){.id = id, .descriptor = descriptor};
    *out = file;
    return CHDF5_OK;
}

// Whether a file has the mark of HDF5, which stands at its begin, or at 512, 1024, 2048 … bytes.
static int has_mark(int descriptor) {
    const int64_t size = lseek(descriptor, 0, SEEK_END);
    static const unsigned char mark[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
    for (int64_t place = 0; place <= size - (int64_t)sizeof mark; place = place == 0 ? 512 : 2 * place) {
        unsigned char bytes[sizeof mark];
        if (pread(descriptor, bytes, sizeof bytes, place) != sizeof bytes) return 0;
        if (memcmp(bytes, mark, sizeof mark) == 0) return 1;
    }
    return 0;
}

static chdf5_status open_descriptor(int descriptor, chdf5_file **out, char *message, size_t capacity) {
    if (!has_mark(descriptor)) {
        snprintf(message, capacity, "is not an HDF5 file");
        return CHDF5_UNFIT;
    }
    const hid_t id = chdf5_open_descriptor(descriptor);
    if (id < 0) return chdf5_failed("cannot open it", message, capacity);
    return chdf5_wrap(id, descriptor, out, message, capacity);
}

chdf5_status chdf5_open(int descriptor, chdf5_file **out, char *message, size_t capacity) {
    *out = NULL;
    chdf5_begin();
    const chdf5_status status = open_descriptor(descriptor, out, message, capacity);
    if (status != CHDF5_OK) close(descriptor);
    return status;
}

void chdf5_close(chdf5_file *file) {
    H5Fclose(file->id);
    if (file->descriptor >= 0) close(file->descriptor);
    free(file);
}

void chdf5_close_set(chdf5_set *set) {
    if (set->type >= 0) H5Tclose(set->type);
    if (set->space >= 0) H5Sclose(set->space);
    if (set->set >= 0) H5Dclose(set->set);
    *set = (chdf5_set){.set = -1, .space = -1, .type = -1};
}

// Why a data set cannot be read; an empty message where it can.
static void find_fault(hid_t set, const char *name, uint64_t most_chunk_bytes, char *message, size_t capacity) {
    const hid_t list = H5Dget_create_plist(set), type = H5Dget_type(set);
    const H5D_layout_t layout = list < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(list);
    message[0] = '\0';
    if (layout == H5D_VIRTUAL || (layout != H5D_LAYOUT_ERROR && H5Pget_external_count(list) != 0)) {
        snprintf(
            message, capacity, "'%s' lies in other files, which are not read; write its numbers into this one", name);
    } else if (type < 0 || (layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED && layout != H5D_COMPACT)) {
        snprintf(message, capacity, "'%s' is laid out in a way that is not known", name);
    }
    for (int place = 0; message[0] == '\0' && place < H5Pget_nfilters(list); place++) {
        unsigned flags, configuration;
        size_t values = 0;
        const H5Z_filter_t filter = H5Pget_filter2(list, place, &flags, &values, NULL, 0, NULL, &configuration);
        // The other numbers are those of filters that libhdf5 would load from a file of code.
        if (filter < H5Z_FILTER_DEFLATE || filter > H5Z_FILTER_SCALEOFFSET || H5Zfilter_avail(filter) <= 0) {
            snprintf(
                message, capacity, "'%s' is packed with filter %d, which is not known; write it with gzip or unpacked",
                name, (int)filter);
        }
    }
    if (message[0] == '\0' && layout == H5D_CHUNKED) {
        hsize_t chunk[H5S_MAX_RANK];
        const int rank = H5Pget_chunk(list, H5S_MAX_RANK, chunk);
        uint64_t left = rank < 1 ? 0 : most_chunk_bytes / (H5Tget_size(type) == 0 ? 1 : H5Tget_size(type));
        for (int place = 0; place < rank; place++) left = chunk[place] == 0 ? 0 : left / chunk[place];
        if (left == 0) {
            snprintf(
                message, capacity, "'%s' lies in chunks of over %llu MiB; write smaller ones", name,
                (unsigned long long)(most_chunk_bytes >> 20));
        }
    }
    if (type >= 0) H5Tclose(type);
    if (list >= 0) H5Pclose(list);
    H5Eclear2(H5E_DEFAULT);
}

chdf5_status chdf5_open_set(
    chdf5_file *file, const char *name, uint64_t most_chunk_bytes, chdf5_set *out, char *message, size_t capacity) {
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
    if (out->set >= 0) {
        // Before anything is asked for that libhdf5 would look into other files for.
        find_fault(out->set, name, most_chunk_bytes, message, capacity);
        if (message[0] != '\0') return CHDF5_UNFIT;
        out->space = H5Dget_space(out->set);
    }
    if (out->space >= 0) out->type = H5Dget_type(out->set);
    return out->type < 0 ? chdf5_failed("cannot open the data set", message, capacity) : CHDF5_OK;
}

static void close_matrix(matrix *matrix) { chdf5_close_set(&matrix->data); }

// Opens a matrix of the root group; to be closed only if it succeeds.
static chdf5_status open_matrix(chdf5_file *file, const char *name, matrix *out, char *message, size_t capacity) {
    chdf5_status status = chdf5_open_set(file, name, most_matrix_chunk_bytes, &out->data, message, capacity);
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
