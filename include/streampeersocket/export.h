/* SPDX-License-Identifier: MIT */
/**
 * @file export.h
 * Marks the exported symbols of the library, and gives C linkage to C++ callers.
 *
 * Define SPS_STATIC to link the static library. The CMake target
 * StreamPeerSocket::StreamPeerSocketStatic defines it.
 */
#ifndef STREAMPEERSOCKET_EXPORT_H
#define STREAMPEERSOCKET_EXPORT_H

#if defined(SPS_STATIC)
#define SPS_API
#elif defined(_WIN32)
#if defined(SPS_BUILDING)
#define SPS_API __declspec(dllexport)
#else
#define SPS_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define SPS_API __attribute__((visibility("default")))
#else
#define SPS_API
#endif

/* Stands before SPS_API. Compilers warn each caller. The comment names the replacement. */
#if defined(_MSC_VER)
#define SPS_DEPRECATED __declspec(deprecated)
#elif defined(__GNUC__)
#define SPS_DEPRECATED __attribute__((deprecated))
#else
#define SPS_DEPRECATED
#endif

#ifdef __cplusplus
#define SPS_BEGIN_DECLARATIONS extern "C" {
#define SPS_END_DECLARATIONS }
#else
#define SPS_BEGIN_DECLARATIONS
#define SPS_END_DECLARATIONS
#endif

#endif
