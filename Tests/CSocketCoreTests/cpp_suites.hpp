// SPDX-License-Identifier: MIT
//
// The suites of the C++ headers, each in a file of its own.
#ifndef CPP_SUITES_HPP
#define CPP_SUITES_HPP

#include <check.h>

Suite *cpp_streams_suite();
Suite *cpp_variant_suite();

#endif
