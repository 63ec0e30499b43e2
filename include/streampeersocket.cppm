// SPDX-License-Identifier: MIT
//
// The C++ headers as a module of C++20: import streampeersocket;
//
// It exports the names of streampeersocket.hpp, and the structs of C in their signatures. A program
// that calls the C functions, or needs a macro, includes the C header beside the import.
module;

#include "streampeersocket.hpp"

export module streampeersocket;

export namespace sps {

// ---- Errors

using sps::Error;
using sps::error_name;
using sps::error_message;
using sps::OK;
using sps::FAILED;
using sps::ERR_UNAVAILABLE;
using sps::ERR_UNCONFIGURED;
using sps::ERR_UNAUTHORIZED;
using sps::ERR_PARAMETER_RANGE_ERROR;
using sps::ERR_OUT_OF_MEMORY;
using sps::ERR_FILE_NOT_FOUND;
using sps::ERR_FILE_BAD_DRIVE;
using sps::ERR_FILE_BAD_PATH;
using sps::ERR_FILE_NO_PERMISSION;
using sps::ERR_FILE_ALREADY_IN_USE;
using sps::ERR_FILE_CANT_OPEN;
using sps::ERR_FILE_CANT_WRITE;
using sps::ERR_FILE_CANT_READ;
using sps::ERR_FILE_UNRECOGNIZED;
using sps::ERR_FILE_CORRUPT;
using sps::ERR_FILE_MISSING_DEPENDENCIES;
using sps::ERR_FILE_EOF;
using sps::ERR_CANT_OPEN;
using sps::ERR_CANT_CREATE;
using sps::ERR_QUERY_FAILED;
using sps::ERR_ALREADY_IN_USE;
using sps::ERR_LOCKED;
using sps::ERR_TIMEOUT;
using sps::ERR_CANT_CONNECT;
using sps::ERR_CANT_RESOLVE;
using sps::ERR_CONNECTION_ERROR;
using sps::ERR_CANT_ACQUIRE_RESOURCE;
using sps::ERR_CANT_FORK;
using sps::ERR_INVALID_DATA;
using sps::ERR_INVALID_PARAMETER;
using sps::ERR_ALREADY_EXISTS;
using sps::ERR_DOES_NOT_EXIST;
using sps::ERR_DATABASE_CANT_READ;
using sps::ERR_DATABASE_CANT_WRITE;
using sps::ERR_COMPILATION_FAILED;
using sps::ERR_METHOD_NOT_FOUND;
using sps::ERR_LINK_FAILED;
using sps::ERR_SCRIPT_FAILED;
using sps::ERR_CYCLIC_LINK;
using sps::ERR_INVALID_DECLARATION;
using sps::ERR_DUPLICATE_SYMBOL;
using sps::ERR_PARSE_ERROR;
using sps::ERR_BUSY;
using sps::ERR_SKIP;
using sps::ERR_HELP;
using sps::ERR_BUG;
using sps::ERR_PRINTER_ON_FIRE;

// ---- Streams, packets and servers

using sps::Adopt;
using sps::ByteSpan;
using sps::MutableByteSpan;
using sps::ErrorAnd;
using sps::StreamPeer;
using sps::StreamPeerBuffer;
using sps::StreamPeerExtension;
using sps::StreamPeerSocket;
using sps::StreamPeerTCP;
using sps::StreamPeerUDS;
using sps::PacketPeer;
using sps::PacketPeerStream;
using sps::SocketServer;
using sps::TCPServer;
using sps::UDSServer;
using sps::SocketEvent;
using sps::SocketPoller;
using sps::IP;
using sps::Ref;
using sps::close_reason_name;

// ---- Variants

using sps::Variant;
using sps::EncodeOptions;
using sps::DecodeOptions;
using sps::encode_variant;
using sps::decode_variant;
using sps::ElementType;
using sps::Array;
using sps::Dictionary;
using sps::Object;
using sps::Vector2;
using sps::Vector2i;
using sps::Vector3;
using sps::Vector3i;
using sps::Vector4;
using sps::Vector4i;
using sps::Rect2;
using sps::Rect2i;
using sps::Plane;
using sps::Quaternion;
using sps::Color;
using sps::AABB;
using sps::Basis;
using sps::Transform2D;
using sps::Transform3D;
using sps::Projection;
using sps::StringName;
using sps::NodePath;
using sps::RID;
using sps::Callable;
using sps::Signal;
using sps::WideReals;
using sps::PackedByteArray;
using sps::PackedInt32Array;
using sps::PackedInt64Array;
using sps::PackedFloat32Array;
using sps::PackedFloat64Array;
using sps::PackedStringArray;
using sps::PackedVector2Array;
using sps::PackedVector3Array;
using sps::PackedColorArray;
using sps::PackedVector4Array;
using sps::operator==;
using sps::operator!=;

} // namespace sps

export {

// ---- C: options and results

using ::sps_stream;
using ::sps_server;
using ::sps_ip;
using ::sps_poller;
using ::sps_packet_peer;
using ::sps_stream_options;
using ::sps_server_options;
using ::sps_ip_options;
using ::sps_poller_options;
using ::sps_packet_options;
using ::sps_connect_attempt;
using ::sps_tcp_info;
using ::sps_peer_credentials;

}
