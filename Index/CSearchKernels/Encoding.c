#include "Encoding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "Bytes.h"
#include "Kernels.h"
#include "Memory.h"

#pragma STDC FP_CONTRACT OFF

enum { encoded_at_once = 16 };

struct csk_encoder {
    float *residuals, *turned, *half_squares;
    uint8_t *codes;
};

csk_encoder *csk_encoder_new(const csk_quantizer *quantizer) {
    csk_encoder *made = csk_allocate_zeros(sizeof *made);
    if (made == NULL) return NULL;
    const size_t dimension = quantizer->dimension, spaces = quantizer->groups * csk_group_codes;
    made->residuals = csk_allocate(encoded_at_once * dimension * sizeof(float));
    made->turned = csk_allocate(encoded_at_once * dimension * sizeof(float));
    made->half_squares = csk_allocate_zeros(spaces * csk_code_values * sizeof(float));
    made->codes = csk_allocate(spaces);
    if (made->residuals == NULL || made->turned == NULL || made->half_squares == NULL || made->codes == NULL) {
        csk_encoder_free(made);
        return NULL;
    }
    for (size_t s = 0; s < spaces; s++)
        for (uint32_t a = quantizer->starts[s]; a < quantizer->starts[s + 1]; a++)
            for (size_t v = 0; v < csk_code_values; v++) {
                const float value = quantizer->codebooks[a * csk_code_values + v];
                made->half_squares[s * csk_code_values + v] += value * value / 2;
            }
    return made;
}

void csk_encoder_free(csk_encoder *encoder) {
    free(encoder->residuals);
    free(encoder->turned);
    free(encoder->half_squares);
    free(encoder->codes);
    free(encoder);
}

static void turn(
    const csk_kernel *kernel, const float *rotation, const float *residuals, size_t count, size_t dimension,
    float *turned) {
    size_t r = 0;
    for (; r + csk_group <= count; r += csk_group) {
        const float *four[csk_group];
        for (size_t i = 0; i < csk_group; i++) four[i] = residuals + (r + i) * dimension;
        kernel->block(four, rotation, dimension, dimension, turned + r * dimension, dimension);
    }
    for (; r < count; r++)
        kernel->rows(residuals + r * dimension, rotation, dimension, dimension, turned + r * dimension);
}

void csk_turn(
    const csk_kernel *kernel, const float *axes, size_t dimension, const float *vectors, size_t count,
    float *turned) {
    turn(kernel, axes, vectors, count, dimension, turned);
}

// The first of the greatest scores. In lanes, since a compiler may not reorder comparisons of numbers by itself.
static size_t first_greatest(const float scores[csk_code_values]) {
    enum { lanes = 16 };
    float top[lanes];
    memcpy(top, scores, sizeof top);
    for (size_t v = lanes; v < csk_code_values; v += lanes)
        for (size_t l = 0; l < lanes; l++) top[l] = scores[v + l] > top[l] ? scores[v + l] : top[l];
    float greatest = top[0];
    for (size_t l = 1; l < lanes; l++) greatest = top[l] > greatest ? top[l] : greatest;
    uint8_t is_greatest[csk_code_values];
    for (size_t v = 0; v < csk_code_values; v++) is_greatest[v] = scores[v] == greatest;
    const uint8_t *first = memchr(is_greatest, 1, csk_code_values);
    return first == NULL ? 0 : (size_t)(first - is_greatest);
}

// The code value nearest in each sub-space; returns the square of what they leave over.
static double best_codes(
    const csk_kernel *kernel, const csk_quantizer *quantizer, const csk_encoder *encoder, const float *turned,
    uint8_t *codes) {
    double left = 0;
    for (size_t a = 0; a < quantizer->dimension; a++) left += (double)turned[a] * turned[a];
    for (size_t s = 0; s < quantizer->groups * csk_group_codes; s++) {
        float scores[csk_code_values];
        for (size_t v = 0; v < csk_code_values; v++)
            scores[v] = -encoder->half_squares[s * csk_code_values + v];
        for (uint32_t a = quantizer->starts[s]; a < quantizer->starts[s + 1]; a++)
            kernel->codes->accumulate(
                turned[quantizer->axes[a]], quantizer->codebooks + a * csk_code_values, scores);
        const size_t best = first_greatest(scores);
        codes[s] = (uint8_t)best;
        left -= 2 * (double)scores[best];
    }
    return left > 0 ? left : 0;
}

void csk_sum_squares(
    const csk_kernel *kernel, const csk_quantizer *quantizer, csk_encoder *encoder, const float *turned,
    size_t count, double *residuals, double *errors) {
    for (size_t r = 0; r < count; r++, turned += quantizer->dimension) {
        best_codes(kernel, quantizer, encoder, turned, encoder->codes);
        for (size_t a = 0; a < quantizer->dimension; a++) {
            residuals[a] += (double)turned[a] * turned[a];
            // An axis without a code keeps all of it.
            errors[a] += (double)turned[a] * turned[a];
        }
        for (size_t s = 0; s < quantizer->groups * csk_group_codes; s++)
            for (uint32_t a = quantizer->starts[s]; a < quantizer->starts[s + 1]; a++) {
                const double number = turned[quantizer->axes[a]];
                const double left =
                    number - (double)quantizer->codebooks[a * csk_code_values + encoder->codes[s]];
                errors[quantizer->axes[a]] += left * left - number * number;
            }
    }
}

static void write_row(
    const csk_quantizer *quantizer, csk_encoder *encoder, const float *turned, uint32_t list_number, uint32_t row,
    int64_t id, csk_row_sink *sink) {
    const csk_list *list = &sink->lists[list_number];
    csk_list_facts *facts = &sink->facts[list_number];
    const size_t dimension = quantizer->dimension, at = row - list->first_row;
    uint8_t *bytes = sink->rows + (size_t)row * dimension;
    csk_to_bytes(turned, dimension, quantizer->row_step, bytes);
    double squares = 0, error = 0;
    for (size_t a = 0; a < dimension; a++) {
        const double left = (double)turned[a] - ((double)bytes[a] - 128) * quantizer->row_step;
        squares += (double)turned[a] * turned[a];
        error += left * left;
    }
    facts->squares += squares;
    facts->reach = fmaxf(facts->reach, (float)sqrt(squares));
    facts->error = fmaxf(facts->error, (float)sqrt(error));
    const size_t block = list->first_block + at / csk_block_faces;
    csk_put_codes(
        sink->blocks + block * quantizer->groups * csk_group_bytes, at % csk_block_faces, quantizer->groups,
        encoder->codes);
    sink->ids[row] = id;
}

void csk_encode(
    const csk_kernel *kernel, const csk_quantizer *quantizer, csk_encoder *encoder, const float *const *vectors,
    const int64_t *ids, const uint32_t *lists, const uint32_t *rows, size_t count, csk_row_sink *sink) {
    const size_t dimension = quantizer->dimension;
    for (size_t first = 0; first < count; first += encoded_at_once) {
        const size_t some = count - first < encoded_at_once ? count - first : encoded_at_once;
        for (size_t r = 0; r < some; r++) {
            const float *vector = vectors[first + r];
            const float *centre = quantizer->centroids + lists[first + r] * dimension;
            for (size_t i = 0; i < dimension; i++) encoder->residuals[r * dimension + i] = vector[i] - centre[i];
        }
        turn(kernel, quantizer->residual_axes, encoder->residuals, some, dimension, encoder->turned);
        for (size_t r = 0; r < some; r++) {
            const float *turned = encoder->turned + r * dimension;
            sink->code_error += best_codes(kernel, quantizer, encoder, turned, encoder->codes);
            write_row(quantizer, encoder, turned, lists[first + r], rows[first + r], ids[first + r], sink);
        }
    }
}

int csk_agrees(
    const csk_kernel *kernel, const csk_quantizer *quantizer, csk_encoder *encoder, const csk_segment *segment,
    const float *vector, uint32_t list_number, uint32_t row) {
    const csk_list *list = &segment->lists[list_number];
    const size_t dimension = quantizer->dimension, at = row - list->first_row;
    const float *centre = quantizer->centroids + list_number * dimension;
    for (size_t i = 0; i < dimension; i++) encoder->residuals[i] = vector[i] - centre[i];
    turn(kernel, quantizer->residual_axes, encoder->residuals, 1, dimension, encoder->turned);
    best_codes(kernel, quantizer, encoder, encoder->turned, encoder->codes);
    uint8_t stored[csk_most_groups * csk_group_codes];
    const size_t block = list->first_block + at / csk_block_faces;
    csk_get_codes(
        segment->blocks + block * quantizer->groups * csk_group_bytes, at % csk_block_faces, quantizer->groups,
        stored);
    if (memcmp(stored, encoder->codes, quantizer->groups * csk_group_codes) != 0) return 0;
    const uint8_t *bytes = segment->rows + (size_t)row * dimension;
    for (size_t a = 0; a < dimension; a++) {
        uint8_t byte;
        csk_to_bytes(encoder->turned + a, 1, quantizer->row_step, &byte);
        if (byte != bytes[a]) return 0;
    }
    return 1;
}

void csk_copy_row(
    const csk_quantizer *quantizer, const csk_segment *from, uint32_t list_number, uint32_t row, csk_row_sink *to,
    uint32_t to_row, int64_t id) {
    const csk_list *source = &from->lists[list_number], *target = &to->lists[list_number];
    const size_t block_bytes = quantizer->groups * csk_group_bytes, dimension = quantizer->dimension;
    const size_t at = row - source->first_row, to_at = to_row - target->first_row;
    uint8_t codes[csk_most_groups * csk_group_codes];
    csk_get_codes(
        from->blocks + (source->first_block + at / csk_block_faces) * block_bytes, at % csk_block_faces,
        quantizer->groups, codes);
    csk_put_codes(
        to->blocks + (target->first_block + to_at / csk_block_faces) * block_bytes, to_at % csk_block_faces,
        quantizer->groups, codes);
    memcpy(to->rows + (size_t)to_row * dimension, from->rows + (size_t)row * dimension, dimension);
    to->ids[to_row] = id;
}

void csk_add_bytes(const uint8_t *rows, size_t count, size_t dimension, uint64_t *sums) {
    for (size_t r = 0; r < count; r++, rows += dimension)
        for (size_t i = 0; i < dimension; i++) sums[i] += rows[i];
}

// Digits of eleven bits, the lowest first; as many as the range of ids has.
int csk_sort_directory(const int64_t *ids, size_t count, uint32_t *directory) {
    enum { digit_bits = 11, digits = 1 << digit_bits };
    for (size_t i = 0; i < count; i++) directory[i] = (uint32_t)i;
    if (count < 2) return 1;
    int64_t least = ids[0], greatest = ids[0];
    for (size_t i = 1; i < count; i++) {
        if (ids[i] < least) least = ids[i];
        if (ids[i] > greatest) greatest = ids[i];
    }
    uint32_t *other = csk_allocate(count * sizeof *other);
    if (other == NULL) return 0;
    uint32_t *from = directory, *to = other;
    const uint64_t range = (uint64_t)greatest - (uint64_t)least;
    for (unsigned shift = 0; shift < 64 && range >> shift != 0; shift += digit_bits) {
        size_t starts[digits + 1] = {0};
        for (size_t i = 0; i < count; i++)
            starts[(((uint64_t)ids[i] - (uint64_t)least) >> shift & (digits - 1)) + 1]++;
        for (size_t d = 0; d < digits; d++) starts[d + 1] += starts[d];
        for (size_t i = 0; i < count; i++) {
            const uint64_t place = (uint64_t)ids[from[i]] - (uint64_t)least;
            to[starts[place >> shift & (digits - 1)]++] = from[i];
        }
        uint32_t *swapped = from;
        from = to, to = swapped;
    }
    if (from != directory) memcpy(directory, from, count * sizeof *directory);
    free(other);
    return 1;
}

void csk_loose_row(const float *vector, size_t dimension, uint8_t *bytes, float *step, float *error) {
    const float most = csk_largest(vector, dimension);
    *step = most > 0 ? most / 127 : 1;
    csk_to_bytes(vector, dimension, *step, bytes);
    double squares[4] = {0};
    const double width = *step;
    for (size_t i = 0; i < dimension; i++) {
        const double left = (double)vector[i] - ((double)bytes[i] - 128) * width;
        squares[i % 4] += left * left;
    }
    *error = (float)sqrt(squares[0] + squares[1] + squares[2] + squares[3]);
}
