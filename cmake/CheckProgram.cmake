# leave_out(REASON FILE...): files of tests that this system cannot run. The build folder's left-out.txt
# says so.
set_property(GLOBAL PROPERTY sps_left_out_text "")
set(sps_left_out nothing)
function(leave_out reason)
  foreach(file IN LISTS ARGN)
    set_property(GLOBAL APPEND_STRING PROPERTY sps_left_out_text "skipped: ${file}: ${reason}\n")
  endforeach()
  get_property(text GLOBAL PROPERTY sps_left_out_text)
  file(WRITE ${PROJECT_BINARY_DIR}/left-out.txt "${text}")
  set(sps_left_out ${sps_left_out} ${ARGN} PARENT_SCOPE)
endfunction()

# add_check_program(NAME SOURCE...): a program of the Check framework. Its suites are found in its
# sources: the functions `Suite *NAME_suite(void)`, in the order of the sources.
function(add_check_program name)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/${name}_table.c)
  set(sources ${ARGN})
  list(REMOVE_ITEM sources ${sps_left_out})
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
  if(WIN32) # the C library of MinGW, whose formats are those of C99
    target_compile_definitions(${name} PRIVATE __USE_MINGW_ANSI_STDIO=1)
    target_compile_options(${name} PRIVATE -Wno-format -Wno-format-extra-args)
    target_link_libraries(${name} PRIVATE pthread ws2_32)
  endif()
  # The peers of a crowd. Wine has no room for more.
  target_compile_definitions(${name} PRIVATE MANY_PEERS=$<IF:$<BOOL:${WIN32}>,1000,9000>)
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE
    HAS_POLLER_DESCRIPTORS=$<NOT:$<OR:$<STREQUAL:${SPS_PLATFORM},bsd>,$<BOOL:${WIN32}>>>)
endfunction()
