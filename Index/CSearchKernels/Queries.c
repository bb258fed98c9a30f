#include <math.h>
#include <string.h>

#include "CSearchKernels.h"

static double inner_product(const float *a, const float *b, size_t dimension) {
    double sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

void csk_move_row(
    const float *rows, size_t own, const size_t *others, size_t other_count, size_t dimension,
    double similarity, float *out) {
    const float *row = rows + own * dimension;
    memset(out, 0, dimension * sizeof(float));
    for (size_t o = 0; o < other_count; o++) {
        const float *other = rows + others[o] * dimension;
        const float sign = o % 2 == 0 ? 1 : -1;
        for (size_t i = 0; i < dimension; i++) out[i] += sign * other[i];
    }
    const double along = inner_product(row, out, dimension);
    for (size_t i = 0; i < dimension; i++) out[i] -= (float)along * row[i];
    const double length = sqrt(inner_product(out, out, dimension));
    // Where all rows are equal there is no direction: the row stays where it is.
    const double share = length > 1e-4 ? sqrt(1 - similarity * similarity) / length : 0;
    const double kept = length > 1e-4 ? similarity : 1;
    for (size_t i = 0; i < dimension; i++) out[i] = (float)(kept * (double)row[i] + share * (double)out[i]);
}

void csk_mix_rows(
    const float *rows, size_t own, size_t other, size_t dimension, double share, float *out) {
    const float *a = rows + own * dimension, *b = rows + other * dimension;
    for (size_t i = 0; i < dimension; i++) out[i] = a[i] + (float)share * b[i];
    const double length = sqrt(inner_product(out, out, dimension));
    if (length < 1e-4) memcpy(out, a, dimension * sizeof(float));
    for (size_t i = 0; i < dimension && length >= 1e-4; i++) out[i] = (float)((double)out[i] / length);
}
