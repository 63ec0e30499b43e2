# A toolchain file: the clang of zig, which carries the headers and the libc of many systems.
#
#   SPS_ZIG_TARGET   zig's name of the target, such as aarch64-linux-gnu.2.28 (the oldest glibc)
#   SPS_FOREIGN      the folder of the tests' libraries in build/foreign: the name of the preset
#   SPS_ZIG          the program; empty: where scripts/setup puts it, or the PATH
#   SPS_ZIG_VERSION  another version than scripts/setup has for the rest; empty: that one
#
# zig is one program with the compiler, the archiver and the rest in it. CMake and ccache want a
# program for each, so a script in build/foreign/zig calls it. zig builds libraries of its own for a
# target when it first links for it: one set with and one without optimization. The scripts ask for
# optimization, which later options may change, so that CMake's checks need no second set.
#
# Projects within the project, such as CMake's own checks, read the file again without these variables.
# They find them in the environment.
foreach(variable IN ITEMS SPS_ZIG_TARGET SPS_FOREIGN SPS_ZIG SPS_ZIG_VERSION)
  if(${variable})
    set(ENV{${variable}} ${${variable}})
  elseif(DEFINED ENV{${variable}})
    set(${variable} $ENV{${variable}})
  endif()
endforeach()
get_filename_component(project_folder ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(foreign ${project_folder}/build/foreign)

# ---- The system

if(NOT SPS_ZIG_TARGET MATCHES "^([a-z0-9_]+)-([a-z]+)")
  message(FATAL_ERROR "SPS_ZIG_TARGET is no name of a target: '${SPS_ZIG_TARGET}'")
endif()
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_MATCH_1})
set(zig_os ${CMAKE_MATCH_2})
set(systems linux Linux macos Darwin ios iOS freebsd FreeBSD openbsd OpenBSD netbsd NetBSD
  windows Windows)
list(FIND systems ${zig_os} place)
if(place EQUAL -1)
  message(FATAL_ERROR "zig.cmake does not know the system of ${SPS_ZIG_TARGET}")
endif()
math(EXPR place "${place} + 1")
list(GET systems ${place} CMAKE_SYSTEM_NAME)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86")
  set(CMAKE_SYSTEM_PROCESSOR i686)
elseif(SPS_ZIG_TARGET MATCHES "hf$|hf\\.")
  set(CMAKE_SYSTEM_PROCESSOR armv7l)
endif()

# ---- The programs

set(scripts ${foreign}/zig)
set(zig_folder ${project_folder}/build/python/ziglang)
if(SPS_ZIG_VERSION)
  set(scripts ${foreign}/zig-${SPS_ZIG_VERSION})
  set(zig_folder ${project_folder}/build/ziglang-${SPS_ZIG_VERSION}/ziglang)
endif()
find_program(SPS_ZIG zig HINTS ${zig_folder})
if(NOT SPS_ZIG)
  message(FATAL_ERROR "zig is missing: scripts/setup emulated installs it")
endif()
foreach(tool IN ITEMS cc c++ ar ranlib)
  set(script ${scripts}/zig-${tool})
  set(options "")
  if(tool MATCHES "^c")
    set(options " -O1")
  endif()
  set(text "#!/bin/sh\nexec ${SPS_ZIG} ${tool}${options} \"$@\"\n")
  set(written "")
  if(EXISTS ${script})
    file(READ ${script} written)
  endif()
  if(NOT written STREQUAL text) # a new time would make all objects old
    set(new ${script}.${SPS_FOREIGN}) # others may configure and compile beside this
    file(WRITE ${new} "${text}")
    file(CHMOD ${new} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
      GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    file(RENAME ${new} ${script})
  endif()
endforeach()
set(CMAKE_C_COMPILER ${scripts}/zig-cc)
set(CMAKE_CXX_COMPILER ${scripts}/zig-c++)
set(CMAKE_C_COMPILER_TARGET ${SPS_ZIG_TARGET})
set(CMAKE_CXX_COMPILER_TARGET ${SPS_ZIG_TARGET})
set(CMAKE_AR ${scripts}/zig-ar)
set(CMAKE_RANLIB ${scripts}/zig-ranlib)

# ---- Darwin

# zig has no install_name_tool, which only an installation with another name needs. Its linker runs
# without an SDK. zig carries the headers of macOS alone; those of iOS are the same for this project.
# There is nothing to link with for iOS, so CMake must not try.
if(zig_os MATCHES "^(macos|ios)$")
  set(CMAKE_SYSTEM_NAME Darwin)
  set(CMAKE_OSX_SYSROOT "")
  set(CMAKE_INSTALL_NAME_TOOL ${CMAKE_COMMAND};-E;true)
endif()
if(zig_os STREQUAL "ios")
  get_filename_component(zig_folder ${SPS_ZIG} DIRECTORY)
  set(CMAKE_C_STANDARD_INCLUDE_DIRECTORIES ${zig_folder}/lib/libc/include/any-macos-any)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
endif()

# ---- What is there already

# The libraries of this machine are of no use. scripts/foreign builds those that the tests need.
set(CMAKE_FIND_ROOT_PATH ${foreign}/${SPS_FOREIGN})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${foreign}/${SPS_FOREIGN}/lib/pkgconfig)

# ---- Running

# x86 programs run as they are. Programs of glibc need the target's own glibc, from Debian.
if(zig_os STREQUAL "linux" AND NOT CMAKE_SYSTEM_PROCESSOR MATCHES "86")
  string(REGEX MATCH "^[a-z0-9]+" qemu ${SPS_ZIG_TARGET})
  string(REGEX REPLACE "\\.[0-9.]+$" "" triple ${SPS_ZIG_TARGET})
  set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${qemu}-static -L /usr/${triple})
endif()
