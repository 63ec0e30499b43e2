# The defences that a compiler and a linker add to the library, in release builds, and its size.
#
#   SPS_HARDENING=OFF leaves all of them to the flags of the host.
#
# include() makes the target sps_hardening, which the library's code is compiled with.
# sps_guard_all_frames, after it, guards more of the stack. sps_keep_small(SOURCE...) optimizes code for
# size, and sps_keep_inlined(SOURCE...) allows the compiler to inline what it likes.
# sps_link_hardened(TARGET) is for a shared library.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)

option(SPS_HARDENING "Guard the stack, calls and buffers, in release builds" ON)

add_library(sps_hardening INTERFACE)
set(released "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")

# Adds the options that the compiler has.
function(sps_add_hardening_options)
  foreach(option IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "SPS_HAS${option}" has)
    check_c_compiler_flag("-Werror ${option}" ${has})
    if(${has})
      target_compile_options(sps_hardening INTERFACE "$<${released}:${option}>")
    endif()
  endforeach()
endfunction()

# A sanitizer replaces these checks by its own.
set(is_hardened OFF)
if(SPS_HARDENING AND NOT SPS_SANITIZE AND NOT "${CMAKE_C_FLAGS}" MATCHES "-fsanitize")
  set(is_hardened ON)
  # Addresses are resolved when the library is loaded, so a call needs no stub (-fno-plt).
  if(NOT WIN32)
    sps_add_hardening_options(-fstack-clash-protection -fno-plt)
  endif()
  # It guards frames with arrays of characters. -fstack-protector-strong costs the turn of a poller
  # 7 % more instructions, because most of its frames pass on an address. A host may choose it.
  # MinGW needs a library for it.
  if(NOT WIN32 AND NOT "${CMAKE_C_FLAGS}" MATCHES "stack-protector")
    sps_add_hardening_options(-fstack-protector)
  endif()
  if(WIN32) # marks jump targets, which Windows does not check
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
    sps_add_hardening_options(-fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    sps_add_hardening_options(-mbranch-protection=standard)
  endif()
  # A host that sets it has chosen a level. Some compilers define it, so it is undefined first. MinGW
  # needs a library for it.
  if(NOT WIN32 AND NOT "${CMAKE_C_FLAGS}" MATCHES "_FORTIFY_SOURCE")
    target_compile_options(sps_hardening INTERFACE
      "$<${released}:-U_FORTIFY_SOURCE>" "$<${released}:-D_FORTIFY_SOURCE=2>")
  endif()
  # Padding before functions, loops and jumps is an eighth of the code, and no path was faster with
  # it. Larger functions are inlined where they are declared inline. (clang's flag of that name
  # inlines none.)
  sps_add_hardening_options(
    -falign-functions=4 -falign-jumps=1 -falign-loops=1 -falign-labels=1)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    sps_add_hardening_options(-fno-inline-functions -fno-partial-inlining -fno-tree-vectorize)
  endif()
endif()

# For code that runs seldom.
function(sps_keep_small)
  if(is_hardened)
    check_c_compiler_flag("-Werror -Oz" SPS_HAS_Oz)
    set(small -Os)
    if(SPS_HAS_Oz)
      set(small -Oz)
    endif()
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS
      "$<$<CONFIG:Release,RelWithDebInfo>:${small}>")
  endif()
endfunction()

# For code that runs in each turn of a loop.
function(sps_keep_inlined)
  if(is_hardened AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS
      "$<$<CONFIG:Release,RelWithDebInfo>:-finline-functions>")
  endif()
endfunction()

# For code that calls larger libraries, whose cost hides a guard of each frame. Of two options of
# one kind the last one counts, so the target links this after sps_hardening.
add_library(sps_guard_all_frames INTERFACE)
if(is_hardened AND SPS_HAS_fstack_protector)
  target_compile_options(sps_guard_all_frames INTERFACE "$<${released}:-fstack-protector-strong>")
endif()

# A DLL that Windows loads at any address, also above 4 GiB, and whose data no processor executes. Its
# calls return as usual, so shadow stacks (CET) are supported. The same sources make the same file.
function(sps_link_hardened_dll target)
  if(MSVC)
    set(options /DYNAMICBASE /NXCOMPAT /CETCOMPAT /Brepro)
  else()
    set(options --dynamicbase --nxcompat --no-insert-timestamp)
    target_link_options(${target} PRIVATE -static-libgcc)
  endif()
  if(CMAKE_SIZEOF_VOID_P EQUAL 8)
    set(wide --high-entropy-va)
    if(MSVC)
      set(wide /HIGHENTROPYVA)
    endif()
    list(APPEND options ${wide})
  endif()
  foreach(option IN LISTS options)
    string(MAKE_C_IDENTIFIER "SPS_HAS_LINKER${option}" has)
    check_linker_flag(C "LINKER:${option}" ${has})
    if(${has})
      target_link_options(${target} PRIVATE LINKER:${option})
    endif()
  endforeach()
endfunction()

# Addresses are resolved when the library is loaded, and are read-only from then on. A call of one of
# its own functions needs no address. The linker of zig does so without some of these options, and
# refuses them.
function(sps_link_hardened target)
  if(UNIX AND NOT APPLE)
    set(options -z,relro -z,now -z,noexecstack -z,text -Bsymbolic-functions)
    foreach(option IN LISTS options)
      string(MAKE_C_IDENTIFIER "SPS_HAS_LINKER${option}" has)
      check_linker_flag(C "LINKER:${option}" ${has})
      if(${has})
        target_link_options(${target} PRIVATE LINKER:${option})
      endif()
    endforeach()
    if(NOT SPS_HAS_LINKER_Bsymbolic_functions) # the same for a library that exports no data
      target_link_options(${target} PRIVATE LINKER:-Bsymbolic)
    endif()
  elseif(WIN32)
    sps_link_hardened_dll(${target})
  endif()
  # Debian's start files lack the mark, and the linker gives a library no mark that a part lacks.
  # The start files call and return as usual, so the library supports shadow stacks.
  if(is_hardened AND SPS_HAS_fcf_protection_full)
    check_linker_flag(C "LINKER:-z,shstk" SPS_HAS_Z_SHSTK)
    if(SPS_HAS_Z_SHSTK)
      target_link_options(${target} PRIVATE LINKER:-z,shstk)
    endif()
  endif()
endfunction()
