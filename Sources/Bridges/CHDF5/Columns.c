#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Internal.h"

// Nothing but our export writes such columns.
static const uint64_t most_chunk_bytes = UINT64_C(64) << 20;

// A column while it is open.
typedef struct column {
    chdf5_set data;
    int rank;
    hsize_t shape[2];
} column;

static void close_column(column *column) { chdf5_close_set(&column->data); }

static int is_of_kind(hid_t type, chdf5_kind kind) {
    switch (kind) {
        case CHDF5_FLOAT32:
        case CHDF5_FLOAT64: return H5Tget_class(type) == H5T_FLOAT;
        case CHDF5_INT64:
        case CHDF5_BYTE: return H5Tget_class(type) == H5T_INTEGER;
        case CHDF5_TEXT: return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
    }
    return 0;
}

// Opens a column of the root group; to be closed only if it succeeds.
static chdf5_status open_column(
    chdf5_file *file, const char *name, chdf5_kind kind, column *out, char *message, size_t capacity) {
    chdf5_status status = chdf5_open_set(file, name, most_chunk_bytes, &out->data, message, capacity);
    if (status == CHDF5_OK) {
        out->rank = H5Sget_simple_extent_ndims(out->data.space);
        if (out->rank < 1 || out->rank > 2 || H5Sget_simple_extent_dims(out->data.space, out->shape, NULL) < 1
            || !is_of_kind(out->data.type, kind)) {
            snprintf(message, capacity, "'%s' is not a column of the kind that is needed", name);
            status = CHDF5_UNFIT;
        }
        H5Eclear2(H5E_DEFAULT);
    }
    if (status != CHDF5_OK) close_column(out);
    return status;
}

chdf5_status chdf5_column(
    chdf5_file *file, const char *name, chdf5_kind kind, uint64_t *rows, uint64_t *columns, char *message,
    size_t capacity) {
    column column;
    const chdf5_status status = open_column(file, name, kind, &column, message, capacity);
    if (status != CHDF5_OK) return status;
    *rows = column.shape[0];
    *columns = column.rank == 2 ? column.shape[1] : 0;
    close_column(&column);
    return CHDF5_OK;
}

// Selects rows of an open column; -1 where it has not so many.
static hid_t select_rows(const column *column, uint64_t first, uint64_t rows) {
    if (first > column->shape[0] || rows > column->shape[0] - first) return -1;
    hsize_t start[2] = {first, 0}, count[2] = {rows, column->shape[1]};
    if (H5Sselect_hyperslab(column->data.space, H5S_SELECT_SET, start, NULL, count, NULL) < 0) return -1;
    return H5Screate_simple(column->rank, count, NULL);
}

chdf5_status chdf5_read(
    chdf5_file *file, const char *name, chdf5_kind kind, uint64_t first, uint64_t rows, void *out, size_t room,
    char *message, size_t capacity) {
    column column;
    chdf5_status status = open_column(file, name, kind, &column, message, capacity);
    if (status != CHDF5_OK) return status;
    const hsize_t width = column.rank == 2 ? column.shape[1] : 1;
    if (kind == CHDF5_TEXT || (width != 0 && rows > room / width)) {
        snprintf(message, capacity, "'%s' has more than was made room for", name);
        status = CHDF5_UNFIT;
    } else if (rows != 0 && width != 0) {
        hid_t place = select_rows(&column, first, rows);
        if (place < 0) {
            snprintf(message, capacity, "'%s' has not the rows that were asked for", name);
            status = CHDF5_UNFIT;
        } else if (H5Dread(column.data.set, chdf5_memory_type(kind), place, column.data.space, H5P_DEFAULT, out) < 0) {
            status = chdf5_failed("cannot read rows", message, capacity);
        }
        if (place >= 0) H5Sclose(place);
    }
    close_column(&column);
    return status;
}

// The memory of texts that libhdf5 reads: each block knows the one before, all are freed at once.
typedef struct text_block {
    struct text_block *before;
    char bytes[];
} text_block;

typedef struct text_memory {
    text_block *last;
    size_t left;
    int is_exceeded;
} text_memory;

static void *take_text_memory(size_t size, void *info) {
    text_memory *memory = info;
    if (size > memory->left) {
        memory->is_exceeded = 1;
        return NULL;
    }
    text_block *block = malloc(sizeof *block + size);
    if (block == NULL) return NULL;
    memory->left -= size;
    block->before = memory->last;
    memory->last = block;
    return block->bytes;
}

static void keep_text_memory(void *bytes, void *info) {
    (void)bytes;
    (void)info;
}

static void free_text_memory(text_memory *memory) {
    while (memory->last != NULL) {
        text_block *before = memory->last->before;
        free(memory->last);
        memory->last = before;
    }
}

chdf5_status chdf5_read_texts(
    chdf5_file *file, const char *name, uint64_t first, uint64_t rows, size_t most,
    void (*take)(void *context, const char *text), void *context, char *message, size_t capacity) {
    column column;
    chdf5_status status = open_column(file, name, CHDF5_TEXT, &column, message, capacity);
    if (status != CHDF5_OK) return status;
    if (column.rank != 1 || rows > SIZE_MAX / sizeof(char *)) {
        close_column(&column);
        snprintf(message, capacity, "'%s' is not a list of texts", name);
        return CHDF5_UNFIT;
    }
    hid_t place = select_rows(&column, first, rows), type = chdf5_memory_type(CHDF5_TEXT);
    // Texts of another character set are read as the bytes that they are.
    H5Tset_cset(type, H5Tget_cset(column.data.type));
    char **texts = calloc(rows == 0 ? 1 : rows, sizeof *texts);
    // H5Dvlen_get_buf_size would say beforehand whether they are too long, but reads them one by one for that.
    text_memory memory = {.left = most};
    const hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
    if (place < 0 || texts == NULL) {
        snprintf(message, capacity, "'%s' has not the rows that were asked for", name);
        status = CHDF5_UNFIT;
    } else if (
        transfer < 0
        || H5Pset_vlen_mem_manager(transfer, take_text_memory, &memory, keep_text_memory, NULL) < 0
        || H5Dread(column.data.set, type, place, column.data.space, transfer, texts) < 0) {
        status = chdf5_failed("cannot read texts", message, capacity);
        if (memory.is_exceeded) {
            snprintf(message, capacity, "'%s' has texts that are too long", name);
            status = CHDF5_TOO_LONG;
        }
    } else {
        for (uint64_t row = 0; row < rows; row++) take(context, texts[row] == NULL ? "" : texts[row]);
    }
    free_text_memory(&memory);
    free(texts);
    if (transfer >= 0) H5Pclose(transfer);
    if (place >= 0) H5Sclose(place);
    chdf5_close_type(CHDF5_TEXT, type);
    close_column(&column);
    return status;
}

chdf5_status chdf5_integer(chdf5_file *file, const char *name, int64_t *value, char *message, size_t capacity) {
    if (H5Aexists(file->id, name) <= 0) {
        H5Eclear2(H5E_DEFAULT);
        snprintf(message, capacity, "has no attribute '%s'", name);
        return CHDF5_ABSENT;
    }
    hid_t attribute = H5Aopen(file->id, name, H5P_DEFAULT);
    hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    chdf5_status status = CHDF5_OK;
    if (type < 0 || space < 0 || H5Tget_class(type) != H5T_INTEGER || H5Sget_simple_extent_npoints(space) != 1) {
        snprintf(message, capacity, "the attribute '%s' is not one whole number", name);
        status = CHDF5_UNFIT;
    } else if (H5Aread(attribute, H5T_NATIVE_INT64, value) < 0) {
        status = chdf5_failed("cannot read an attribute", message, capacity);
    }
    H5Eclear2(H5E_DEFAULT);
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    if (attribute >= 0) H5Aclose(attribute);
    return status;
}
