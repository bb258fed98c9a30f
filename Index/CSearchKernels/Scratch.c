#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "Memory.h"
#include "Scratch.h"

static size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Hands out parts of one block of memory; with no memory it counts what is needed.
static void *part(char *memory, size_t *used, size_t bytes) {
    void *at = memory == NULL ? NULL : memory + *used;
    *used += rounded(bytes);
    return at;
}

static size_t lay_out(csk_scratch *scratch, char *memory) {
    const size_t values = scratch->groups * csk_group_codes * csk_code_values;
    const size_t dimension = scratch->dimension, lists = scratch->list_count;
    size_t used = 0;
    scratch->centres = part(memory, &used, csk_most_probes * lists * sizeof(float));
    scratch->turned = part(memory, &used, csk_most_probes * dimension * sizeof(float));
    scratch->visit_starts = part(memory, &used, (lists + 1) * sizeof(uint32_t));
    scratch->visits = part(memory, &used, csk_most_probes * lists);
    scratch->dots = part(memory, &used, csk_most_waiting * sizeof(int32_t));
    for (size_t p = 0; p < csk_most_probes; p++) {
        csk_probe_state *state = &scratch->states[p];
        state->turned = part(memory, &used, dimension);
        state->plain = part(memory, &used, dimension);
        state->order = part(memory, &used, lists * sizeof(uint32_t));
        state->values = part(memory, &used, values * sizeof(float));
        state->costs = part(memory, &used, values);
        state->waiting = part(memory, &used, csk_most_waiting * sizeof(uint32_t));
        state->waiting_centres = part(memory, &used, csk_most_waiting * sizeof(float));
        state->heap = part(memory, &used, scratch->needed * sizeof(float));
        state->candidates = part(memory, &used, scratch->candidate_capacity * sizeof(csk_candidate));
    }
    return used;
}

csk_scratch *csk_scratch_new(const csk_view *view, size_t count) {
    csk_scratch *scratch = csk_allocate_zeros(sizeof *scratch);
    if (scratch == NULL) return NULL;
    scratch->dimension = view->dimension;
    scratch->list_count = view->quantizer == NULL ? 0 : view->quantizer->list_count;
    scratch->groups = view->quantizer == NULL ? 0 : view->quantizer->groups;
    scratch->count = count;
    scratch->needed = count < csk_least_needed ? csk_least_needed : count;
    scratch->candidate_capacity = 2 * scratch->needed + 4096;
    const size_t bytes = lay_out(scratch, NULL);
    scratch->memory = csk_allocate_aligned(bytes);
    if (scratch->memory == NULL) {
        free(scratch);
        return NULL;
    }
    lay_out(scratch, scratch->memory);
    return scratch;
}

int csk_scratch_fits(const csk_scratch *scratch, const csk_view *view, size_t count) {
    const size_t lists = view->quantizer == NULL ? 0 : view->quantizer->list_count;
    const size_t groups = view->quantizer == NULL ? 0 : view->quantizer->groups;
    const size_t needed = count < csk_least_needed ? csk_least_needed : count;
    return scratch->dimension == view->dimension && scratch->list_count == lists && scratch->groups == groups
           && scratch->needed == needed;
}

void csk_scratch_free(csk_scratch *scratch) {
    free(scratch->memory);
    free(scratch);
}
