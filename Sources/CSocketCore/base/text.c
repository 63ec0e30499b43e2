// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <string.h>

sps_error spsi_copy_text(const char *text, char *buffer, size_t buffer_bytes, size_t *out_length) {
    const size_t length = strlen(text);
    if (out_length != NULL) {
        *out_length = length;
    }
    if (buffer_bytes <= length) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    memcpy(buffer, text, length + 1);
    return SPS_OK;
}
