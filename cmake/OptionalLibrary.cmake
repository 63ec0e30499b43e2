# A library of its own over the core's public headers, such as the ones for TLS and gzip.
#
#   sps_add_optional_library(gzip GZIP
#     SOURCES ... HEADERS ...            # the public headers, to install
#     DEFINITIONS ... LIBRARIES ...      # of its code alone; users do not see them
#     LINK_OPTIONS ...)                  # of the shared library on Unix
#
# It makes streampeersocket_gzip and streampeersocket_gzip_static (StreamPeerSocket::GZIP and
# GZIPStatic), as the core is shared and static. cmake/Install.cmake installs them. The list of
# exported symbols is streampeersocket-gzip.map beside the sources.

# The code, as objects, or in a library that compiles it once more.
function(sps_add_optional_code name type)
  cmake_parse_arguments(CODE "" "LIBRARY" "SOURCES;DEFINITIONS;LIBRARIES" ${ARGN})
  string(TOUPPER ${CODE_LIBRARY} upper)
  sps_add_code(${name} ${type} ${CODE_SOURCES})
  target_include_directories(${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE
    $<BUILD_INTERFACE:sps_build_options> $<BUILD_INTERFACE:sps_strict_warnings>
    $<BUILD_INTERFACE:sps_hardening> $<BUILD_INTERFACE:sps_guard_all_frames> ${CODE_LIBRARIES})
  target_compile_definitions(${name} PRIVATE SPS_${upper}_BUILDING ${CODE_DEFINITIONS})
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF C_VISIBILITY_PRESET hidden)
endfunction()

# A way to link it, beside the core that is linked the same way.
function(sps_link_optional_library name type)
  cmake_parse_arguments(LINK "" "LIBRARY;CORE;EXPORT" "LIBRARIES" ${ARGN})
  add_library(${name} ${type} $<TARGET_OBJECTS:sps_${LINK_LIBRARY}_objects>)
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name}
    PUBLIC ${LINK_CORE}
    PRIVATE $<BUILD_INTERFACE:sps_build_options> ${LINK_LIBRARIES})
  set_target_properties(${name} PROPERTIES
    LINKER_LANGUAGE C OUTPUT_NAME streampeersocket-${LINK_LIBRARY} EXPORT_NAME ${LINK_EXPORT}
    ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  add_library(StreamPeerSocket::${LINK_EXPORT} ALIAS ${name})
endfunction()

function(sps_configure_shared_library name map)
  set_target_properties(${name} PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  sps_link_hardened(${name})
  if(UNIX AND NOT APPLE)
    target_link_options(${name} PRIVATE LINKER:--version-script,${map} ${ARGN})
    if(PROJECT_IS_TOP_LEVEL AND NOT SPS_SANITIZE AND NOT "${CMAKE_C_FLAGS}" MATCHES "-fsanitize")
      target_link_options(${name} PRIVATE LINKER:--no-undefined)
    endif()
    set_target_properties(${name} PROPERTIES LINK_DEPENDS ${map})
  endif()
endfunction()

function(sps_add_optional_library library export)
  cmake_parse_arguments(OF "" "" "SOURCES;HEADERS;DEFINITIONS;LIBRARIES;LINK_OPTIONS" ${ARGN})
  set(map ${CMAKE_CURRENT_SOURCE_DIR}/streampeersocket-${library}.map)
  set(name streampeersocket_${library})
  sps_add_optional_code(sps_${library}_objects OBJECT LIBRARY ${library}
    SOURCES ${OF_SOURCES} DEFINITIONS ${OF_DEFINITIONS} LIBRARIES ${OF_LIBRARIES})
  if(sps_has_shared)
    sps_link_optional_library(${name} SHARED LIBRARY ${library}
      CORE streampeersocket EXPORT ${export} LIBRARIES ${OF_LIBRARIES})
    sps_configure_shared_library(${name} ${map} ${OF_LINK_OPTIONS})
  endif()
  if(sps_has_static)
    sps_link_optional_library(${name}_static STATIC LIBRARY ${library}
      CORE streampeersocket_static EXPORT ${export}Static LIBRARIES ${OF_LIBRARIES})
    target_compile_definitions(${name}_static PUBLIC SPS_${export}_STATIC)
    file(STRINGS ${map} symbols REGEX "sps_[a-z0-9_]+;")
    list(TRANSFORM symbols REPLACE "^ *(sps_[a-z0-9_]+);.*" "\\1")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map})
    sps_join_objects(${name}_static sps_${library}_objects HIDDEN ${symbols})
  endif()
  sps_name_libraries(${export} ${name} ${name}_static)
  if(SPS_INSTALL)
    sps_install_optional_library(${library} ${export} ${OF_HEADERS})
  endif()
endfunction()
