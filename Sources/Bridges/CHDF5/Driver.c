#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "Internal.h"

// libhdf5's way to a file: a descriptor that is open already. The driver opens nothing and knows no names, so whatever
// other files a file speaks of, this one is all that is ever read or written through it. There are two of them, so that
// the one for reading has no way to write.

typedef struct descriptor_file {
    // libhdf5 sees only this.
    H5FD_t public;
    int descriptor;
    haddr_t size;
    haddr_t end_of_addresses;
} descriptor_file;

typedef struct descriptor_info {
    int descriptor;
    int is_written;
} descriptor_info;

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t most) {
    (void)name;
    (void)most;
    const descriptor_info *info = H5Pget_driver_info(access);
    const unsigned writing = H5F_ACC_RDWR | H5F_ACC_CREAT | H5F_ACC_TRUNC;
    if (info == NULL || (!info->is_written && (flags & writing) != 0)) return NULL;
    if ((flags & H5F_ACC_TRUNC) != 0 && ftruncate(info->descriptor, 0) != 0) return NULL;
    descriptor_file *file = calloc(1, sizeof *file);
    if (file == NULL) return NULL;
    file->descriptor = info->descriptor;
    // A confined process may ask for the size in no other way: glibc's fstat is a call that takes paths, too.
    const off_t size = lseek(file->descriptor, 0, SEEK_END);
    if (size < 0) {
        free(file);
        return NULL;
    }
    file->size = (haddr_t)size;
    return &file->public;
}

static herr_t driver_close(H5FD_t *file) {
    free(file);
    return 0;
}

static int driver_compare(const H5FD_t *one, const H5FD_t *other) {
    const int a = ((const descriptor_file *)one)->descriptor, b = ((const descriptor_file *)other)->descriptor;
    return (a > b) - (a < b);
}

static herr_t driver_query(const H5FD_t *file, unsigned long *flags) {
    (void)file;
    *flags = H5FD_FEAT_ACCUMULATE_METADATA_READ | H5FD_FEAT_DATA_SIEVE;
    return 0;
}

// As libhdf5's own driver gathers what is written: small things in one place.
static herr_t driver_query_writing(const H5FD_t *file, unsigned long *flags) {
    (void)file;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

static haddr_t driver_end_of_addresses(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return ((const descriptor_file *)file)->end_of_addresses;
}

static herr_t driver_set_end_of_addresses(H5FD_t *file, H5FD_mem_t type, haddr_t address) {
    (void)type;
    ((descriptor_file *)file)->end_of_addresses = address;
    return 0;
}

static haddr_t driver_end_of_file(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return (haddr_t)((const descriptor_file *)file)->size;
}

static herr_t driver_read(
    H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *buffer) {
    (void)type;
    (void)transfer;
    const descriptor_file *own = (const descriptor_file *)file;
    if (address > (haddr_t)INT64_MAX || size > (haddr_t)INT64_MAX - address) return -1;
    unsigned char *rest = buffer;
    while (size > 0) {
        const ssize_t count = pread(own->descriptor, rest, size, (off_t)address);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        if (count == 0) {
            // Behind the end of a file stand zeros, as libhdf5's own drivers have it.
            memset(rest, 0, size);
            return 0;
        }
        rest += count;
        address += (haddr_t)count;
        size -= (size_t)count;
    }
    return 0;
}

static herr_t driver_refuse_write(
    H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, const void *buffer) {
    (void)file;
    (void)type;
    (void)transfer;
    (void)address;
    (void)size;
    (void)buffer;
    return -1;
}

static herr_t driver_write(
    H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, const void *buffer) {
    (void)type;
    (void)transfer;
    descriptor_file *own = (descriptor_file *)file;
    if (address > (haddr_t)INT64_MAX || size > (haddr_t)INT64_MAX - address) return -1;
    const unsigned char *rest = buffer;
    while (size > 0) {
        const ssize_t count = pwrite(own->descriptor, rest, size, (off_t)address);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return -1;
        rest += count;
        address += (haddr_t)count;
        size -= (size_t)count;
    }
    if (address > own->size) own->size = address;
    return 0;
}

static herr_t driver_truncate(H5FD_t *file, hid_t transfer, hbool_t closing) {
    (void)transfer;
    (void)closing;
    descriptor_file *own = (descriptor_file *)file;
    if (own->size == own->end_of_addresses) return 0;
    if (ftruncate(own->descriptor, (off_t)own->end_of_addresses) != 0) return -1;
    own->size = own->end_of_addresses;
    return 0;
}

static const H5FD_class_t reading_driver = {
    .name = "descriptor",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(descriptor_info),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = driver_end_of_addresses,
    .set_eoa = driver_set_end_of_addresses,
    .get_eof = driver_end_of_file,
    .read = driver_read,
    .write = driver_refuse_write,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

static const H5FD_class_t writing_driver = {
    .name = "descriptor, written",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(descriptor_info),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query_writing,
    .get_eoa = driver_end_of_addresses,
    .set_eoa = driver_set_end_of_addresses,
    .get_eof = driver_end_of_file,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

// A list of properties that leads to a descriptor; the caller closes it.
static hid_t access_to(const H5FD_class_t *driver, descriptor_info info) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS), id = H5FDregister(driver);
    const int is_set = access >= 0 && id >= 0 && H5Pset_driver(access, id, &info) >= 0;
    // A list of properties holds on to its driver, and so does an open file.
    if (id >= 0) H5FDunregister(id);
    if (is_set) return access;
    if (access >= 0) H5Pclose(access);
    return -1;
}

// An absolute name, so that libhdf5 does not ask for the working directory.
static const char *const name_of_all = "/file";

hid_t chdf5_open_descriptor(int descriptor) {
    const hid_t access = access_to(&reading_driver, (descriptor_info){descriptor, 0});
    if (access < 0) return -1;
    const hid_t file = H5Fopen(name_of_all, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

hid_t chdf5_create_descriptor(int descriptor) {
    const hid_t access = access_to(&writing_driver, (descriptor_info){descriptor, 1});
    if (access < 0) return -1;
    const hid_t file = H5Fcreate(name_of_all, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    return file;
}
