#pragma once

#include "InnerProducts.h"

#if defined(__cplusplus)
extern "C" {
#endif

/// Search in lists of compact codes.
///
/// A face is a row of a segment. Its vector is the centroid of its list plus a residual; the residual is turned into
/// the axes of the quantizer and kept twice: as a compact code, read for every face of a list, and as bytes, read
/// for those few that the code lets through. The vector itself stays with the caller and is asked for by id, for
/// those that may be among the answers.

/// The tables that turn vectors into lists, codes and bytes; all arrays belong to the caller.
typedef struct {
    size_t dimension;
    size_t list_count;
    /// Sub-spaces are `groups` × 21.
    size_t groups;
    /// `list_count` × `dimension`.
    const float *_Nonnull centroids;
    /// Vectors belong to the list whose entry here gives the highest product, plus its bias: nearest by a distance
    /// that weighs each direction as probes do.
    const float *_Nonnull assignment;
    const float *_Nonnull biases;
    /// `dimension` × `dimension`, row a is axis a. Residuals are multiplied by the first matrix, probes by the second. One
    /// is the inverse of the other, transposed, so inner products do not change.
    const float *_Nonnull residual_axes;
    const float *_Nonnull probe_axes;
    /// Sub-space s has the axes `axes`[`starts`[s]] … `axes`[`starts`[s + 1] − 1].
    const uint32_t *_Nonnull axes;
    const uint32_t *_Nonnull starts;
    /// 64 numbers for each entry of `axes`, in its order: that axis of the 64 code values.
    const float *_Nonnull codebooks;
    /// For each axis the mean square of residuals, and of what their codes leave over.
    const float *_Nonnull residual_squares;
    const float *_Nonnull error_squares;
    /// One step of a residual's bytes.
    float row_step;
    /// Root of the mean square length of residuals.
    float spread;
} csk_quantizer;

/// One list of a segment.
typedef struct {
    /// Its first row; rows of a list follow one another.
    uint32_t first_row;
    uint32_t row_count;
    /// Its first block of codes; a list begins a block.
    uint32_t first_block;
    /// Root of the mean square length of its residuals.
    float spread;
    /// No residual is longer.
    float reach;
    /// No residual differs by more from what its bytes say.
    float error;
} csk_list;

/// Rows in lists.
typedef struct {
    /// One a list of the quantizer.
    const csk_list *_Nonnull lists;
    const uint8_t *_Nonnull blocks;
    /// `dimension` bytes a row: residual / row_step + 128 along each axis.
    const uint8_t *_Nonnull rows;
    /// Bit r is set where row r is no answer; may be NULL.
    const uint64_t *_Nullable removed;
} csk_segment;

/// Rows that are in no list; a search compares all of them.
typedef struct {
    /// `dimension` bytes a row: vector / step + 128, in the vector's own axes.
    const uint8_t *_Nonnull rows;
    /// The step of each row, and how much the row differs at most from what its bytes say.
    const float *_Nonnull steps;
    const float *_Nonnull errors;
    /// The largest of the steps.
    float largest_step;
    size_t row_count;
    /// Bit `first_bit` + r is set where row r is no answer; may be NULL.
    const uint64_t *_Nullable removed;
    size_t first_bit;
} csk_loose_rows;

/// Everything a search looks at.
typedef struct {
    const csk_kernel *_Nonnull kernel;
    /// NULL where there are no segments.
    const csk_quantizer *_Nullable quantizer;
    const csk_segment *_Nullable segments;
    size_t segment_count;
    const csk_loose_rows *_Nullable loose;
    size_t loose_count;
    size_t dimension;
} csk_view;

/// The safety margins of a search (docs/index.md: Y for lists, Z for codes), in standard deviations. A list or row is
/// skipped only if it can beat neither the best answer found so far nor the last of those asked for.
typedef struct {
    float best_code;
    float last_code;
    float best_list;
    float last_list;
} csk_pruning;

/// Where a row is: its segment, or the number of segments plus its part of the loose rows, and the row there.
typedef struct {
    uint32_t part;
    uint32_t row;
} csk_place;

/// The vector at a place, or NULL if it is there no more, and its id.
typedef const float *_Nullable (*csk_vector_function)(void *_Nullable context, csk_place place, int64_t *_Nonnull id);

/// What is asked.
typedef struct {
    /// How many neighbours, at least 1.
    size_t count;
    /// NULL: compare everything.
    const csk_pruning *_Nullable pruning;
    /// Whether the answers must be the best where more rows than candidates are as good as the last of them, as far as
    /// bytes can tell: then everything is compared. If 0, some of those rows are the answers.
    int settles_ties;
    csk_vector_function _Nonnull vector;
    void *_Nullable context;
    /// A search ends early, with any answers, once this is not 0; may be NULL.
    const int32_t *_Nullable cancelled;
} csk_request;

/// Whether the cancellation was requested: the number is no longer 0.
int csk_is_raised(const int32_t *_Nonnull cancelled);

/// What was done, for the calibration and for statistics; added to by each search.
typedef struct {
    uint64_t lists;
    uint64_t codes;
    uint64_t bytes;
    uint64_t vectors;
} csk_work;

/// The memory of one thread's searches.
typedef struct csk_scratch csk_scratch;

enum {
    /// How many probes are searched together at most.
    csk_most_probes = 256,
    /// Fewer answers than this are never what pruning goes by, whatever the number asked for: the calibration holds
    /// for any number up to it.
    csk_least_needed = 10,
};

/// Memory for probes of this view's shape and `count` neighbours, or NULL if there is none.
csk_scratch *_Nullable csk_scratch_new(const csk_view *_Nonnull view, size_t count);

/// Whether the memory fits this view and count.
int csk_scratch_fits(const csk_scratch *_Nonnull scratch, const csk_view *_Nonnull view, size_t count);

void csk_scratch_free(csk_scratch *_Nonnull scratch);

/// Searches 1…csk_most_probes probes, row-major, of length 1.
///
/// Fills for each probe `found` places of ids and similarities, `count` apart, best first, ties by id. Allocates
/// nothing, locks nothing.
void csk_search(
    const csk_view *_Nonnull view, const csk_request *_Nonnull request, csk_scratch *_Nonnull scratch,
    const float *_Nonnull probes, size_t probe_count, int64_t *_Nonnull ids, float *_Nonnull similarities,
    size_t *_Nonnull found, csk_work *_Nonnull work);

/// Takes a row that is alike enough.
typedef void (*csk_found_function)(void *_Nullable context, int64_t id, float similarity);

/// Finds every row whose similarity to one probe is `least` or more, in no promised order; compares everything.
///
/// `count` and `pruning` of the request are not looked at; `found` gets the request's context.
void csk_search_range(
    const csk_view *_Nonnull view, const csk_request *_Nonnull request, csk_scratch *_Nonnull scratch,
    const float *_Nonnull probe, float least, csk_found_function _Nonnull found, csk_work *_Nonnull work);

/// How a probe looks at one row of a segment, for the calibration.
typedef struct {
    /// Similarity of the probe and the list's centroid.
    float centre;
    /// What the row's code makes of the rest.
    float estimate;
    /// Standard deviation of the rest, in this list, as the quantizer expects it along this probe.
    float deviation;
    /// By how much an estimate keeps of the true rest, and its deviation around that.
    float shrink;
    float uncertainty;
} csk_view_of_row;

/// What `probe` makes of `count` rows, each with the list it is in.
void csk_look(
    const csk_view *_Nonnull view, csk_scratch *_Nonnull scratch, const float *_Nonnull probe,
    const csk_place *_Nonnull places, const uint32_t *_Nonnull lists, size_t count,
    csk_view_of_row *_Nonnull seen);

#if defined(__cplusplus)
}
#endif
