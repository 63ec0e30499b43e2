# A library of its own over the core's public headers, such as the ones for TLS and gzip.
#
#   add_optional_library(gzip GZIP
#     SOURCES ... HEADERS ...            # the public headers, to install
#     DEFINITIONS ... LIBRARIES ...      # of its code alone; users do not see them
#     LINK_OPTIONS ...)                  # of the shared library on Unix
#
# It makes streampeersocket_gzip and streampeersocket_gzip_static (StreamPeerSocket::GZIP and
# GZIPStatic), and installs them as the component gzip. The list of exported symbols is
# streampeersocket-gzip.map beside the sources. In the scope of the caller, package_dir is where the
# CMake package is installed.

# The code, as objects, or in a library that compiles it once more.
function(add_optional_code name type)
  cmake_parse_arguments(CODE "" "LIBRARY" "SOURCES;DEFINITIONS;LIBRARIES" ${ARGN})
  string(TOUPPER ${CODE_LIBRARY} upper)
  add_library(${name} ${type} ${CODE_SOURCES})
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
function(link_optional_library name type)
  cmake_parse_arguments(LINK "" "LIBRARY;CORE;EXPORT" "LIBRARIES" ${ARGN})
  add_library(${name} ${type} $<TARGET_OBJECTS:${LINK_LIBRARY}_objects>)
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name}
    INTERFACE ${LINK_CORE}
    PRIVATE $<BUILD_INTERFACE:sps_build_options> ${LINK_LIBRARIES})
  add_dependencies(${name} ${LINK_CORE})
  set_target_properties(${name} PROPERTIES
    LINKER_LANGUAGE C OUTPUT_NAME streampeersocket-${LINK_LIBRARY} EXPORT_NAME ${LINK_EXPORT}
    ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  add_library(StreamPeerSocket::${LINK_EXPORT} ALIAS ${name})
endfunction()

function(configure_shared_library name map)
  # The core as a file, because its target demands C++17 of its users, and so a C++ compiler.
  target_link_libraries(${name} PRIVATE
    $<BUILD_INTERFACE:$<TARGET_LINKER_FILE:streampeersocket>>)
  set_target_properties(${name} PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  link_hardened(${name})
  if(UNIX AND NOT APPLE)
    target_link_options(${name} PRIVATE LINKER:--version-script=${map} ${ARGN})
    if(PROJECT_IS_TOP_LEVEL AND NOT SPS_SANITIZE AND NOT "${CMAKE_C_FLAGS}" MATCHES "-fsanitize")
      target_link_options(${name} PRIVATE LINKER:--no-undefined)
    endif()
    set_target_properties(${name} PROPERTIES LINK_DEPENDS ${map})
  endif()
endfunction()

function(install_optional_library library export)
  set(targets StreamPeerSocket${export}Targets)
  set(static_targets StreamPeerSocket${export}StaticTargets)
  install(TARGETS streampeersocket_${library} EXPORT ${targets}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${library} NAMELINK_COMPONENT ${library}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${library}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${library})
  install(TARGETS streampeersocket_${library}_static EXPORT ${static_targets}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${library})
  foreach(set IN ITEMS ${targets} ${static_targets})
    install(EXPORT ${set} NAMESPACE StreamPeerSocket:: DESTINATION ${package_dir}
      COMPONENT ${library})
  endforeach()
  install(FILES ${ARGN}
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/streampeersocket COMPONENT ${library})
  # The rest of the package may name what the library was built with.
  configure_file(${PROJECT_SOURCE_DIR}/cmake/StreamPeerSocketWith${export}.cmake
    ${PROJECT_BINARY_DIR}/StreamPeerSocketWith${export}.cmake @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/StreamPeerSocketWith${export}.cmake
    DESTINATION ${package_dir} COMPONENT ${library})
  file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/streampeersocket-${library}.pc.in
    ${PROJECT_BINARY_DIR}/streampeersocket-${library}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/streampeersocket-${library}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${library})
endfunction()

function(add_optional_library library export)
  cmake_parse_arguments(OF "" "" "SOURCES;HEADERS;DEFINITIONS;LIBRARIES;LINK_OPTIONS" ${ARGN})
  set(map ${CMAKE_CURRENT_SOURCE_DIR}/streampeersocket-${library}.map)
  set(name streampeersocket_${library})
  add_optional_code(${library}_objects OBJECT LIBRARY ${library}
    SOURCES ${OF_SOURCES} DEFINITIONS ${OF_DEFINITIONS} LIBRARIES ${OF_LIBRARIES})
  link_optional_library(${name} SHARED LIBRARY ${library}
    CORE streampeersocket EXPORT ${export} LIBRARIES ${OF_LIBRARIES})
  configure_shared_library(${name} ${map} ${OF_LINK_OPTIONS})

  link_optional_library(${name}_static STATIC LIBRARY ${library}
    CORE streampeersocket_static EXPORT ${export}Static LIBRARIES ${OF_LIBRARIES})
  target_compile_definitions(${name}_static PUBLIC SPS_${export}_STATIC)
  file(STRINGS ${map} symbols REGEX "sps_[a-z0-9_]+;")
  list(TRANSFORM symbols REPLACE "^ *(sps_[a-z0-9_]+);.*" "\\1")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map})
  join_objects(${name}_static ${library}_objects HIDDEN ${symbols})
  install_optional_library(${library} ${export} ${OF_HEADERS})
endfunction()
