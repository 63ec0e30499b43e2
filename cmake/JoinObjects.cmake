# join_objects(TARGET SYMBOL...)
#
# Makes a static library one object whose symbols are all local but these. The objects are linked
# into one (ld -r), so that a call from one to another needs no symbol; then objcopy makes the rest
# local. It is done to the archive in its place, once it is made. Where there is no objcopy for ELF
# the library stays as it is.
function(join_objects target)
  # A sanitizer's own symbols must stay as they are, for its runtime.
  if(SPS_SANITIZE OR "${CMAKE_C_FLAGS}" MATCHES "-fsanitize")
    return()
  endif()
  if(NOT CMAKE_OBJCOPY OR NOT CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
    return()
  endif()
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}.symbols)
  list(JOIN ARGN "\n" symbols)
  file(CONFIGURE OUTPUT ${list} CONTENT "${symbols}\n" @ONLY)
  # What is linked has to be machine code; the optimizer's own form (-flto) is not.
  set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  target_compile_options(${target} PRIVATE -fno-lto)
  # Of the compiler's flags those that say for which machine.
  separate_arguments(machine NATIVE_COMMAND "${CMAKE_C_FLAGS}")
  list(FILTER machine INCLUDE REGEX "^(-m|--target=|-target$|--sysroot)")
  if(CMAKE_C_COMPILER_TARGET)
    list(APPEND machine --target=${CMAKE_C_COMPILER_TARGET})
  endif()
  set(joined ${CMAKE_CURRENT_BINARY_DIR}/${target}.o)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_C_COMPILER} ${machine} -r -nostdlib -o ${joined} $<TARGET_OBJECTS:${target}>
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${list} ${joined}
    COMMAND ${CMAKE_COMMAND} -E rm -f $<TARGET_FILE:${target}>
    COMMAND ${CMAKE_AR} qcs $<TARGET_FILE:${target}> ${joined}
    COMMENT "Hiding the parts of $<TARGET_FILE_NAME:${target}>"
    COMMAND_EXPAND_LISTS VERBATIM)
endfunction()
