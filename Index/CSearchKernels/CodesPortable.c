#include <math.h>

#include "Kernels.h"

#pragma STDC FP_CONTRACT OFF

static uint8_t saturated(uint32_t sum) { return (uint8_t)(sum > 255 ? 255 : sum); }

// The whole of one plane at a time, so that compilers find the loop over faces whatever vectors there are.
static void add_costs(uint8_t *sums, const uint8_t *codes, const uint8_t *costs) {
    for (size_t f = 0; f < csk_block_faces; f++)
        sums[f] = saturated((uint32_t)sums[f] + costs[codes[f] & 63]);
}

static void scan_portable(
    const uint8_t *blocks, size_t block_count, size_t groups, const uint8_t *costs, uint32_t cutoff,
    uint64_t *masks) {
    for (size_t b = 0; b < block_count; b++) {
        uint8_t sums[csk_block_faces] = {0}, spread[csk_block_faces];
        for (size_t g = 0; g < groups; g++) {
            const uint8_t *planes = blocks + (b * groups + g) * csk_group_bytes;
            const uint8_t *table = costs + g * csk_group_codes * csk_code_values;
            for (size_t p = 0; p < 16; p++)
                add_costs(sums, planes + p * csk_block_faces, table + p * csk_code_values);
            for (size_t i = 0; i < 5; i++) {
                const uint8_t *low = planes + 3 * i * csk_block_faces;
                for (size_t f = 0; f < csk_block_faces; f++)
                    spread[f] = (uint8_t)(low[f] >> 6 | (low[f + csk_block_faces] >> 6) << 2
                                          | (low[f + 2 * csk_block_faces] >> 6) << 4);
                add_costs(sums, spread, table + (16 + i) * csk_code_values);
            }
        }
        uint64_t mask = 0;
        for (size_t f = 0; f < csk_block_faces; f++) mask |= (uint64_t)(sums[f] <= cutoff) << f;
        masks[b] = mask;
    }
}

static void dots_portable(
    const int8_t *probe, const uint8_t *rows, size_t dimension, const uint32_t *which, size_t count,
    int32_t *out) {
    for (size_t r = 0; r < count; r++) {
        const uint8_t *row = rows + (which != NULL ? which[r] : r) * dimension;
        int32_t sum = 0;
        for (size_t i = 0; i < dimension; i++) sum += (int32_t)row[i] * probe[i];
        out[r] = sum;
    }
}

static void accumulate_portable(float weight, const float *values, float *sums) {
    for (size_t v = 0; v < csk_code_values; v++) sums[v] = sums[v] + weight * values[v];
}

static void costs_portable(const float *values, float top, float inverse_step, uint8_t *costs) {
    for (size_t v = 0; v < csk_code_values; v++) {
        const float cost = (top - values[v]) * inverse_step;
        costs[v] = cost < 255.0f ? (uint8_t)rintf(cost) : 255;
    }
}

static void nearest_portable(
    const uint8_t *rows, const float *scales, size_t count, size_t width, const int8_t *centres,
    const int32_t *offsets, const float *biases, size_t tiles, uint32_t *best) {
    for (size_t r = 0; r < count; r++) {
        const uint8_t *row = rows + r * width;
        float highest = -INFINITY;
        best[r] = 0;
        for (size_t t = 0; t < tiles; t++) {
            const int8_t *tile = centres + t * width * 16;
            for (size_t c = 0; c < 16; c++) {
                int32_t sum = 0;
                for (size_t i = 0; i < width; i++)
                    sum += (int32_t)row[i] * tile[i / 4 * 64 + c * 4 + i % 4];
                const float score = (float)(sum - offsets[t * 16 + c]) * scales[r] + biases[t * 16 + c];
                if (score > highest) highest = score, best[r] = (uint32_t)(t * 16 + c);
            }
        }
    }
}

const csk_code_kernel csk_codes_portable = {
    scan_portable, csk_pick_bits, dots_portable, accumulate_portable, costs_portable, nearest_portable};
