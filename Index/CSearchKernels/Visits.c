#include <math.h>
#include <string.h>

#include "Scratch.h"

#pragma STDC FP_CONTRACT OFF

static void take_waiting(const csk_view *view, csk_scratch *scratch, csk_probe_state *state, csk_work *work) {
    const size_t count = state->waiting_count;
    if (count == 0) return;
    view->kernel->codes->dots(
        state->turned, view->segments[state->waiting_part].rows, view->dimension, state->waiting, count, scratch->dots);
    work->bytes += count;
    for (size_t w = 0; w < count; w++) {
        const float score = csk_score(view, state, state->waiting_centres[w], scratch->dots[w]);
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
        for (size_t line = 0; line < view->dimension; line += 64) __builtin_prefetch(bytes + line, 0, 2);
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
        const float score = csk_score(view, state, centre, scratch->dots[r]);
        if (score >= state->last - state->slack && !csk_is_removed(segment->removed, first + r))
            csk_take(scratch, state, score, (csk_place){part, first + (uint32_t)r});
    }
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
    const float centre = state->centres[list_number], spread = csk_relative_spread(view, list);
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

void csk_compare_loose(const csk_view *view, csk_scratch *scratch, csk_probe_state *state, csk_work *work) {
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

// Has the first codes of a segment's list come from memory while another list is read; processors fetch what follows
// by themselves.
static void fetch(const csk_view *view, uint32_t part, size_t list_number) {
    enum { line = 64, most_lines = 16 };
    const csk_segment *segment = &view->segments[part];
    const csk_list *list = &segment->lists[list_number];
    if (list->row_count == 0) return;
    const uint8_t *codes = segment->blocks + (size_t)list->first_block * view->quantizer->groups * csk_group_bytes;
    for (size_t l = 0; l < most_lines; l++) __builtin_prefetch(codes + l * line, 0, 2);
}

// Has what the next probe is asked first come near while this one reads.
static void fetch_probe(const csk_probe_state *state, uint32_t list_number) {
    __builtin_prefetch(&state->centres[list_number], 0, 3);
    __builtin_prefetch(&state->best, 0, 3);
}

// One segment's part of the lists that `visits` names for each of them up to `ends`.
static void visit_segment(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, uint32_t part, const uint32_t *ends,
    csk_work *work) {
    const size_t lists = view->quantizer->list_count;
    const csk_segment *segment = &view->segments[part];
    size_t next = 0, fetched = 0;
    for (uint32_t l = 0; l < lists; l++) {
        if (next == ends[l]) continue;
        if (csk_is_cancelled(request)) return;
        if (fetched <= l) fetched = (size_t)l + 1;
        while (fetched < lists && ends[fetched] == ends[fetched - 1]) fetched++;
        if (fetched < lists) fetch(view, part, fetched);
        if (segment->lists[l].row_count == 0) next = ends[l];
        for (; next < ends[l]; next++) {
            if (next + 1 < ends[l]) fetch_probe(&scratch->states[scratch->visits[next + 1]], l);
            visit_part(view, request, scratch, &scratch->states[scratch->visits[next]], part, l, work);
        }
    }
}

// Lists `from` … `to` − 1 in each probe's own order, but list by list for all probes that visit it: its codes and
// bytes are read from memory once. And segment by segment, since rows wait for company of their own segment.
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
    work->lists += probe_count * (to - from);
    // Each start has moved to its list's end.
    for (uint32_t s = 0; s < view->segment_count; s++) visit_segment(view, request, scratch, s, starts, work);
}

void csk_visit_lists(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, size_t probe_count, csk_work *work) {
    const size_t lists = view->quantizer == NULL ? 0 : view->quantizer->list_count;
    // Each probe's own first lists set its threshold for all that follow. A probe takes the same way whether it is
    // alone or not, so that its answers are the same.
    size_t from = lists < 2 ? lists : 2;
    for (size_t p = 0; p < probe_count; p++)
        for (size_t at = 0; at < from && !csk_is_cancelled(request); at++)
            visit(view, request, scratch, &scratch->states[p], scratch->states[p].order[at], work);
    for (size_t to = 16; from < lists; from = to, to *= 4) {
        if (to > lists) to = lists;
        visit_together(view, request, scratch, probe_count, from, to, work);
    }
    for (size_t p = 0; p < probe_count; p++) take_waiting(view, scratch, &scratch->states[p], work);
}
