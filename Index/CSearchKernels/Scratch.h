#pragma once

#include "ListSearch.h"

/// Codes that are read between two looks at the threshold.
enum { csk_chunk_blocks = 32, csk_chunk_faces = csk_chunk_blocks * csk_block_faces };

/// Rows wait for their bytes to come from memory while further codes are read, until there are this many; a chunk more
/// fits.
enum { csk_enough_waiting = 64, csk_most_waiting = csk_enough_waiting + csk_chunk_faces + 16 };

typedef struct {
    float score;
    csk_place place;
} csk_candidate;

/// What is known of one probe while it is searched.
typedef struct {
    const float *probe;
    /// The probe in bytes, along the quantizer's axes and along its own.
    int8_t *turned, *plain;
    int32_t turned_sum, plain_sum;
    float turned_step, plain_step;
    /// How far those are from the probe, and how long it is along the quantizer's axes.
    float turned_error, plain_error, turned_length;
    /// Similarity to each centroid, and the lists from the most alike on.
    float *centres;
    uint32_t *order;
    /// What each code gives along the probe, and the same as costs down from `top_value` for the range they cover.
    float *values;
    uint8_t *costs;
    float top_value, cost_range, inverse_step;
    float deviation, shrink, uncertainty;
    /// Scores this close may be in the wrong order.
    float slack;
    /// The best score so far, and the worst of the best `needed`, kept in a heap with it at the root.
    float best, last;
    float *heap;
    size_t heap_count;
    csk_candidate *candidates;
    size_t candidate_count;
    /// Whether candidates were dropped that may be among the answers.
    int has_dropped;
    uint32_t *waiting;
    float *waiting_centres;
    size_t waiting_count;
    uint32_t waiting_part;
} csk_probe_state;

struct csk_scratch {
    size_t dimension, list_count, groups, count, needed, candidate_capacity;
    csk_probe_state states[csk_most_probes];
    /// Centre scores of all probes, one after the other; `turned` likewise.
    float *centres, *turned;
    /// Which probes visit a list in this round: `visits`[`visit_starts`[list] …].
    uint32_t *visit_starts;
    uint8_t *visits;
    int32_t *dots;
    void *memory;
};

/// Makes everything of `probe_count` probes that does not depend on rows.
void csk_prepare(
    const csk_view *view, csk_scratch *scratch, const float *probes, size_t probe_count);

/// Costs that can tell apart everything from `threshold` on, and the cost at that threshold.
uint32_t csk_cutoff(const csk_view *view, csk_probe_state *state, float threshold);

/// Takes a row's score.
void csk_take(csk_scratch *scratch, csk_probe_state *state, float score, csk_place place);

/// Keeps those candidates that are among the answers as far as bytes can tell, and no more than are needed.
void csk_keep_surest(csk_scratch *scratch, csk_probe_state *state);

/// Looks at loose rows, all of them, by their bytes.
void csk_compare_loose(const csk_view *view, csk_scratch *scratch, csk_probe_state *state, csk_work *work);

/// Looks at lists, as far as pruning does not leave them unread, until every probe has its candidates.
void csk_visit_lists(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, size_t probe_count, csk_work *work);

/// Who gets rows that are compared in float32: the best of them, or all from a similarity on.
typedef struct {
    csk_heap *heap;
    float least;
    csk_found_function found;
} csk_audience;

/// Compares one row in float32, if it is still there.
void csk_offer(
    const csk_view *view, const csk_request *request, const csk_probe_state *state, const csk_audience *audience,
    csk_place place, csk_work *work);

/// Compares everything with probes `first` … `last` − 1, by its bytes and a bound on what these leave over.
void csk_compare_everything(
    const csk_view *view, const csk_request *request, csk_scratch *scratch, const csk_audience *audiences,
    size_t first, size_t last, csk_work *work);

static inline float csk_score(
    const csk_view *view, const csk_probe_state *state, float centre, int32_t dot) {
    return centre
           + (float)(dot - 128 * state->turned_sum) * (state->turned_step * view->quantizer->row_step);
}

/// How far a list's residuals reach, beside those of all.
static inline float csk_relative_spread(const csk_view *view, const csk_list *list) {
    return view->quantizer->spread > 0 ? list->spread / view->quantizer->spread : 0;
}

static inline int csk_is_cancelled(const csk_request *request) {
    return request->cancelled != NULL && csk_is_raised(request->cancelled);
}

static inline int csk_is_removed(const uint64_t *removed, size_t bit) {
    return removed != NULL && (removed[bit / 64] >> (bit % 64) & 1) != 0;
}
