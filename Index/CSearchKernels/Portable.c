#include <string.h>

#include "Kernels.h"

#pragma STDC FP_CONTRACT OFF

static void add_products(float *lanes, const float *a, const float *b) {
    for (int i = 0; i < csk_lanes; i++) lanes[i] = lanes[i] + a[i] * b[i];
}

static float fold(float *lanes) {
    for (int half = csk_lanes / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] = lanes[i] + lanes[i + half];
    return lanes[0];
}

static float inner_product(const float *probe, const unsigned char *row, size_t dimension) {
    float lanes[csk_lanes] = {0}, part[csk_lanes];
    size_t whole = dimension / csk_lanes * csk_lanes;
    for (size_t i = 0; i < whole; i += csk_lanes) {
        memcpy(part, row + i * sizeof(float), sizeof part);
        add_products(lanes, probe + i, part);
    }
    if (whole < dimension) {
        float rest[csk_lanes] = {0};
        memset(part, 0, sizeof part);
        memcpy(part, row + whole * sizeof(float), (dimension - whole) * sizeof(float));
        memcpy(rest, probe + whole, (dimension - whole) * sizeof(float));
        add_products(lanes, rest, part);
    }
    return fold(lanes);
}

static void rows_portable(const float *probe, const void *rows, size_t count, size_t dimension, float *out) {
    const unsigned char *row = rows;
    for (size_t r = 0; r < count; r++, row += dimension * sizeof(float))
        out[r] = inner_product(probe, row, dimension);
}

static void block_portable(
    const float *const *probes, const void *rows, size_t count, size_t dimension, float *out, size_t stride) {
    for (size_t p = 0; p < csk_group; p++) rows_portable(probes[p], rows, count, dimension, out + p * stride);
}

const csk_kernel csk_portable = {"portable", rows_portable, block_portable, &csk_codes_portable, csk_pairs_portable};
