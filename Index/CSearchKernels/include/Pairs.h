#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// The loops that compare every row of a set with every other: bytes first, float32 only where they cannot exclude.
///
/// Each row less the mean of all is rounded to bytes of one common step. Sixteen rows make a tile, their numbers in
/// groups of four: number i of row r stands at [(i / 4) * 64 + 4 * r + i % 4], behind the last number zeros to a
/// multiple of four.
enum { csk_tile_rows = 16 };

/// What the bytes of a row say of it and leave over.
typedef struct {
    /// Its product with the mean, the mean having been taken off.
    float along_mean;
    /// Its length, and that of what its bytes leave over, the mean having been taken off.
    float length, error;
} csk_tile_facts;

/// Which rows of a tile may be near which columns: those whose product of bytes, the row's start and the column's
/// start add up to 0 or more. Starts are between -2^29 and 2^29.
///
/// `columns` are tiles whose bytes have 128 added; `width` is a multiple of four, at most 65,536; `row_sums` are the
/// sums of the rows' bytes. A hit is column * 16 + row; `hits` has room for all, 256 * column_tiles. Returns their
/// number; their order is each instruction set's own, what they are is not.
typedef size_t (*csk_pairs_function)(
    const int8_t *_Nonnull tile, const int32_t *_Nonnull row_sums, const int32_t *_Nonnull row_starts,
    const uint8_t *_Nonnull columns, const int32_t *_Nonnull column_starts, size_t width, size_t column_tiles,
    uint32_t *_Nonnull hits);

/// Adds a row to sums of float64.
void csk_add_to_sums(const float *_Nonnull row, size_t dimension, double *_Nonnull sums);

/// The largest absolute number of a row less the mean.
float csk_row_reach(const float *_Nonnull row, const float *_Nonnull mean, size_t dimension);

/// Puts row `lane` of a tile into bytes, the mean taken off, and returns the sum of its bytes. `tile` holds zeros.
int32_t csk_fill_lane(
    const float *_Nonnull row, const float *_Nonnull mean, size_t dimension, float step, int8_t *_Nonnull tile,
    size_t lane, csk_tile_facts *_Nonnull facts);

/// Adds 128 to each byte: rows become columns.
void csk_bias_tiles(const int8_t *_Nonnull tiles, size_t count, uint8_t *_Nonnull columns);

#if defined(__cplusplus)
}
#endif
