#include <math.h>
#include <string.h>

#include "Kernels.h"
#include "Scratch.h"

#pragma STDC FP_CONTRACT OFF

// The numbers as whole steps of 1/127 of the largest; what that leaves over as a length.
static void to_bytes(const float *numbers, size_t count, int8_t *bytes, float *step, int32_t *sum, float *error) {
    float most = 0;
    for (size_t i = 0; i < count; i++) most = fmaxf(most, fabsf(numbers[i]));
    *step = most > 0 ? most / 127 : 1;
    *sum = 0;
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        bytes[i] = (int8_t)lrintf(numbers[i] / *step);
        *sum += bytes[i];
        const double left = (double)numbers[i] - (double)bytes[i] * *step;
        squares += left * left;
    }
    *error = (float)sqrt(squares);
}

static void all_products(
    const csk_kernel *kernel, const float *probes, size_t probe_count, const float *rows, size_t row_count,
    size_t dimension, float *out) {
    size_t p = 0;
    for (; p + csk_group <= probe_count; p += csk_group) {
        const float *four[csk_group];
        for (size_t i = 0; i < csk_group; i++) four[i] = probes + (p + i) * dimension;
        kernel->block(four, rows, row_count, dimension, out + p * row_count, row_count);
    }
    for (; p < probe_count; p++)
        kernel->rows(probes + p * dimension, rows, row_count, dimension, out + p * row_count);
}

// Falling order, near enough: lists whose scores differ by a thousandth of the whole range may change places.
enum { bins = 1024 };

// Within the bins whatever a file holds, NaN too.
static uint32_t bin_of(float below_highest, float scale) {
    const float bin = below_highest * scale;
    return bin > 0 ? bin < bins - 1 ? (uint32_t)bin : bins - 1 : 0;
}

static void order_lists(const float *centres, size_t count, uint32_t *order) {
    float low = centres[0], high = centres[0];
    for (size_t l = 1; l < count; l++) low = fminf(low, centres[l]), high = fmaxf(high, centres[l]);
    const float scale = high > low ? (bins - 1) / (high - low) : 0;
    uint32_t starts[bins + 1] = {0};
    for (size_t l = 0; l < count; l++) starts[bin_of(high - centres[l], scale) + 1]++;
    for (size_t b = 0; b < bins; b++) starts[b + 1] += starts[b];
    for (size_t l = 0; l < count; l++) order[starts[bin_of(high - centres[l], scale)]++] = (uint32_t)l;
}

static void make_values(const csk_view *view, csk_probe_state *state, const float *turned) {
    const csk_quantizer *quantizer = view->quantizer;
    const csk_code_kernel *kernel = view->kernel->codes;
    state->top_value = 0;
    for (size_t s = 0; s < quantizer->groups * csk_group_codes; s++) {
        float *values = state->values + s * csk_code_values;
        memset(values, 0, csk_code_values * sizeof(float));
        for (uint32_t a = quantizer->starts[s]; a < quantizer->starts[s + 1]; a++)
            kernel->accumulate(turned[quantizer->axes[a]], quantizer->codebooks + a * csk_code_values, values);
        float top = values[0];
        for (size_t v = 1; v < csk_code_values; v++) top = values[v] > top ? values[v] : top;
        state->top_value += top;
    }
}

static void expect(const csk_view *view, csk_probe_state *state, const float *turned) {
    const csk_quantizer *quantizer = view->quantizer;
    double residual = 0, error = 0, length = 0;
    for (size_t a = 0; a < view->dimension; a++) {
        const double square = (double)turned[a] * turned[a];
        length += square;
        residual += square * quantizer->residual_squares[a];
        error += square * quantizer->error_squares[a];
    }
    const double kept = residual > 0 ? fmax(0, 1 - error / residual) : 1;
    state->turned_length = (float)sqrt(length);
    state->deviation = (float)sqrt(residual);
    state->shrink = (float)kept;
    state->uncertainty = (float)sqrt(kept * (1 - kept) * residual);
}

static float slack_of(const csk_view *view, const csk_probe_state *state) {
    // Five deviations of what rounding does to a product, row and probe together.
    float slack = 0;
    if (view->quantizer != NULL) {
        const float row = view->quantizer->row_step * state->turned_length;
        const float probe = state->turned_step * view->quantizer->spread;
        slack = 5 * sqrtf((row * row + probe * probe) / 12);
    }
    for (size_t l = 0; l < view->loose_count; l++) {
        const float row = view->loose[l].largest_step, probe = state->plain_step;
        slack = fmaxf(slack, 5 * sqrtf((row * row + probe * probe) / 12));
    }
    return slack;
}

void csk_prepare(const csk_view *view, csk_scratch *scratch, const float *probes, size_t probe_count) {
    const csk_quantizer *quantizer = view->quantizer;
    const size_t dimension = view->dimension;
    if (quantizer != NULL) {
        all_products(
            view->kernel, probes, probe_count, quantizer->centroids, quantizer->list_count, dimension,
            scratch->centres);
        all_products(
            view->kernel, probes, probe_count, quantizer->probe_axes, dimension, dimension, scratch->turned);
    }
    for (size_t p = 0; p < probe_count; p++) {
        csk_probe_state *state = &scratch->states[p];
        state->probe = probes + p * dimension;
        if (quantizer != NULL) {
            const float *turned = scratch->turned + p * dimension;
            state->centres = scratch->centres + p * quantizer->list_count;
            order_lists(state->centres, quantizer->list_count, state->order);
            make_values(view, state, turned);
            expect(view, state, turned);
            to_bytes(
                turned, dimension, state->turned, &state->turned_step, &state->turned_sum, &state->turned_error);
        }
        if (view->loose_count > 0)
            to_bytes(
                state->probe, dimension, state->plain, &state->plain_step, &state->plain_sum, &state->plain_error);
        state->slack = slack_of(view, state);
        state->cost_range = -1;
        state->best = state->last = -INFINITY;
        state->heap_count = state->candidate_count = state->waiting_count = 0;
        state->has_dropped = 0;
    }
}

uint32_t csk_cutoff(const csk_view *view, csk_probe_state *state, float threshold) {
    const float range = fmaxf(state->top_value - threshold, 1e-6f);
    if (!(range <= state->cost_range && range >= 0.65f * state->cost_range)) {
        // A little more than is needed now, so that the next list need not have its own.
        state->cost_range = 1.1f * range;
        state->inverse_step = csk_most_cost / state->cost_range;
        for (size_t s = 0; s < view->quantizer->groups * csk_group_codes; s++) {
            const float *values = state->values + s * csk_code_values;
            float top = values[0];
            for (size_t v = 1; v < csk_code_values; v++) top = values[v] > top ? values[v] : top;
            view->kernel->codes->costs(values, top, state->inverse_step, state->costs + s * csk_code_values);
        }
    }
    // Two steps for the rounding of all costs of a face.
    const float cutoff = ceilf(range * state->inverse_step) + 2;
    return cutoff < 254 ? (uint32_t)cutoff : 254;
}
