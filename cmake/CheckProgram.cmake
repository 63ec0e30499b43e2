# add_check_program(NAME SOURCE...): a program of the Check framework. Its suites are found in its
# sources: the functions `Suite *NAME_suite(void)`, in the order of the sources.
function(add_check_program name)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/${name}_table.c)
  set(sources ${ARGN})
  list(TRANSFORM sources PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
  set(tests ${sources})
  list(FILTER tests EXCLUDE REGEX "/support/")
  add_custom_command(OUTPUT ${table}
    COMMAND ${CMAKE_COMMAND} -D "SOURCES=${tests}" -D FILE=${table}
      -P ${PROJECT_SOURCE_DIR}/cmake/ListSuites.cmake
    DEPENDS ${tests} ${PROJECT_SOURCE_DIR}/cmake/ListSuites.cmake
    COMMENT "Finding the suites of ${name}" VERBATIM)
  add_executable(${name} ${sources} ${table})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/Tests/CSocketCoreTests)
  target_link_libraries(${name} PRIVATE sps_build_options PkgConfig::CHECK Threads::Threads)
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE
    HAS_POLLER_DESCRIPTORS=$<NOT:$<OR:$<STREQUAL:${SPS_PLATFORM},bsd>,$<BOOL:${WIN32}>>>)
endfunction()
