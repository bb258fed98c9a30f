#include "CompactCodes.h"

void csk_put_codes(uint8_t *block, size_t face, size_t groups, const uint8_t *codes) {
    for (size_t g = 0; g < groups; g++) {
        uint8_t *planes = block + g * csk_group_bytes + face;
        const uint8_t *own = codes + g * csk_group_codes;
        for (size_t p = 0; p < 16; p++) planes[p * csk_block_faces] = own[p] & 63;
        for (size_t i = 0; i < 5; i++)
            for (size_t part = 0; part < 3; part++)
                planes[(3 * i + part) * csk_block_faces] |= (uint8_t)((own[16 + i] >> (2 * part) & 3) << 6);
    }
}

void csk_get_codes(const uint8_t *block, size_t face, size_t groups, uint8_t *codes) {
    for (size_t g = 0; g < groups; g++) {
        const uint8_t *planes = block + g * csk_group_bytes + face;
        uint8_t *own = codes + g * csk_group_codes;
        for (size_t p = 0; p < 16; p++) own[p] = planes[p * csk_block_faces] & 63;
        for (size_t i = 0; i < 5; i++) {
            own[16 + i] = 0;
            for (size_t part = 0; part < 3; part++)
                own[16 + i] |= (uint8_t)((planes[(3 * i + part) * csk_block_faces] >> 6) << (2 * part));
        }
    }
}
