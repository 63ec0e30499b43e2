# Run with cmake -P before a program of Check is compiled: finds the suites in its sources, which are
# the functions `Suite *NAME_suite(void)`, and writes the table that main.c runs.
#
#   SOURCES  the files, in the order in which their suites begin     FILE  what is written
cmake_minimum_required(VERSION 3.21)

set(declarations "")
set(rows "")
foreach(source IN LISTS SOURCES)
  file(STRINGS ${source} lines REGEX "^(extern \"C\" )?Suite \\*[a-z0-9_]+_suite\\((void)?\\) {")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "[a-z0-9_]+_suite" suite "${line}")
    string(APPEND declarations "Suite *${suite}(void);\n")
    string(APPEND rows "    ${suite},\n")
  endforeach()
endforeach()
set(content "// SPDX-License-Identifier: MIT\n// Written by cmake/ListSuites.cmake.\n#include \"support/support.h\"\n\n${declarations}\n")
string(APPEND content "const suite_maker suites[] = {\n${rows}    NULL,\n};\n")
file(WRITE ${FILE} "${content}")
