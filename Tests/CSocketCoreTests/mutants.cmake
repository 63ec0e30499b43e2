# Mutants of the core: programs with one fault, whose tests must fail. They stand for what a test of
# Tests/Mutation cannot reach: other byte orders, kqueue(2) and Windows.
set(core ${PROJECT_SOURCE_DIR}/Sources/CSocketCore)

# expect_failure(NAME PROGRAM SUITE [OPTION...]): the suite with this number notices the fault. The
# options of the program choose one test, if others would wait for what never comes.
function(expect_failure name program suite)
  set(test ${name}_is_noticed.${suite})
  add_guarded(${test} core plain
    sh -c "! \"$@\" > \"$0\" && grep -q 'Failures: [1-9]' \"$0\""
    ${CMAKE_CURRENT_BINARY_DIR}/${test}.txt
    ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:${program}> --suite ${suite} ${ARGN})
endfunction()

# make_mutant(NAME FILE BEFORE AFTER): a copy of a file of the core with another text, in NAME/. A
# text that is not there is an error.
function(make_mutant name file before after)
  file(READ ${core}/${file} text)
  string(FIND "${text}" "${before}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "The mutant of ${file} needs another text.")
  endif()
  string(REPLACE "${before}" "${after}" text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}/${file} CONTENT "@text@" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${core}/${file})
endfunction()

# The byte order of another machine. The suite of reading Variants cannot notice it on a
# little-endian machine: the mutant takes the longer way, to the same end.
set(sources_with_an_order ${core}/stream/stream.c ${core}/variant/format.c
  ${core}/variant/reader_values.c ${core}/variant/writer_lists.c)
add_core_program(swapped_order_tests streampeersocket_internal
  stream/godot_scalars_test.c variant/variant_reading_test.c variant/variant_writing_test.c
  support/variants.c ${sources_with_an_order})
set_source_files_properties(${sources_with_an_order} PROPERTIES
  COMPILE_OPTIONS "-include;${CMAKE_CURRENT_SOURCE_DIR}/support/swapped_order.h"
  COMPILE_DEFINITIONS SPS_BUILDING)
add_dependencies(check_programs swapped_order_tests)
set(noticing 0 2)
if(CMAKE_C_BYTE_ORDER STREQUAL "BIG_ENDIAN")
  list(APPEND noticing 1)
endif()
foreach(nth IN LISTS noticing)
  expect_failure(swapped_order swapped_order_tests ${nth})
endforeach()

# The selector of the BSDs ignores EV_EOF. The stand-in for kqueue(2) includes the selector. The
# presets of other processors build neither these tests nor those that they stand for.
if(TARGET syscall_tests AND NOT CMAKE_CROSSCOMPILING)
  make_mutant(ignored_eof platform/bsd/selector.c "EV_EOF" "0")
  add_core_program(ignored_eof_tests streampeersocket_internal
    platform/kqueue_test.c support/fake_libc.c support/scripted_kqueue.c
    support/system_calls.c)
  target_link_libraries(ignored_eof_tests PRIVATE ${CMAKE_DL_LIBS})
  target_include_directories(ignored_eof_tests BEFORE PRIVATE
    ${CMAKE_CURRENT_BINARY_DIR}/ignored_eof)
  target_include_directories(ignored_eof_tests PRIVATE support/kqueue)
  add_dependencies(check_programs ignored_eof_tests)
  expect_failure(ignored_eof ignored_eof_tests 0)
endif()

# The selector of Windows begins no new poll for a socket that it has reported, or whose report was
# dropped.
if(WIN32)
  set(poll_again "enlist(selector, watch, SPSI_IN_UPDATES);")
  make_mutant(forgotten_poll platform/windows/selector.c
    "${poll_again}\n    return true;" "unlist(selector, watch);\n    return true;")
  make_mutant(forgotten_report platform/windows/selector.c
    "!= NULL) {\n        ${poll_again}" "!= NULL) {\n        unlist(selector, watch);")
  set(forgotten_poll_test bytes_are_reported_until_they_are_read)
  set(forgotten_report_test a_dropped_report_comes_again)
  foreach(mutant IN ITEMS forgotten_poll forgotten_report)
    add_core_program(${mutant}_tests streampeersocket_internal
      platform_contract/selector_test.c support/contract.c support/contract_windows.c
      ${CMAKE_CURRENT_BINARY_DIR}/${mutant}/platform/windows/selector.c)
    target_compile_definitions(${mutant}_tests PRIVATE SPS_BUILDING)
    add_dependencies(check_programs ${mutant}_tests)
    expect_failure(${mutant} ${mutant}_tests 0 --test ${${mutant}_test})
    # It waits for long, so it begins early.
    set_tests_properties(${mutant}_is_noticed.0 PROPERTIES COST 500)
  endforeach()
endif()
