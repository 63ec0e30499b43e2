# Run with cmake -P after a program of Check is linked: writes a test of CTest for each of its suites.
#
#   PROGRAM  the program, behind the emulator of its machine, if it needs one
#   NAME     what the tests are called: NAME.SUITE
#   LAUNCH   what runs it    LABEL  of the tests     FILE  what is written
cmake_minimum_required(VERSION 3.21)

execute_process(COMMAND ${PROGRAM} --list OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[0-9]+ [^\n]+" rows "${listed}")
if(NOT rows)
  message(FATAL_ERROR "${PROGRAM} --list names no suite")
endif()
list(LENGTH rows cost) # the programs list the longest suites first
set(content "")
set(known "")
foreach(row IN LISTS rows)
  string(REGEX MATCH "^([0-9]+) (.*)$" _ "${row}")
  set(test ${NAME}.${CMAKE_MATCH_2})
  if(test IN_LIST known)
    string(APPEND test "-${CMAKE_MATCH_1}")
  endif()
  list(APPEND known ${test})
  set(command "")
  foreach(word IN LISTS LAUNCH ITEMS ${PROGRAM} --suite ${CMAKE_MATCH_1})
    string(APPEND command " [=[${word}]=]")
  endforeach()
  string(APPEND content "add_test([=[${test}]=]${command})\n"
    "set_tests_properties([=[${test}]=] PROPERTIES LABELS ${LABEL} TIMEOUT 1500 COST ${cost})\n")
  math(EXPR cost "${cost} - 1")
endforeach()
file(WRITE ${FILE} "${content}")
