# A part of the installed package: the target StreamPeerSocket::Testing.
include("${CMAKE_CURRENT_LIST_DIR}/StreamPeerSocketTestingTargets.cmake")
set(StreamPeerSocket_Testing_FOUND TRUE)
