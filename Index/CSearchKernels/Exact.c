#include <math.h>

#include "Scratch.h"

#pragma STDC FP_CONTRACT OFF

void csk_offer(
    const csk_view *view, const csk_request *request, const csk_probe_state *state, const csk_audience *audience,
    csk_place place, csk_work *work) {
    int64_t id;
    const float *vector = request->vector(request->context, place, &id);
    if (vector == NULL) return;
    float similarity;
    view->kernel->rows(state->probe, vector, 1, view->dimension, &similarity);
    work->vectors++;
    if (audience->heap != NULL) csk_heap_offer(audience->heap, similarity, id);
    else if (similarity >= audience->least) audience->found(request->context, id, similarity);
}

// No row beyond this is wanted, whatever its bytes leave over.
static float least_score(const csk_audience *audience) {
    const csk_heap *heap = audience->heap;
    const float worst = heap != NULL && heap->count == heap->capacity ? heap->similarities[0] : -INFINITY;
    return worst > audience->least ? worst : audience->least;
}

static void compare_list_exactly(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const csk_probe_state *state,
    const csk_audience *audience, uint32_t part, const csk_list *list, float centre, csk_work *work) {
    // Roundings of sums in float32 are far below a hundred-thousandth.
    const float bound =
        state->turned_length * list->error + state->turned_error * (list->reach + list->error) + 1e-5f;
    if (centre + state->turned_length * list->reach + 1e-5f < least_score(audience)) return;
    const csk_segment *segment = &view->segments[part];
    const size_t chunk = csk_chunk_faces;
    for (size_t first = 0; first < list->row_count; first += chunk) {
        const size_t some = list->row_count - first < chunk ? list->row_count - first : chunk;
        const size_t row = list->first_row + first;
        view->kernel->codes->dots(
            state->turned, segment->rows + row * view->dimension, view->dimension, NULL, some, scratch->dots);
        work->bytes += some;
        for (size_t r = 0; r < some; r++) {
            const float most = csk_score(view, state, centre, scratch->dots[r]) + bound;
            if (most >= least_score(audience) && !csk_is_removed(segment->removed, row + r))
                csk_offer(view, request, state, audience, (csk_place){part, (uint32_t)(row + r)}, work);
        }
    }
}

static void compare_loose_exactly(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const csk_probe_state *state,
    const csk_audience *audience, csk_work *work) {
    for (size_t l = 0; l < view->loose_count; l++) {
        const csk_loose_rows *loose = &view->loose[l];
        const size_t chunk = csk_chunk_faces;
        for (size_t first = 0; first < loose->row_count; first += chunk) {
            const size_t some = loose->row_count - first < chunk ? loose->row_count - first : chunk;
            view->kernel->codes->dots(
                state->plain, loose->rows + first * view->dimension, view->dimension, NULL, some, scratch->dots);
            work->bytes += some;
            for (size_t r = 0; r < some; r++) {
                const float error = loose->errors[first + r];
                // Probe and row may be longer than 1 by a hundredth.
                const float bound = 1.02f * error + state->plain_error * (1.02f + error) + 1e-5f;
                const float most = (float)(scratch->dots[r] - 128 * state->plain_sum)
                                       * (state->plain_step * loose->steps[first + r])
                                   + bound;
                if (most >= least_score(audience) && !csk_is_removed(loose->removed, loose->first_bit + first + r))
                    csk_offer(
                        view, request, state, audience,
                        (csk_place){(uint32_t)(view->segment_count + l), (uint32_t)(first + r)}, work);
            }
        }
    }
}

void csk_compare_everything(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const csk_audience *audiences,
    size_t first, size_t last, csk_work *work) {
    const size_t lists = view->quantizer == NULL ? 0 : view->quantizer->list_count;
    for (uint32_t s = 0; s < view->segment_count; s++)
        for (size_t l = 0; l < lists; l++) {
            if (csk_is_cancelled(request)) return;
            const csk_list *list = &view->segments[s].lists[l];
            for (size_t p = first; p < last && list->row_count > 0; p++)
                compare_list_exactly(
                    view, request, scratch, &scratch->states[p], &audiences[p], s, list,
                    scratch->states[p].centres[l], work);
        }
    for (size_t p = first; p < last; p++)
        compare_loose_exactly(view, request, scratch, &scratch->states[p], &audiences[p], work);
}
