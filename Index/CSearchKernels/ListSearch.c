#include "ListSearch.h"

#include <math.h>

#include "Scratch.h"

#pragma STDC FP_CONTRACT OFF

int csk_is_raised(const int32_t *cancelled) { return __atomic_load_n(cancelled, __ATOMIC_RELAXED) != 0; }

void csk_search(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const float *probes,
    size_t probe_count, int64_t *ids, float *similarities, size_t *found, csk_work *work) {
    // What an exact search begins with only makes it faster: few lists are enough.
    static const csk_pruning first_look = {1, 0.5f, 4, 3};
    csk_request approximate = *request;
    if (approximate.pruning == NULL) approximate.pruning = &first_look;
    csk_prepare(view, scratch, probes, probe_count);
    for (size_t p = 0; p < probe_count; p++) csk_compare_loose(view, scratch, &scratch->states[p], work);
    csk_visit_lists(view, &approximate, scratch, probe_count, work);
    csk_heap heaps[csk_most_probes];
    csk_audience audiences[csk_most_probes];
    for (size_t p = 0; p < probe_count; p++) {
        csk_probe_state *state = &scratch->states[p];
        heaps[p] = (csk_heap){
            similarities + p * request->count, ids + p * request->count, request->count, 0, -INFINITY};
        audiences[p] = (csk_audience){&heaps[p], -INFINITY, NULL};
        if (state->has_dropped && !request->settles_ties) csk_keep_surest(scratch, state);
        for (size_t c = 0; c < state->candidate_count; c++)
            if (state->candidates[c].score >= state->last - state->slack)
                csk_offer(view, request, state, &audiences[p], state->candidates[c].place, work);
    }
    // Where everything is to be compared, or bytes could not tell which of many rows to keep. Of the answers so far
    // only the last one's similarity is used: all rows come again.
    for (size_t p = 0; p < probe_count; p++) {
        if (request->pruning != NULL && !(scratch->states[p].has_dropped && request->settles_ties)) continue;
        if (heaps[p].count == heaps[p].capacity) audiences[p].least = heaps[p].similarities[0];
        heaps[p].count = 0;
        if (request->pruning != NULL)
            csk_compare_everything(view, request, scratch, audiences, p, p + 1, work);
    }
    if (request->pruning == NULL)
        csk_compare_everything(view, request, scratch, audiences, 0, probe_count, work);
    for (size_t p = 0; p < probe_count; p++) {
        csk_heap_sort(&heaps[p]);
        found[p] = heaps[p].count;
    }
}

void csk_search_range(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const float *probe, float least,
    csk_found_function found, csk_work *work) {
    const csk_audience all = {NULL, least, found};
    csk_prepare(view, scratch, probe, 1);
    csk_compare_everything(view, request, scratch, &all, 0, 1, work);
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
        const float spread = csk_relative_spread(view, list);
        seen[i] = (csk_view_of_row){
            state->centres[lists[i]], estimate, state->deviation * spread, state->shrink,
            state->uncertainty * spread};
    }
}
