# A toolchain file: MinGW-w64 (gcc and binutils), for Windows.
#
#   SPS_MINGW     the prefix of its programs; x86_64-w64-mingw32 or i686-w64-mingw32
#   SPS_FOREIGN   the folder of the tests' libraries in build/foreign: the name of the preset
#
# Projects within the project, such as CMake's own checks, read the file again without these variables.
# They find them in the environment.
foreach(variable IN ITEMS SPS_MINGW SPS_FOREIGN)
  if(${variable})
    set(ENV{${variable}} ${${variable}})
  elseif(DEFINED ENV{${variable}})
    set(${variable} $ENV{${variable}})
  endif()
endforeach()
if(NOT SPS_MINGW)
  set(SPS_MINGW x86_64-w64-mingw32)
endif()

set(CMAKE_SYSTEM_NAME Windows)
string(REGEX MATCH "^[a-z0-9_]+" CMAKE_SYSTEM_PROCESSOR ${SPS_MINGW})
# Debian has each compiler twice. The C++ library of the other variant lacks std::thread.
find_program(SPS_MINGW_CC NAMES ${SPS_MINGW}-gcc-posix ${SPS_MINGW}-gcc REQUIRED)
find_program(SPS_MINGW_CXX NAMES ${SPS_MINGW}-g++-posix ${SPS_MINGW}-g++ REQUIRED)
set(CMAKE_C_COMPILER ${SPS_MINGW_CC})
set(CMAKE_CXX_COMPILER ${SPS_MINGW_CXX})
set(CMAKE_RC_COMPILER ${SPS_MINGW}-windres)

# The libraries of this machine are of no use. scripts/foreign builds those that the tests need.
get_filename_component(foreign ${CMAKE_CURRENT_LIST_DIR}/../../build/foreign ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH ${foreign}/${SPS_FOREIGN} /usr/${SPS_MINGW})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${foreign}/${SPS_FOREIGN}/lib/pkgconfig)

# Programs run under wine, which is called wine64 or wine.
if(NOT CMAKE_HOST_WIN32)
  find_program(SPS_WINE NAMES wine64 wine)
  if(SPS_WINE)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${SPS_WINE})
  endif()
endif()
