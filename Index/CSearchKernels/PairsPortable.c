#include "Kernels.h"

size_t csk_pairs_portable(
    const int8_t *tile, const int32_t *row_sums, const int32_t *row_starts, const uint8_t *columns,
    const int32_t *column_starts, size_t width, size_t column_tiles, uint32_t *hits) {
    size_t count = 0;
    for (size_t t = 0; t < column_tiles; t++)
        for (size_t r = 0; r < csk_tile_rows; r++) {
            int32_t sums[csk_tile_rows];
            for (size_t c = 0; c < csk_tile_rows; c++)
                sums[c] = row_starts[r] - 128 * row_sums[r] + column_starts[t * csk_tile_rows + c];
            for (size_t i = 0; i < width; i += 4) {
                const int8_t *row = tile + i * csk_tile_rows + 4 * r;
                const uint8_t *column = columns + t * width * csk_tile_rows + i * csk_tile_rows;
                for (size_t c = 0; c < csk_tile_rows; c++)
                    for (size_t n = 0; n < 4; n++) sums[c] += row[n] * column[4 * c + n];
            }
            for (size_t c = 0; c < csk_tile_rows; c++)
                if (sums[c] >= 0) hits[count++] = (uint32_t)((t * csk_tile_rows + c) * csk_tile_rows + r);
        }
    return count;
}
