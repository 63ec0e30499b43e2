# A part of the installed package: the targets StreamPeerSocket::TLS and, where OpenSSL is found,
# StreamPeerSocket::TLSStatic.
include("${CMAKE_CURRENT_LIST_DIR}/StreamPeerSocketTLSTargets.cmake")
set(StreamPeerSocket_TLS_FOUND TRUE)
find_package(OpenSSL 3 QUIET)
if(OPENSSL_FOUND)
  include("${CMAKE_CURRENT_LIST_DIR}/StreamPeerSocketTLSStaticTargets.cmake")
endif()
