# Finds libzstd, with the target Zstandard::Zstandard. Not every system has a CMake package of it.
find_path(Zstandard_INCLUDE_DIR zstd.h)
find_library(Zstandard_LIBRARY zstd)
mark_as_advanced(Zstandard_INCLUDE_DIR Zstandard_LIBRARY)
if(Zstandard_INCLUDE_DIR)
  file(STRINGS ${Zstandard_INCLUDE_DIR}/zstd.h parts REGEX "define ZSTD_VERSION_[A-Z]+ +[0-9]+")
  string(REGEX REPLACE "[^;0-9]" "" parts "${parts}")
  string(REPLACE ";" "." Zstandard_VERSION "${parts}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Zstandard
  REQUIRED_VARS Zstandard_LIBRARY Zstandard_INCLUDE_DIR VERSION_VAR Zstandard_VERSION)
if(Zstandard_FOUND AND NOT TARGET Zstandard::Zstandard)
  add_library(Zstandard::Zstandard UNKNOWN IMPORTED)
  set_target_properties(Zstandard::Zstandard PROPERTIES
    IMPORTED_LOCATION ${Zstandard_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Zstandard_INCLUDE_DIR})
endif()
