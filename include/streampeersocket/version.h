/* SPDX-License-Identifier: MIT */
/**
 * @file version.h
 * The library's version. This file is its only source: CMake reads it from here.
 */
#ifndef STREAMPEERSOCKET_VERSION_H
#define STREAMPEERSOCKET_VERSION_H

#include <stdint.h>

#include "export.h"

/** The major version of the headers. */
#define SPS_VERSION_MAJOR 0
/** The minor version of the headers. */
#define SPS_VERSION_MINOR 2
/** The patch version of the headers. */
#define SPS_VERSION_PATCH 0

SPS_BEGIN_DECLARATIONS

/**
 * Returns the version of the loaded library: major * 10000 + minor * 100 + patch. It can differ
 * from the SPS_VERSION_… that a program was compiled with. Since 0.1.
 */
SPS_API uint32_t sps_version(void);

/** Returns the version as text, such as "0.1.0". The text is static and never freed. Since 0.1. */
SPS_API const char *sps_version_string(void);

SPS_END_DECLARATIONS

#endif
