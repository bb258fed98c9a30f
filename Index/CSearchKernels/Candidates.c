#include <math.h>

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

void csk_keep_surest(csk_scratch *scratch, csk_probe_state *state) {
    size_t sure = 0;
    for (size_t c = 0; c < state->candidate_count; c++)
        if (state->candidates[c].score >= state->last) {
            const csk_candidate better = state->candidates[c];
            state->candidates[c] = state->candidates[sure], state->candidates[sure++] = better;
        }
    state->candidate_count = sure < scratch->needed + 64 ? sure : scratch->needed + 64;
}

// Drops candidates that cannot be among the answers any more. Where so many are as good as the last answer that bytes
// cannot tell them apart, those that came last, and notes that it did.
static void thin_out(csk_scratch *scratch, csk_probe_state *state) {
    const size_t before = state->candidate_count;
    size_t kept = 0;
    for (size_t c = 0; c < before; c++)
        if (state->candidates[c].score >= state->last - state->slack)
            state->candidates[kept++] = state->candidates[c];
    state->candidate_count = kept;
    if (kept <= before - before / 4) return;
    state->has_dropped = 1;
    csk_keep_surest(scratch, state);
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
