// SPDX-License-Identifier: MIT
#include "streampeersocket/version.h"

#define TEXT(x) #x
#define EXPANDED_TEXT(x) TEXT(x)

uint32_t sps_version(void) {
    return SPS_VERSION_MAJOR * 10000u + SPS_VERSION_MINOR * 100u + SPS_VERSION_PATCH;
}

const char *sps_version_string(void) {
    return EXPANDED_TEXT(SPS_VERSION_MAJOR) "." EXPANDED_TEXT(SPS_VERSION_MINOR) "." //
        EXPANDED_TEXT(SPS_VERSION_PATCH);
}
