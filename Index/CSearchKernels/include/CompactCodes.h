#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// Compact codes of faces, and the loops that read them.
///
/// A **block** holds the codes of 64 faces: for each group of 21 sub-spaces sixteen planes of 64 bytes, byte f of a
/// plane belonging to face f. Sub-spaces 0…15 of a group stand in the low six bits of its planes; sub-space 16 + i
/// in the top two bits of planes 3i, 3i + 1 and 3i + 2, lowest bits first. So one look-up of 64 entries, which is
/// one instruction where there is AVX-512 VBMI, serves 64 faces.
///
/// The entries looked up are costs: how much less a code gives than the best code of its sub-space, in steps,
/// 0…255, added with saturation. Whole numbers make every instruction set agree bit for bit.

enum {
    csk_group_codes = 21,
    csk_most_groups = 4,
    csk_code_values = 64,
    csk_block_faces = 64,
    csk_group_bytes = 16 * csk_block_faces,
    /// Costs above this are never told apart from one another.
    csk_most_cost = 250,
};

/// Which of the faces of `block_count` blocks cost at most `cutoff` (0…254): bit f of masks[b] is face f of block b.
///
/// `costs` are `groups` × 21 × 64 bytes. Blocks and costs are aligned to 64 bytes.
typedef void (*csk_scan_function)(
    const uint8_t *_Nonnull blocks, size_t block_count, size_t groups, const uint8_t *_Nonnull costs,
    uint32_t cutoff, uint64_t *_Nonnull masks);

/// The numbers first + 64 · b + f of all bits f that are set in masks[b], rising; returns how many. `out` has room for
/// sixteen more than there are.
typedef size_t (*csk_pick_function)(
    const uint64_t *_Nonnull masks, size_t block_count, uint32_t first, uint32_t *_Nonnull out);

/// Products of a probe in −127…127 with rows of bytes that hold a number + 128: Σ probe · byte.
///
/// Row r is `rows` + `which`[r] · `dimension`, or `rows` + r · `dimension` where `which` is NULL.
typedef void (*csk_dots_function)(
    const int8_t *_Nonnull probe, const uint8_t *_Nonnull rows, size_t dimension,
    const uint32_t *_Nullable which, size_t count, int32_t *_Nonnull out);

/// Adds `weight` × `values` to `sums`, 64 of each, products rounded before they are added.
typedef void (*csk_accumulate_function)(float weight, const float *_Nonnull values, float *_Nonnull sums);

/// 64 costs of one sub-space: (top − value) · inverse step, rounded to the nearest whole number, at most 255.
typedef void (*csk_costs_function)(
    const float *_Nonnull values, float top, float inverse_step, uint8_t *_Nonnull costs);

/// For each row the best of the centres by Σ row · centre · scale + bias, the products in whole numbers.
///
/// `rows` are bytes that hold a number + 128, `width` of them a row, a multiple of 4. `centres` are `tiles` tiles of
/// 16 centres: for each four numbers of the width sixteen times four bytes. `offsets` (128 × the sum of a centre's
/// numbers) and `biases` are one a centre, `scales` one a row. The first of equals wins.
typedef void (*csk_nearest_function)(
    const uint8_t *_Nonnull rows, const float *_Nonnull scales, size_t count, size_t width,
    const int8_t *_Nonnull centres, const int32_t *_Nonnull offsets, const float *_Nonnull biases, size_t tiles,
    uint32_t *_Nonnull best);

/// The loops over compact codes of one instruction set.
typedef struct {
    csk_scan_function _Nonnull scan;
    csk_pick_function _Nonnull pick;
    csk_dots_function _Nonnull dots;
    csk_accumulate_function _Nonnull accumulate;
    csk_costs_function _Nonnull costs;
    csk_nearest_function _Nonnull nearest;
} csk_code_kernel;

/// Writes the codes (0…63, one a sub-space) of face `face` into its block, which was zero there.
void csk_put_codes(
    uint8_t *_Nonnull block, size_t face, size_t groups, const uint8_t *_Nonnull codes);

/// Reads them back.
void csk_get_codes(
    const uint8_t *_Nonnull block, size_t face, size_t groups, uint8_t *_Nonnull codes);

#if defined(__cplusplus)
}
#endif
