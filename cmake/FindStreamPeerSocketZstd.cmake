# Finds libzstd, with the target StreamPeerSocketZstd::zstd. Not every system has a CMake package of
# it. The name is ours alone, because a program may bring a module of its own for libzstd.
find_path(StreamPeerSocketZstd_INCLUDE_DIR zstd.h)
find_library(StreamPeerSocketZstd_LIBRARY zstd)
mark_as_advanced(StreamPeerSocketZstd_INCLUDE_DIR StreamPeerSocketZstd_LIBRARY)
if(StreamPeerSocketZstd_INCLUDE_DIR)
  file(STRINGS ${StreamPeerSocketZstd_INCLUDE_DIR}/zstd.h StreamPeerSocketZstd_VERSION
    REGEX "define ZSTD_VERSION_[A-Z]+ +[0-9]+")
  string(REGEX REPLACE "[^;0-9]" "" StreamPeerSocketZstd_VERSION "${StreamPeerSocketZstd_VERSION}")
  string(REPLACE ";" "." StreamPeerSocketZstd_VERSION "${StreamPeerSocketZstd_VERSION}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(StreamPeerSocketZstd
  REQUIRED_VARS StreamPeerSocketZstd_LIBRARY StreamPeerSocketZstd_INCLUDE_DIR
  VERSION_VAR StreamPeerSocketZstd_VERSION)
if(StreamPeerSocketZstd_FOUND AND NOT TARGET StreamPeerSocketZstd::zstd)
  add_library(StreamPeerSocketZstd::zstd UNKNOWN IMPORTED)
  set_target_properties(StreamPeerSocketZstd::zstd PROPERTIES
    IMPORTED_LOCATION ${StreamPeerSocketZstd_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${StreamPeerSocketZstd_INCLUDE_DIR})
endif()
