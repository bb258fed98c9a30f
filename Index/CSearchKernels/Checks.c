#include <math.h>
#include <stdint.h>

#include "CSearchKernels.h"

csk_rows_verdict csk_check_rows(
    const float *rows, size_t count, size_t dimension, double tolerance, size_t *bad_row, double *length) {
    for (size_t r = 0; r < count; r++) {
        double squares[4] = {0};
        const float *row = rows + r * dimension;
        for (size_t i = 0; i < dimension; i++) squares[i % 4] += (double)row[i] * (double)row[i];
        const double found = sqrt(squares[0] + squares[1] + squares[2] + squares[3]);
        if (fabs(found - 1) <= tolerance) continue;
        *bad_row = r, *length = found;
        // The squares of finite floats cannot overflow a double.
        return isfinite(found) ? csk_row_not_unit : csk_row_not_finite;
    }
    return csk_rows_good;
}

void csk_survey_ids(
    const int64_t *ids, size_t count, size_t *disorder, int64_t *least, int64_t *greatest) {
    *disorder = 0, *least = INT64_MAX, *greatest = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && ids[i] <= ids[i - 1]) ++*disorder;
        if (ids[i] < *least) *least = ids[i];
        if (ids[i] > *greatest) *greatest = ids[i];
    }
}

int csk_are_within(const float *numbers, size_t count, float least, float greatest) {
    int are = 1;
    // A NaN is neither above nor below anything.
    for (size_t i = 0; i < count; i++) are &= numbers[i] >= least && numbers[i] <= greatest;
    return are;
}
