#include "ListSearch.h"

#include <math.h>
#include <string.h>

#include "Scratch.h"

#pragma STDC FP_CONTRACT OFF

static void heap_down(float *heap, size_t count) {
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count) return;
        if (child + 1 < count && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= heap[at]) return;
        const float lower = heap[child];
        heap[child] = heap[at], heap[at] = lower, at = child;
    }
}

static void heap_up(float *heap, size_t at) {
    while (at > 0 && heap[at] < heap[(at - 1) / 2]) {
        const float lower = heap[at];
        heap[at] = heap[(at - 1) / 2], heap[(at - 1) / 2] = lower, at = (at - 1) / 2;
    }
}

// Drops candidates that cannot be among the answers any more; where too many are as good as the last answer, those
// that came last.
static void thin_out(csk_scratch *scratch, csk_probe_state *state) {
    const size_t before = state->candidate_count;
    size_t kept = 0;
    for (size_t c = 0; c < before; c++)
        if (state->candidates[c].score >= state->last - state->slack)
            state->candidates[kept++] = state->candidates[c];
    state->candidate_count = kept;
    if (kept <= before - before / 4) return;
    size_t sure = 0;
    for (size_t c = 0; c < kept; c++)
        if (state->candidates[c].score >= state->last) {
            const csk_candidate better = state->candidates[c];
            state->candidates[c] = state->candidates[sure], state->candidates[sure++] = better;
        }
    state->candidate_count = sure < scratch->needed + 64 ? sure : scratch->needed + 64;
}

void csk_take(csk_scratch *scratch, csk_probe_state *state, float score, csk_place place) {
    if (score > state->best) state->best = score;
    if (state->heap_count < scratch->needed) {
        state->heap[state->heap_count] = score;
        heap_up(state->heap, state->heap_count++);
        if (state->heap_count == scratch->needed) state->last = state->heap[0];
    } else if (score > state->last) {
        state->heap[0] = score;
        heap_down(state->heap, state->heap_count);
        state->last = state->heap[0];
    }
    if (score < state->last - state->slack) return;
    if (state->candidate_count == scratch->candidate_capacity) thin_out(scratch, state);
    state->candidates[state->candidate_count++] = (csk_candidate){score, place};
}

static float score_of(const csk_view *view, const csk_probe_state *state, float centre, int32_t dot) {
    return centre
           + (float)(dot - 128 * state->turned_sum) * (state->turned_step * view->quantizer->row_step);
}

static void take_waiting(const csk_view *view, csk_scratch *scratch, csk_probe_state *state, csk_work *work) {
    const size_t count = state->waiting_count;
    if (count == 0) return;
    view->kernel->codes->dots(
        state->turned, view->segments[state->waiting_part].rows, view->dimension, state->waiting, count, scratch->dots);
    work->bytes += count;
    for (size_t w = 0; w < count; w++) {
        const float score = score_of(view, state, state->waiting_centres[w], scratch->dots[w]);
        if (score >= state->last - state->slack)
            csk_take(scratch, state, score, (csk_place){state->waiting_part, state->waiting[w]});
    }
    state->waiting_count = 0;
}

// Lets the faces that passed in `masks` wait, rows from `first` on.
static void wait_for(
    const csk_view *view, csk_scratch *scratch, csk_probe_state *state, uint32_t part, const uint64_t *masks,
    size_t blocks, uint32_t first, float centre, csk_work *work) {
    if (state->waiting_count > 0 && state->waiting_part != part) take_waiting(view, scratch, state, work);
    const csk_segment *segment = &view->segments[part];
    uint32_t *rows = state->waiting + state->waiting_count;
    size_t count = view->kernel->codes->pick(masks, blocks, first, rows);
    if (segment->removed != NULL) {
        size_t kept = 0;
        for (size_t r = 0; r < count; r++)
            if (!csk_is_removed(segment->removed, rows[r])) rows[kept++] = rows[r];
        count = kept;
    }
    for (size_t r = 0; r < count; r++) {
        const uint8_t *bytes = segment->rows + (size_t)rows[r] * view->dimension;
        for (size_t line = 0; line < view->dimension; line += 64) __builtin_prefetch(bytes + line, 0, 3);
        state->waiting_centres[state->waiting_count + r] = centre;
    }
    state->waiting_part = part;
    state->waiting_count += count;
    if (state->waiting_count >= csk_enough_waiting) take_waiting(view, scratch, state, work);
}

// All rows first … first + count − 1 of a list by their bytes; `count` is at most a chunk.
static void take_all(
    const csk_view *view, csk_scratch *scratch, csk_probe_state *state, uint32_t part, float centre,
    uint32_t first, size_t count, csk_work *work) {
    const csk_segment *segment = &view->segments[part];
    view->kernel->codes->dots(
        state->turned, segment->rows + (size_t)first * view->dimension, view->dimension, NULL, count,
        scratch->dots);
    work->bytes += count;
    for (size_t r = 0; r < count; r++) {
        const float score = score_of(view, state, centre, scratch->dots[r]);
        if (score >= state->last - state->slack && !csk_is_removed(segment->removed, first + r))
            csk_take(scratch, state, score, (csk_place){part, first + (uint32_t)r});
    }
}

static float relative_spread(const csk_view *view, const csk_list *list) {
    return view->quantizer->spread > 0 ? list->spread / view->quantizer->spread : 0;
}

static int is_out_of_reach(
    const csk_pruning *pruning, const csk_probe_state *state, float centre, float spread) {
    const float deviation = state->deviation * spread;
    return centre + pruning->best_list * deviation < state->best
           && centre + pruning->last_list * deviation < state->last;
}

// What a code must promise for its face to be looked at.
static float threshold(
    const csk_pruning *pruning, const csk_probe_state *state, float centre, float spread) {
    const float uncertainty = state->uncertainty * spread;
    const float best = state->shrink * (state->best - centre) - pruning->best_code * uncertainty;
    const float last = state->shrink * (state->last - centre) - pruning->last_code * uncertainty;
    return best < last ? best : last;
}

static void visit_part(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, csk_probe_state *state, uint32_t part,
    uint32_t list_number, csk_work *work) {
    const csk_segment *segment = &view->segments[part];
    const csk_list *list = &segment->lists[list_number];
    const float centre = state->centres[list_number], spread = relative_spread(view, list);
    const size_t groups = view->quantizer->groups;
    uint64_t masks[csk_chunk_blocks];
    size_t row = 0;
    while (row < list->row_count) {
        const size_t left = list->row_count - row;
        if (state->last == -INFINITY) {
            // Whole blocks, so that codes can be read from where this ends.
            const size_t some = left < 4 * csk_block_faces ? left : 4 * csk_block_faces;
            take_all(view, scratch, state, part, centre, list->first_row + (uint32_t)row, some, work);
            row += some;
            continue;
        }
        if (is_out_of_reach(request->pruning, state, centre, spread)) return;
        const float least = threshold(request->pruning, state, centre, spread) - 1e-6f;
        if (least > state->top_value) return;
        const uint32_t cutoff = csk_cutoff(view, state, least);
        const size_t some = left < csk_chunk_faces ? left : csk_chunk_faces;
        const size_t blocks = (some + csk_block_faces - 1) / csk_block_faces;
        const size_t first_block = list->first_block + row / csk_block_faces;
        view->kernel->codes->scan(
            segment->blocks + first_block * groups * csk_group_bytes, blocks, groups, state->costs, cutoff, masks);
        work->codes += some;
        // What fills up the last block is no face.
        if (some % csk_block_faces != 0) masks[blocks - 1] &= ((uint64_t)1 << some % csk_block_faces) - 1;
        wait_for(
            view, scratch, state, part, masks, blocks, list->first_row + (uint32_t)row, centre, work);
        row += some;
    }
}

static void visit(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, csk_probe_state *state,
    uint32_t list_number, csk_work *work) {
    work->lists++;
    for (uint32_t s = 0; s < view->segment_count; s++)
        if (view->segments[s].lists[list_number].row_count > 0)
            visit_part(view, request, scratch, state, s, list_number, work);
}

static void compare_loose(const csk_view *view, csk_scratch *scratch, csk_probe_state *state, csk_work *work) {
    for (size_t l = 0; l < view->loose_count; l++) {
        const csk_loose_rows *loose = &view->loose[l];
        const size_t chunk = csk_chunk_faces;
        for (size_t first = 0; first < loose->row_count; first += chunk) {
            const size_t some = loose->row_count - first < chunk ? loose->row_count - first : chunk;
            view->kernel->codes->dots(
                state->plain, loose->rows + first * view->dimension, view->dimension, NULL, some, scratch->dots);
            work->bytes += some;
            for (size_t r = 0; r < some; r++) {
                const float score = (float)(scratch->dots[r] - 128 * state->plain_sum)
                                    * (state->plain_step * loose->steps[first + r]);
                if (score >= state->last - state->slack
                    && !csk_is_removed(loose->removed, loose->first_bit + first + r))
                    csk_take(
                        scratch, state, score,
                        (csk_place){(uint32_t)(view->segment_count + l), (uint32_t)(first + r)});
            }
        }
    }
}

void csk_raise(int32_t *cancelled) { __atomic_store_n(cancelled, 1, __ATOMIC_RELAXED); }

int csk_is_raised(const int32_t *cancelled) { return __atomic_load_n(cancelled, __ATOMIC_RELAXED) != 0; }

static int is_cancelled(const csk_request *request) {
    return request->cancelled != NULL && csk_is_raised(request->cancelled);
}

// Lists `from` … `to` − 1 in each probe's own order, but list by list for all probes that visit it: its codes and
// bytes are read from memory once.
static void visit_together(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, size_t probe_count, size_t from,
    size_t to, csk_work *work) {
    const size_t lists = view->quantizer->list_count;
    uint32_t *starts = scratch->visit_starts;
    memset(starts, 0, (lists + 1) * sizeof *starts);
    for (size_t p = 0; p < probe_count; p++)
        for (size_t at = from; at < to; at++) starts[scratch->states[p].order[at] + 1]++;
    for (size_t l = 0; l < lists; l++) starts[l + 1] += starts[l];
    for (size_t p = 0; p < probe_count; p++)
        for (size_t at = from; at < to; at++)
            scratch->visits[starts[scratch->states[p].order[at]]++] = (uint8_t)p;
    size_t next = 0;
    for (uint32_t l = 0; l < lists; l++) {
        if (is_cancelled(request)) return;
        for (; next < starts[l]; next++)
            visit(view, request, scratch, &scratch->states[scratch->visits[next]], l, work);
    }
}

static void search_lists(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, size_t probe_count, csk_work *work) {
    const size_t lists = view->quantizer == NULL ? 0 : view->quantizer->list_count;
    // Each probe's own first lists set its threshold for all that follow. A probe takes the same way whether it is
    // alone or not, so that its answers are the same.
    size_t from = lists < 2 ? lists : 2;
    for (size_t p = 0; p < probe_count; p++)
        for (size_t at = 0; at < from && !is_cancelled(request); at++)
            visit(view, request, scratch, &scratch->states[p], scratch->states[p].order[at], work);
    for (size_t to = 16; from < lists; from = to, to *= 4) {
        if (to > lists) to = lists;
        visit_together(view, request, scratch, probe_count, from, to, work);
    }
    for (size_t p = 0; p < probe_count; p++) take_waiting(view, scratch, &scratch->states[p], work);
}

// Who gets rows that are compared in float32: the best of them, or all from a similarity on.
typedef struct {
    csk_heap *heap;
    float least;
    csk_found_function found;
} audience;

static void offer(
    const csk_view *view, const csk_request *request, const csk_probe_state *state, const audience *audience,
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
static float least_score(const audience *audience) {
    const csk_heap *heap = audience->heap;
    const float worst = heap != NULL && heap->count == heap->capacity ? heap->similarities[0] : -INFINITY;
    return worst > audience->least ? worst : audience->least;
}

static void compare_list_exactly(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const csk_probe_state *state,
    const audience *audience, uint32_t part, const csk_list *list, float centre, csk_work *work) {
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
            const float most = score_of(view, state, centre, scratch->dots[r]) + bound;
            if (most >= least_score(audience) && !csk_is_removed(segment->removed, row + r))
                offer(view, request, state, audience, (csk_place){part, (uint32_t)(row + r)}, work);
        }
    }
}

static void compare_loose_exactly(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const csk_probe_state *state,
    const audience *audience, csk_work *work) {
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
                    offer(
                        view, request, state, audience,
                        (csk_place){(uint32_t)(view->segment_count + l), (uint32_t)(first + r)}, work);
            }
        }
    }
}

// Everything, by its bytes and a bound on what these leave over.
static void compare_everything(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const audience *audiences,
    size_t probe_count, csk_work *work) {
    const size_t lists = view->quantizer == NULL ? 0 : view->quantizer->list_count;
    for (uint32_t s = 0; s < view->segment_count; s++)
        for (size_t l = 0; l < lists; l++) {
            if (is_cancelled(request)) return;
            const csk_list *list = &view->segments[s].lists[l];
            for (size_t p = 0; p < probe_count && list->row_count > 0; p++)
                compare_list_exactly(
                    view, request, scratch, &scratch->states[p], &audiences[p], s, list,
                    scratch->states[p].centres[l], work);
        }
    for (size_t p = 0; p < probe_count; p++)
        compare_loose_exactly(view, request, scratch, &scratch->states[p], &audiences[p], work);
}

void csk_search(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const float *probes,
    size_t probe_count, int64_t *ids, float *similarities, size_t *found, csk_work *work) {
    // What an exact search begins with only makes it faster: few lists are enough.
    static const csk_pruning first_look = {1, 0.5f, 4, 3};
    csk_request approximate = *request;
    if (approximate.pruning == NULL) approximate.pruning = &first_look;
    csk_prepare(view, scratch, probes, probe_count);
    for (size_t p = 0; p < probe_count; p++) compare_loose(view, scratch, &scratch->states[p], work);
    search_lists(view, &approximate, scratch, probe_count, work);
    csk_heap heaps[csk_most_probes];
    audience audiences[csk_most_probes];
    for (size_t p = 0; p < probe_count; p++) {
        csk_probe_state *state = &scratch->states[p];
        heaps[p] = (csk_heap){
            similarities + p * request->count, ids + p * request->count, request->count, 0, -INFINITY};
        audiences[p] = (audience){&heaps[p], -INFINITY, NULL};
        for (size_t c = 0; c < state->candidate_count; c++)
            if (state->candidates[c].score >= state->last - state->slack)
                offer(view, request, state, &audiences[p], state->candidates[c].place, work);
    }
    if (request->pruning == NULL) {
        // Of the answers so far only the last one's similarity is used: all rows come again.
        for (size_t p = 0; p < probe_count; p++) {
            if (heaps[p].count == heaps[p].capacity) audiences[p].least = heaps[p].similarities[0];
            heaps[p].count = 0;
        }
        compare_everything(view, request, scratch, audiences, probe_count, work);
    }
    for (size_t p = 0; p < probe_count; p++) {
        csk_heap_sort(&heaps[p]);
        found[p] = heaps[p].count;
    }
}

void csk_search_range(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const float *probe, float least,
    csk_found_function found, csk_work *work) {
    const audience all = {NULL, least, found};
    csk_prepare(view, scratch, probe, 1);
    compare_everything(view, request, scratch, &all, 1, work);
}

void csk_look(
    const csk_view *view, csk_scratch *scratch, const float *probe, const csk_place *places, const uint32_t *lists,
    size_t count, csk_view_of_row *seen) {
    csk_prepare(view, scratch, probe, 1);
    const csk_probe_state *state = &scratch->states[0];
    const size_t groups = view->quantizer->groups;
    uint8_t codes[csk_most_groups * csk_group_codes];
    for (size_t i = 0; i < count; i++) {
        const csk_segment *segment = &view->segments[places[i].part];
        const csk_list *list = &segment->lists[lists[i]];
        const size_t at = places[i].row - list->first_row;
        const size_t block = list->first_block + at / csk_block_faces;
        csk_get_codes(
            segment->blocks + block * groups * csk_group_bytes, at % csk_block_faces, groups, codes);
        float estimate = 0;
        for (size_t s = 0; s < groups * csk_group_codes; s++)
            estimate += state->values[s * csk_code_values + codes[s]];
        const float spread = relative_spread(view, list);
        seen[i] = (csk_view_of_row){
            state->centres[lists[i]], estimate, state->deviation * spread, state->shrink,
            state->uncertainty * spread};
    }
}
