#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "Bytes.h"
#include "Encoding.h"
#include "Memory.h"
#include "Kernels.h"

#pragma STDC FP_CONTRACT OFF

struct csk_centres {
    size_t dimension, width, tiles;
    float step;
    int8_t *bytes;
    int32_t *offsets;
    float *biases;
};

csk_centres *csk_centres_new(const float *centres, const float *biases, size_t count, size_t dimension) {
    csk_centres *made = csk_allocate_zeros(sizeof *made);
    if (made == NULL) return NULL;
    made->dimension = dimension;
    made->width = (dimension + 3) / 4 * 4;
    made->tiles = (count + 15) / 16;
    made->bytes = csk_allocate_aligned(made->tiles * 16 * made->width);
    made->offsets = csk_allocate_aligned(made->tiles * 64);
    made->biases = csk_allocate_aligned(made->tiles * 64);
    if (made->bytes == NULL || made->offsets == NULL || made->biases == NULL) {
        csk_centres_free(made);
        return NULL;
    }
    const float most = csk_largest(centres, count * dimension);
    made->step = most > 0 ? most / 127 : 1;
    memset(made->bytes, 0, made->tiles * 16 * made->width);
    for (size_t c = 0; c < made->tiles * 16; c++) {
        made->offsets[c] = 0;
        // A place without a centre is never nearest.
        made->biases[c] = -INFINITY;
        if (c >= count) continue;
        const float *centre = centres + c * dimension;
        int8_t *tile = made->bytes + c / 16 * 16 * made->width;
        double squares = 0;
        int32_t sum = 0;
        for (size_t i = 0; i < dimension; i++) {
            const int8_t whole = (int8_t)lrintf(centre[i] / made->step);
            tile[i / 4 * 64 + c % 16 * 4 + i % 4] = whole;
            sum += whole;
            squares += (double)centre[i] * (double)centre[i];
        }
        made->offsets[c] = 128 * sum;
        made->biases[c] = biases != NULL ? biases[c] : (float)(-squares / 2);
    }
    return made;
}

void csk_centres_free(csk_centres *centres) {
    free(centres->bytes);
    free(centres->offsets);
    free(centres->biases);
    free(centres);
}

int csk_assign(
    const csk_kernel *kernel, const csk_centres *centres, const float *const *vectors, size_t count,
    uint32_t *best) {
    enum { at_once = 64 };
    uint8_t *bytes = csk_allocate(at_once * centres->width);
    float scales[at_once];
    if (bytes == NULL) return 0;
    memset(bytes, 128, at_once * centres->width);
    for (size_t first = 0; first < count; first += at_once) {
        const size_t some = count - first < at_once ? count - first : at_once;
        for (size_t r = 0; r < some; r++) {
            const float *vector = vectors[first + r];
            const float most = csk_largest(vector, centres->dimension);
            const float step = most > 0 ? most / 127 : 1;
            csk_to_bytes(vector, centres->dimension, step, bytes + r * centres->width);
            scales[r] = step * centres->step;
        }
        kernel->codes->nearest(
            bytes, scales, some, centres->width, centres->bytes, centres->offsets, centres->biases, centres->tiles,
            best + first);
    }
    free(bytes);
    return 1;
}
