# The rules that install the library, in components (docs/building.md):
#
#   runtime                        the shared library of the core
#   development                    its headers, static library, CMake package and pkg-config file
#   testing                        the simulated network, with its headers
#   tls, gzip                      the shared libraries for TLS and gzip
#   tls-development, gzip-development
#   docs                           README, CHANGELOG and the guides
#
# Each brings the licence. A file of the CMake package needs only files of its own component and of
# development.
include(CMakePackageConfigHelpers)

set(sps_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/StreamPeerSocket)
set(sps_doc_dir ${CMAKE_INSTALL_DOCDIR})
if(NOT PROJECT_IS_TOP_LEVEL) # that is the host's folder then
  set(sps_doc_dir ${CMAKE_INSTALL_DATAROOTDIR}/doc/StreamPeerSocket)
endif()

# In pkg-config files paths are relative to the file, so that the installed tree may be moved. A
# package with absolute folders, as in Nix, stays where it is, and so does one in /usr: pkg-config
# leaves out the compiler's own folders only if they are spelt as such.
set(sps_pc_prefix ${CMAKE_INSTALL_PREFIX})
if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" AND NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  file(RELATIVE_PATH sps_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" sps_pc_prefix "\${pcfiledir}/${sps_pc_prefix}")
endif()
foreach(folder IN ITEMS LIBDIR INCLUDEDIR)
  set(sps_pc_${folder} ${CMAKE_INSTALL_${folder}})
  if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_${folder}}")
    set(sps_pc_${folder} "\${prefix}/${CMAKE_INSTALL_${folder}}")
  endif()
endforeach()

function(sps_install_licence)
  foreach(component IN LISTS ARGN)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${sps_doc_dir} COMPONENT ${component})
  endforeach()
endfunction()

# sps_install_targets(EXPORT RUNTIME DEVELOPMENT TARGET...): libraries, and the file of the CMake
# package that describes them. RUNTIME and DEVELOPMENT are components.
function(sps_install_targets export runtime development)
  install(TARGETS ${ARGN} EXPORT ${export}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${runtime}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      COMPONENT ${runtime} NAMELINK_COMPONENT ${development}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${development})
  install(EXPORT ${export} NAMESPACE StreamPeerSocket:: DESTINATION ${sps_package_dir}
    COMPONENT ${development})
endfunction()

# A file of the CMake package, with what the library was built with.
function(sps_install_config file component)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${file} ${PROJECT_BINARY_DIR}/${file} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${sps_package_dir} COMPONENT ${component})
endfunction()

# sps_install_pkg_config(NAME COMPONENT DESCRIPTION TEXT LIBRARY NAME [CORE] [DEFINITION NAME]
#   [PACKAGES TEXT] [LIBS TEXT])
#
# CORE: it needs the core. The rest is for programs that link the static library: a macro, packages
# of pkg-config and libraries. It is private, unless there is only the static library.
function(sps_install_pkg_config name component)
  cmake_parse_arguments(PC "CORE" "DESCRIPTION;LIBRARY;DEFINITION;PACKAGES;LIBS" "" ${ARGN})
  set(scope private)
  if(NOT sps_has_shared)
    set(scope public)
  endif()
  if(PC_CORE)
    set(public_packages " streampeersocket = ${PROJECT_VERSION}")
  endif()
  if(sps_has_static AND PC_PACKAGES)
    list(APPEND ${scope}_packages " ${PC_PACKAGES}")
    list(JOIN ${scope}_packages "," ${scope}_packages)
  endif()
  if(sps_has_static AND PC_LIBS)
    set(${scope}_libs " ${PC_LIBS}")
  endif()
  if(sps_has_static AND PC_DEFINITION)
    set(${scope}_flags " -D${PC_DEFINITION}")
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/streampeersocket.pc.in
    ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${component})
endfunction()

# The optional libraries add their pkg-config files themselves, because each knows its needs.
function(sps_install_optional_library library export)
  set(development ${library}-development)
  if(sps_has_shared)
    sps_install_targets(StreamPeerSocket${export}Targets ${library} ${development}
      streampeersocket_${library})
  endif()
  if(sps_has_static)
    sps_install_targets(StreamPeerSocket${export}StaticTargets ${library} ${development}
      streampeersocket_${library}_static)
  endif()
  install(FILES ${ARGN} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/streampeersocket
    COMPONENT ${development})
  sps_install_config(StreamPeerSocketWith${export}.cmake ${development})
  sps_install_licence(${library} ${development})
endfunction()

function(sps_install_core)
  set(include ${PROJECT_SOURCE_DIR}/include)
  set(core streampeersocket_c)
  if(sps_has_shared)
    list(APPEND core streampeersocket)
  endif()
  if(sps_has_static)
    list(APPEND core streampeersocket_static)
  endif()
  sps_install_targets(StreamPeerSocketTargets runtime development ${core})
  install(DIRECTORY ${include}/streampeersocket DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT development
    PATTERN "gzip.h*" EXCLUDE PATTERN "tls.h*" EXCLUDE PATTERN "certificates.h*" EXCLUDE)
  install(FILES ${include}/streampeersocket.hpp ${include}/streampeersocket.cppm
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
  # The API for makers of bindings (docs/bindings.md).
  install(FILES ${PROJECT_SOURCE_DIR}/docs/api.json
    DESTINATION ${CMAKE_INSTALL_DATADIR}/streampeersocket COMPONENT development)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/StreamPeerSocketConfig.cmake.in
    ${PROJECT_BINARY_DIR}/StreamPeerSocketConfig.cmake INSTALL_DESTINATION ${sps_package_dir})
  write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/StreamPeerSocketConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/StreamPeerSocketConfig.cmake
    ${PROJECT_BINARY_DIR}/StreamPeerSocketConfigVersion.cmake
    DESTINATION ${sps_package_dir} COMPONENT development)
  sps_install_pkg_config(streampeersocket development LIBRARY streampeersocket
    DESCRIPTION ${PROJECT_DESCRIPTION} DEFINITION SPS_STATIC LIBS "${sps_system_flags}")

  sps_install_targets(StreamPeerSocketTestingTargets testing testing streampeersocket_testing)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/Sources/CSocketSimulation/include/streampeersocket_testing
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT testing)
  sps_install_config(StreamPeerSocketWithTesting.cmake testing)
  sps_install_pkg_config(streampeersocket-testing testing CORE LIBRARY streampeersocket_testing
    DESCRIPTION "A simulated network for testing programs that use StreamPeerSocket")

  sps_install_licence(runtime development testing docs)
  install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
    DESTINATION ${sps_doc_dir} COMPONENT docs)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${sps_doc_dir} COMPONENT docs
    FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.png")
  if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(uninstall
      COMMAND ${CMAKE_COMMAND} -D BUILD=${PROJECT_BINARY_DIR}
        -P ${PROJECT_SOURCE_DIR}/cmake/Uninstall.cmake
      COMMENT "Removing what was installed" VERBATIM)
  endif()
endfunction()
