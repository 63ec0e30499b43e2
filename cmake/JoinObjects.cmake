# sps_can_join_objects(VARIABLE)
#
# Whether there is an objcopy for ELF. A sanitizer's own symbols must stay as they are, for its runtime.
function(sps_can_join_objects result)
  set(${result} OFF PARENT_SCOPE)
  if(CMAKE_OBJCOPY AND CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF"
      AND NOT SPS_SANITIZE AND NOT "${CMAKE_C_FLAGS}" MATCHES "-fsanitize")
    set(${result} ON PARENT_SCOPE)
  endif()
endfunction()

# sps_join_objects(TARGET OBJECTS [HIDDEN] SYMBOL...)
#
# Makes a static library of the objects of another target one object whose symbols are all local but
# these. The objects are linked into one (ld -r), so that a call from one to another needs no symbol;
# then objcopy makes the rest local. HIDDEN: the symbols are not exported by a shared library that the
# static one is linked into. It is done to the archive in its place, once it is made. Where it cannot be
# done the library stays as it is.
function(sps_join_objects target objects)
  sps_can_join_objects(is_joined)
  if(NOT is_joined)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 2 JOIN "HIDDEN" "" "")
  set(symbols ${JOIN_UNPARSED_ARGUMENTS})
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}.symbols)
  list(JOIN symbols "\n" text)
  file(CONFIGURE OUTPUT ${list} CONTENT "${text}\n" @ONLY)
  set(hiding "")
  if(JOIN_HIDDEN) # a symbol is as hidden as the object says that hides it most
    set(hiding ${CMAKE_CURRENT_BINARY_DIR}/${target}_hidden.c)
    list(JOIN symbols "\\n.hidden " text)
    file(CONFIGURE OUTPUT ${hiding} CONTENT "__asm__(\".hidden ${text}\\n\");\n" @ONLY)
  endif()
  # What is linked has to be machine code; the optimizer's own form (-flto) is not.
  set_target_properties(${objects} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  target_compile_options(${objects} PRIVATE -fno-lto)
  # Of the compiler's flags those that say for which machine.
  separate_arguments(machine NATIVE_COMMAND "${CMAKE_C_FLAGS}")
  list(FILTER machine INCLUDE REGEX "^(-m|--target=|-target$|--sysroot)")
  if(CMAKE_C_COMPILER_TARGET)
    list(APPEND machine --target=${CMAKE_C_COMPILER_TARGET})
  endif()
  set(joined ${CMAKE_CURRENT_BINARY_DIR}/${target}.o)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_C_COMPILER} ${machine} -r -nostdlib -o ${joined} ${hiding}
      $<TARGET_OBJECTS:${objects}>
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${list} ${joined}
    COMMAND ${CMAKE_COMMAND} -E rm -f $<TARGET_FILE:${target}>
    COMMAND ${CMAKE_AR} qcs $<TARGET_FILE:${target}> ${joined}
    COMMENT "Hiding the parts of $<TARGET_FILE_NAME:${target}>"
    COMMAND_EXPAND_LISTS VERBATIM)
endfunction()
