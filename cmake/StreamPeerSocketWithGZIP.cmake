# A part of the installed package: the targets StreamPeerSocket::GZIP and, where zlib is found,
# StreamPeerSocket::GZIPStatic.
include("${CMAKE_CURRENT_LIST_DIR}/StreamPeerSocketGZIPTargets.cmake")
set(StreamPeerSocket_GZIP_FOUND TRUE)
find_package(ZLIB QUIET)
if(ZLIB_FOUND)
  include("${CMAKE_CURRENT_LIST_DIR}/StreamPeerSocketGZIPStaticTargets.cmake")
endif()
