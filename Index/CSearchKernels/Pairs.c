#include <math.h>

#include "CSearchKernels.h"

void csk_add_to_sums(const float *row, size_t dimension, double *sums) {
    for (size_t i = 0; i < dimension; i++) sums[i] += row[i];
}

float csk_row_reach(const float *row, const float *mean, size_t dimension) {
    float reach = 0;
    for (size_t i = 0; i < dimension; i++) reach = fmaxf(reach, fabsf(row[i] - mean[i]));
    return reach;
}

int32_t csk_fill_lane(
    const float *row, const float *mean, size_t dimension, float step, int8_t *tile, size_t lane,
    csk_tile_facts *facts) {
    double along = 0, square = 0, error = 0;
    int32_t sum = 0;
    for (size_t i = 0; i < dimension; i++) {
        const double number = (double)row[i] - mean[i];
        double whole = rint(number / step);
        // A number beyond the bytes' reach counts as error, so that nothing is lost by it.
        whole = whole > 127 ? 127 : whole < -127 ? -127 : whole;
        const double left = number - whole * step;
        along += number * mean[i];
        square += number * number;
        error += left * left;
        sum += (int32_t)whole;
        tile[(i / 4) * 4 * csk_tile_rows + 4 * lane + i % 4] = (int8_t)whole;
    }
    *facts = (csk_tile_facts){
        .along_mean = (float)along, .length = (float)sqrt(square), .error = (float)sqrt(error)};
    return sum;
}

void csk_bias_tiles(const int8_t *tiles, size_t count, uint8_t *columns) {
    for (size_t i = 0; i < count; i++) columns[i] = (uint8_t)tiles[i] ^ 0x80;
}
