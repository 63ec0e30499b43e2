"""StreamPeerSocket 0.2.0 for ctypes. Made by scripts/bindings from docs/api.json.

load() returns the library. Its functions have the names and the order of parameters of C, and the
comments of the headers hold. Pass text as bytes. A struct sets its struct_size itself, except in an
array. Text with a length is a pointer: string_at(pointer, length) reads it. Keep a callback in a
variable while the library may call it.
"""
import os
import sys
from ctypes import (CDLL, CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_double,
                    c_float, c_int8, c_int16, c_int32, c_int64, c_size_t, c_ssize_t, c_uint8,
                    c_uint16, c_uint32, c_uint64, c_void_p, sizeof)

VERSION = "0.2.0"


class _Sized(Structure):
    """A struct whose first field tells the library which fields the caller knows."""

    def __init__(self, **fields):
        super().__init__(struct_size=sizeof(type(self)), **fields)


sps_error = c_int32
SPS_OK = 0
SPS_FAILED = 1
SPS_ERR_UNAVAILABLE = 2
SPS_ERR_UNCONFIGURED = 3
SPS_ERR_UNAUTHORIZED = 4
SPS_ERR_PARAMETER_RANGE_ERROR = 5
SPS_ERR_OUT_OF_MEMORY = 6
SPS_ERR_FILE_NOT_FOUND = 7
SPS_ERR_FILE_BAD_DRIVE = 8
SPS_ERR_FILE_BAD_PATH = 9
SPS_ERR_FILE_NO_PERMISSION = 10
SPS_ERR_FILE_ALREADY_IN_USE = 11
SPS_ERR_FILE_CANT_OPEN = 12
SPS_ERR_FILE_CANT_WRITE = 13
SPS_ERR_FILE_CANT_READ = 14
SPS_ERR_FILE_UNRECOGNIZED = 15
SPS_ERR_FILE_CORRUPT = 16
SPS_ERR_FILE_MISSING_DEPENDENCIES = 17
SPS_ERR_FILE_EOF = 18
SPS_ERR_CANT_OPEN = 19
SPS_ERR_CANT_CREATE = 20
SPS_ERR_QUERY_FAILED = 21
SPS_ERR_ALREADY_IN_USE = 22
SPS_ERR_LOCKED = 23
SPS_ERR_TIMEOUT = 24
SPS_ERR_CANT_CONNECT = 25
SPS_ERR_CANT_RESOLVE = 26
SPS_ERR_CONNECTION_ERROR = 27
SPS_ERR_CANT_ACQUIRE_RESOURCE = 28
SPS_ERR_CANT_FORK = 29
SPS_ERR_INVALID_DATA = 30
SPS_ERR_INVALID_PARAMETER = 31
SPS_ERR_ALREADY_EXISTS = 32
SPS_ERR_DOES_NOT_EXIST = 33
SPS_ERR_DATABASE_CANT_READ = 34
SPS_ERR_DATABASE_CANT_WRITE = 35
SPS_ERR_COMPILATION_FAILED = 36
SPS_ERR_METHOD_NOT_FOUND = 37
SPS_ERR_LINK_FAILED = 38
SPS_ERR_SCRIPT_FAILED = 39
SPS_ERR_CYCLIC_LINK = 40
SPS_ERR_INVALID_DECLARATION = 41
SPS_ERR_DUPLICATE_SYMBOL = 42
SPS_ERR_PARSE_ERROR = 43
SPS_ERR_BUSY = 44
SPS_ERR_SKIP = 45
SPS_ERR_HELP = 46
SPS_ERR_BUG = 47
SPS_ERR_PRINTER_ON_FIRE = 48


class sps_platform(Structure):
    "The network of the sockets: the machine's OS, or a simulated network."


class sps_allocator(_Sized):
    "The source of memory."

    _fields_ = [
        ("struct_size", c_uint32),
        ("reallocate", CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_size_t, c_size_t)),
        ("user_data", c_void_p),
    ]


class sps_stream_options(_Sized):
    "The limits of one stream."

    _fields_ = [
        ("struct_size", c_uint32),
        ("connect_timeout_ms", c_uint32),
        ("read_buffer_bytes", c_uint32),
        ("write_buffer_bytes", c_uint32),
        ("max_value_bytes", c_uint32),
        ("allocator", POINTER(sps_allocator)),
        ("platform", POINTER(sps_platform)),
        ("io_timeout_ms", c_uint32),
        ("idle_timeout_ms", c_uint32),
        ("user_timeout_ms", c_uint32),
        ("keepalive_idle_ms", c_uint32),
        ("keepalive_interval_ms", c_uint32),
        ("keepalive_count", c_uint32),
        ("os_send_buffer_bytes", c_uint32),
        ("os_receive_buffer_bytes", c_uint32),
        ("write_low_mark_bytes", c_uint32),
        ("half_open", c_uint32),
    ]


class sps_server_options(_Sized):
    "How a server listens, and the options of its connections."

    _fields_ = [
        ("struct_size", c_uint32),
        ("backlog", c_uint32),
        ("stream", POINTER(sps_stream_options)),
        ("reuse_port", c_uint32),
        ("file_mode", c_uint32),
    ]


class sps_stream(Structure):
    "One stream of any kind: TCP, Unix, memory, or a caller's own."


class sps_packet_peer(Structure):
    "Gets and puts packets over a stream."


class sps_packet_options(_Sized):
    "Size limits of packets."

    _fields_ = [
        ("struct_size", c_uint32),
        ("input_buffer_max_bytes", c_uint32),
        ("output_buffer_max_bytes", c_uint32),
        ("encode_buffer_max_bytes", c_uint32),
        ("allocator", POINTER(sps_allocator)),
    ]


class sps_server(Structure):
    "A listening socket."


sps_status = c_int32
SPS_STATUS_NONE = 0
SPS_STATUS_CONNECTING = 1
SPS_STATUS_CONNECTED = 2
SPS_STATUS_ERROR = 3
sps_close_reason = c_int32
SPS_CLOSE_NONE = 0
SPS_CLOSE_LOCAL = 1
SPS_CLOSE_PEER_FINISHED = 2
SPS_CLOSE_RESET = 3
SPS_CLOSE_REFUSED = 4
SPS_CLOSE_UNREACHABLE = 5
SPS_CLOSE_CONNECT_TIMED_OUT = 6
SPS_CLOSE_NAME_NOT_FOUND = 7
SPS_CLOSE_NOT_ACKNOWLEDGED = 8
SPS_CLOSE_NO_RESOURCES = 9
SPS_CLOSE_FAILED = 10
SPS_CLOSE_KEEPALIVE = 11
SPS_CLOSE_IDLE = 12
SPS_CLOSE_PUT_TIMED_OUT = 13
SPS_CLOSE_GRACE_TIMED_OUT = 14
SPS_CLOSE_LIMIT = 15
SPS_CLOSE_LOOKUP_FAILED = 16
SPS_CLOSE_TRUNCATED = 17
SPS_CLOSE_PROTOCOL = 18
SPS_CLOSE_UNTRUSTED = 19
SPS_WAIT_READABLE = 1
SPS_WAIT_WRITABLE = 2


class sps_socket_wait(_Sized):
    "The readiness and the time that a stream waits for."

    _fields_ = [
        ("struct_size", c_uint32),
        ("interests", c_uint32),
        ("fd", c_ssize_t),
        ("timeout_us", c_int64),
    ]


SPS_CUSTOM_NOT_IMPLEMENTED = -1


class sps_custom_operations(_Sized):
    "The operations of a custom stream."

    _fields_ = [
        ("struct_size", c_uint32),
        ("get_partial_data", CFUNCTYPE(sps_error, c_void_p, POINTER(c_uint8), c_size_t,
         POINTER(c_size_t))),
        ("get_data", CFUNCTYPE(sps_error, c_void_p, POINTER(c_uint8), c_size_t, POINTER(c_size_t))),
        ("put_partial_data", CFUNCTYPE(sps_error, c_void_p, POINTER(c_uint8), c_size_t,
         POINTER(c_size_t))),
        ("put_data", CFUNCTYPE(sps_error, c_void_p, POINTER(c_uint8), c_size_t, POINTER(c_size_t))),
        ("get_available_bytes", CFUNCTYPE(sps_error, c_void_p, POINTER(c_size_t))),
        ("destroy", CFUNCTYPE(None, c_void_p)),
        ("poll", CFUNCTYPE(sps_error, c_void_p)),
        ("shutdown_write", CFUNCTYPE(sps_error, c_void_p)),
        ("close", CFUNCTYPE(None, c_void_p)),
    ]


class sps_poller(Structure):
    "A set of streams and servers to wait for."


SPS_EVENT_CONNECTED = 1
SPS_EVENT_READABLE = 2
SPS_EVENT_WRITABLE = 4
SPS_EVENT_FINISHED = 8
SPS_EVENT_CLOSED = 16
SPS_EVENT_CONNECTION_AVAILABLE = 32


class sps_event(_Sized):
    "The events of one stream or server."

    _fields_ = [
        ("struct_size", c_uint32),
        ("kinds", c_uint32),
        ("close_reason", sps_close_reason),
        ("stream", POINTER(sps_stream)),
        ("server", POINTER(sps_server)),
        ("user_data", c_void_p),
    ]


class sps_poller_options(_Sized):
    "Limits of one wait."

    _fields_ = [
        ("struct_size", c_uint32),
        ("max_events", c_uint32),
        ("max_read_bytes", c_uint32),
        ("max_time_us", c_uint32),
        ("max_kept_bytes", c_uint32),
        ("allocator", POINTER(sps_allocator)),
        ("platform", POINTER(sps_platform)),
    ]


class sps_tcp_info(_Sized):
    "The OS's data about a connection (TCP_INFO)."

    _fields_ = [
        ("struct_size", c_uint32),
        ("round_trip_us", c_uint32),
        ("round_trip_variation_us", c_uint32),
        ("least_round_trip_us", c_uint32),
        ("retransmits", c_uint32),
        ("unacknowledged_segments", c_uint32),
        ("not_sent_bytes", c_uint32),
        ("congestion_window_segments", c_uint32),
        ("segment_bytes", c_uint32),
        ("since_received_ms", c_uint32),
        ("acknowledged_bytes", c_uint64),
        ("received_bytes", c_uint64),
        ("delivery_bytes_per_second", c_uint64),
    ]


class sps_peer_credentials(_Sized):
    "The process at the other end at the time of the connect."

    _fields_ = [
        ("struct_size", c_uint32),
        ("pid", c_int32),
        ("uid", c_uint32),
        ("gid", c_uint32),
    ]


class sps_local_address(_Sized):
    "One address of this machine."

    _fields_ = [
        ("struct_size", c_uint32),
        ("interface_index", c_uint32),
        ("interface_name", c_char * 64),
        ("host", c_char * 64),
    ]


sps_ip_type = c_int32
SPS_IP_TYPE_NONE = 0
SPS_IP_TYPE_IPV4 = 1
SPS_IP_TYPE_IPV6 = 2
SPS_IP_TYPE_ANY = 3
sps_resolver_status = c_int32
SPS_RESOLVER_STATUS_NONE = 0
SPS_RESOLVER_STATUS_WAITING = 1
SPS_RESOLVER_STATUS_DONE = 2
SPS_RESOLVER_STATUS_ERROR = 3


class sps_host_text(_Sized):
    "An address as NUL-terminated text (RFC 5952 for IPv6)."

    _fields_ = [
        ("struct_size", c_uint32),
        ("text", c_char * 64),
    ]


class sps_ip(Structure):
    "A queue of look-ups."


class sps_ip_options(_Sized):
    "The options of sps_ip_create()."

    _fields_ = [
        ("struct_size", c_uint32),
        ("timeout_ms", c_uint32),
        ("allocator", POINTER(sps_allocator)),
        ("platform", POINTER(sps_platform)),
    ]


sps_attempt_state = c_int32
SPS_ATTEMPT_RUNNING = 1
SPS_ATTEMPT_CONNECTED = 2
SPS_ATTEMPT_FAILED = 3
SPS_ATTEMPT_ABANDONED = 4


class sps_connect_attempt(_Sized):
    "One attempt to connect to one address."

    _fields_ = [
        ("struct_size", c_uint32),
        ("state", sps_attempt_state),
        ("start_us", c_uint64),
        ("end_us", c_uint64),
        ("os_error", c_int32),
        ("port", c_int32),
        ("host", c_char * 64),
    ]


sps_variant_type = c_int32
SPS_VARIANT_NIL = 0
SPS_VARIANT_BOOL = 1
SPS_VARIANT_INT = 2
SPS_VARIANT_FLOAT = 3
SPS_VARIANT_STRING = 4
SPS_VARIANT_VECTOR2 = 5
SPS_VARIANT_VECTOR2I = 6
SPS_VARIANT_RECT2 = 7
SPS_VARIANT_RECT2I = 8
SPS_VARIANT_VECTOR3 = 9
SPS_VARIANT_VECTOR3I = 10
SPS_VARIANT_TRANSFORM2D = 11
SPS_VARIANT_VECTOR4 = 12
SPS_VARIANT_VECTOR4I = 13
SPS_VARIANT_PLANE = 14
SPS_VARIANT_QUATERNION = 15
SPS_VARIANT_AABB = 16
SPS_VARIANT_BASIS = 17
SPS_VARIANT_TRANSFORM3D = 18
SPS_VARIANT_PROJECTION = 19
SPS_VARIANT_COLOR = 20
SPS_VARIANT_STRING_NAME = 21
SPS_VARIANT_NODE_PATH = 22
SPS_VARIANT_RID = 23
SPS_VARIANT_OBJECT = 24
SPS_VARIANT_CALLABLE = 25
SPS_VARIANT_SIGNAL = 26
SPS_VARIANT_DICTIONARY = 27
SPS_VARIANT_ARRAY = 28
SPS_VARIANT_PACKED_BYTE_ARRAY = 29
SPS_VARIANT_PACKED_INT32_ARRAY = 30
SPS_VARIANT_PACKED_INT64_ARRAY = 31
SPS_VARIANT_PACKED_FLOAT32_ARRAY = 32
SPS_VARIANT_PACKED_FLOAT64_ARRAY = 33
SPS_VARIANT_PACKED_STRING_ARRAY = 34
SPS_VARIANT_PACKED_VECTOR2_ARRAY = 35
SPS_VARIANT_PACKED_VECTOR3_ARRAY = 36
SPS_VARIANT_PACKED_COLOR_ARRAY = 37
SPS_VARIANT_PACKED_VECTOR4_ARRAY = 38
SPS_VARIANT_TYPES = 39
sps_variant_step = c_int32
SPS_VARIANT_VALUE = 0
SPS_VARIANT_BEGIN = 1
SPS_VARIANT_END = 2
SPS_VARIANT_WIDE = 1
SPS_VARIANT_ABSOLUTE = 2
sps_variant_element_kind = c_int32
SPS_VARIANT_ANY = 0
SPS_VARIANT_BUILTIN = 1
SPS_VARIANT_CLASS = 2
SPS_VARIANT_SCRIPT = 3


class sps_variant_element(_Sized):
    "The element type of a typed container, for a writer."

    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", sps_variant_element_kind),
        ("type", sps_variant_type),
        ("name", POINTER(c_char)),
        ("name_bytes", c_size_t),
    ]


SPS_VARIANT_MAX_DEPTH = 1024
SPS_VARIANT_SPARE_MEMORY_BYTES = 16777216


class sps_variant_item(_Sized):
    "One value, or the begin or end of a container."

    _fields_ = [
        ("struct_size", c_uint32),
        ("step", sps_variant_step),
        ("type", sps_variant_type),
        ("flags", c_uint32),
        ("count", c_uint32),
        ("subname_count", c_uint32),
        ("integer", c_int64),
        ("real", c_double),
        ("data", POINTER(c_uint8)),
        ("data_bytes", c_size_t),
        ("key_kind", sps_variant_element_kind),
        ("key_type", sps_variant_type),
        ("key_name", POINTER(c_char)),
        ("key_name_bytes", c_size_t),
        ("value_kind", sps_variant_element_kind),
        ("value_type", sps_variant_type),
        ("value_name", POINTER(c_char)),
        ("value_name_bytes", c_size_t),
    ]


class sps_variant_reader_options(_Sized):
    "Limits of a reader."

    _fields_ = [
        ("struct_size", c_uint32),
        ("max_depth", c_uint32),
        ("allow_objects", c_uint32),
    ]


sps_variant_fault = c_int32
SPS_VARIANT_SOUND = 0
SPS_VARIANT_TRUNCATED = 1
SPS_VARIANT_UNKNOWN_TYPE = 2
SPS_VARIANT_TOO_DEEP = 3
SPS_VARIANT_NO_UTF8 = 4
SPS_VARIANT_OLD_NODE_PATH = 5
SPS_VARIANT_OBJECT_NOT_ALLOWED = 6


class sps_variant_reader(_Sized):
    "Walks over one value."

    _fields_ = [
        ("struct_size", c_uint32),
        ("begin", POINTER(c_uint8)),
        ("at", POINTER(c_uint8)),
        ("end", POINTER(c_uint8)),
        ("item", POINTER(c_uint8)),
        ("depth", c_uint32),
        ("max_depth", c_uint32),
        ("error", sps_error),
        ("fault", sps_variant_fault),
        ("allows_objects", c_uint32),
        ("is_begun", c_uint32),
        ("levels", c_uint32 * 1024),
    ]


class sps_variant_writer_options(_Sized):
    "Destination and format of a writer."

    _fields_ = [
        ("struct_size", c_uint32),
        ("max_depth", c_uint32),
        ("wide_reals", c_uint32),
        ("max_bytes", c_uint32),
        ("buffer", c_void_p),
        ("buffer_bytes", c_size_t),
        ("allocator", POINTER(sps_allocator)),
    ]


class sps_variant_writer(_Sized):
    "Appends one value."

    _fields_ = [
        ("struct_size", c_uint32),
        ("data", POINTER(c_uint8)),
        ("size", c_size_t),
        ("capacity", c_size_t),
        ("max_bytes", c_size_t),
        ("depth", c_uint32),
        ("max_depth", c_uint32),
        ("grows", c_uint32),
        ("writes_wide", c_uint32),
        ("is_begun", c_uint32),
        ("reallocate", CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_size_t, c_size_t)),
        ("user_data", c_void_p),
        ("levels", c_uint32 * 1024),
    ]


SPS_LENGTH_PREFIXED = -1
SPS_HOST_TEXT_BYTES = 64
SPS_IP_MAX_ADDRESSES = 16
SPS_RESOLVER_MAX_QUERIES = 256
SPS_RESOLVER_INVALID_ID = -1
SPS_PATH_TEXT_BYTES = 112
SPS_VERSION_MAJOR = 0
SPS_VERSION_MINOR = 2
SPS_VERSION_PATCH = 0

FUNCTIONS = {  # name: the type of the result, the types of the parameters
    "sps_error_name": (c_char_p, [sps_error]),
    "sps_error_message": (c_char_p, [sps_error]),
    "sps_stream_destroy": (None, [POINTER(sps_stream)]),
    "sps_stream_get_available_bytes": (sps_error, [POINTER(sps_stream), POINTER(c_size_t)]),
    "sps_stream_get_data": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t,
        POINTER(c_size_t)]),
    "sps_stream_get_partial_data": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t,
        POINTER(c_size_t)]),
    "sps_stream_put_data": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t,
        POINTER(c_size_t)]),
    "sps_stream_put_partial_data": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t,
        POINTER(c_size_t)]),
    "sps_stream_peek": (sps_error, [POINTER(sps_stream), c_size_t, POINTER(POINTER(c_uint8)),
        POINTER(c_size_t)]),
    "sps_stream_consume": (sps_error, [POINTER(sps_stream), c_size_t]),
    "sps_stream_reserve": (sps_error, [POINTER(sps_stream), c_size_t, POINTER(c_void_p),
        POINTER(c_size_t)]),
    "sps_stream_commit": (sps_error, [POINTER(sps_stream), c_size_t]),
    "sps_stream_set_big_endian": (sps_error, [POINTER(sps_stream), c_bool]),
    "sps_stream_is_big_endian": (sps_error, [POINTER(sps_stream), POINTER(c_bool)]),
    "sps_stream_get_u8": (sps_error, [POINTER(sps_stream), POINTER(c_uint8)]),
    "sps_stream_get_u16": (sps_error, [POINTER(sps_stream), POINTER(c_uint16)]),
    "sps_stream_get_u32": (sps_error, [POINTER(sps_stream), POINTER(c_uint32)]),
    "sps_stream_get_u64": (sps_error, [POINTER(sps_stream), POINTER(c_uint64)]),
    "sps_stream_get_8": (sps_error, [POINTER(sps_stream), POINTER(c_int8)]),
    "sps_stream_get_16": (sps_error, [POINTER(sps_stream), POINTER(c_int16)]),
    "sps_stream_get_32": (sps_error, [POINTER(sps_stream), POINTER(c_int32)]),
    "sps_stream_get_64": (sps_error, [POINTER(sps_stream), POINTER(c_int64)]),
    "sps_stream_get_half": (sps_error, [POINTER(sps_stream), POINTER(c_float)]),
    "sps_stream_get_float": (sps_error, [POINTER(sps_stream), POINTER(c_float)]),
    "sps_stream_get_double": (sps_error, [POINTER(sps_stream), POINTER(c_double)]),
    "sps_stream_try_get_u8": (sps_error, [POINTER(sps_stream), POINTER(c_uint8)]),
    "sps_stream_try_get_u16": (sps_error, [POINTER(sps_stream), POINTER(c_uint16)]),
    "sps_stream_try_get_u32": (sps_error, [POINTER(sps_stream), POINTER(c_uint32)]),
    "sps_stream_try_get_u64": (sps_error, [POINTER(sps_stream), POINTER(c_uint64)]),
    "sps_stream_try_get_8": (sps_error, [POINTER(sps_stream), POINTER(c_int8)]),
    "sps_stream_try_get_16": (sps_error, [POINTER(sps_stream), POINTER(c_int16)]),
    "sps_stream_try_get_32": (sps_error, [POINTER(sps_stream), POINTER(c_int32)]),
    "sps_stream_try_get_64": (sps_error, [POINTER(sps_stream), POINTER(c_int64)]),
    "sps_stream_try_get_half": (sps_error, [POINTER(sps_stream), POINTER(c_float)]),
    "sps_stream_try_get_float": (sps_error, [POINTER(sps_stream), POINTER(c_float)]),
    "sps_stream_try_get_double": (sps_error, [POINTER(sps_stream), POINTER(c_double)]),
    "sps_stream_put_u8": (sps_error, [POINTER(sps_stream), c_uint8]),
    "sps_stream_put_u16": (sps_error, [POINTER(sps_stream), c_uint16]),
    "sps_stream_put_u32": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_stream_put_u64": (sps_error, [POINTER(sps_stream), c_uint64]),
    "sps_stream_put_8": (sps_error, [POINTER(sps_stream), c_int8]),
    "sps_stream_put_16": (sps_error, [POINTER(sps_stream), c_int16]),
    "sps_stream_put_32": (sps_error, [POINTER(sps_stream), c_int32]),
    "sps_stream_put_64": (sps_error, [POINTER(sps_stream), c_int64]),
    "sps_stream_put_half": (sps_error, [POINTER(sps_stream), c_float]),
    "sps_stream_put_float": (sps_error, [POINTER(sps_stream), c_float]),
    "sps_stream_put_double": (sps_error, [POINTER(sps_stream), c_double]),
    "sps_stream_get_string": (sps_error, [POINTER(sps_stream), c_int64, POINTER(POINTER(c_char)),
        POINTER(c_size_t)]),
    "sps_stream_get_utf8_string": (sps_error, [POINTER(sps_stream), c_int64,
        POINTER(POINTER(c_char)), POINTER(c_size_t)]),
    "sps_stream_try_get_string": (sps_error, [POINTER(sps_stream), c_int64,
        POINTER(POINTER(c_char)), POINTER(c_size_t)]),
    "sps_stream_try_get_utf8_string": (sps_error, [POINTER(sps_stream), c_int64,
        POINTER(POINTER(c_char)), POINTER(c_size_t)]),
    "sps_stream_put_string": (sps_error, [POINTER(sps_stream), c_char_p, c_size_t]),
    "sps_stream_put_utf8_string": (sps_error, [POINTER(sps_stream), c_char_p, c_size_t]),
    "sps_stream_set_write_batching": (sps_error, [POINTER(sps_stream), c_bool]),
    "sps_stream_is_write_batching": (sps_error, [POINTER(sps_stream), POINTER(c_bool)]),
    "sps_stream_flush": (sps_error, [POINTER(sps_stream)]),
    "sps_stream_get_pending_write_bytes": (sps_error, [POINTER(sps_stream), POINTER(c_size_t)]),
    "sps_buffer_create": (sps_error, [POINTER(sps_stream_options), POINTER(POINTER(sps_stream))]),
    "sps_buffer_seek": (sps_error, [POINTER(sps_stream), c_size_t]),
    "sps_buffer_get_position": (sps_error, [POINTER(sps_stream), POINTER(c_size_t)]),
    "sps_buffer_get_size": (sps_error, [POINTER(sps_stream), POINTER(c_size_t)]),
    "sps_buffer_resize": (sps_error, [POINTER(sps_stream), c_size_t]),
    "sps_buffer_clear": (sps_error, [POINTER(sps_stream)]),
    "sps_buffer_set_data_array": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t]),
    "sps_buffer_get_data_array": (sps_error, [POINTER(sps_stream), POINTER(POINTER(c_uint8)),
        POINTER(c_size_t)]),
    "sps_buffer_duplicate": (sps_error, [POINTER(sps_stream), POINTER(POINTER(sps_stream))]),
    "sps_stream_get_until": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t, c_size_t,
        POINTER(POINTER(c_uint8)), POINTER(c_size_t)]),
    "sps_stream_try_get_until": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t, c_size_t,
        POINTER(POINTER(c_uint8)), POINTER(c_size_t)]),
    "sps_stream_get_line": (sps_error, [POINTER(sps_stream), c_size_t, POINTER(POINTER(c_char)),
        POINTER(c_size_t)]),
    "sps_stream_try_get_line": (sps_error, [POINTER(sps_stream), c_size_t, POINTER(POINTER(c_char)),
        POINTER(c_size_t)]),
    "sps_stream_put_text": (sps_error, [POINTER(sps_stream), c_char_p, c_size_t]),
    "sps_packet_stream_create": (sps_error, [POINTER(sps_packet_options),
        POINTER(POINTER(sps_packet_peer))]),
    "sps_packet_peer_destroy": (None, [POINTER(sps_packet_peer)]),
    "sps_packet_peer_set_stream": (sps_error, [POINTER(sps_packet_peer), POINTER(sps_stream)]),
    "sps_packet_peer_get_stream": (sps_error, [POINTER(sps_packet_peer),
        POINTER(POINTER(sps_stream))]),
    "sps_packet_peer_get_available_packet_count": (sps_error, [POINTER(sps_packet_peer),
        POINTER(c_size_t)]),
    "sps_packet_peer_get_packet": (sps_error, [POINTER(sps_packet_peer), POINTER(POINTER(c_uint8)),
        POINTER(c_size_t)]),
    "sps_packet_peer_get_var": (sps_error, [POINTER(sps_packet_peer), POINTER(POINTER(c_uint8)),
        POINTER(c_size_t)]),
    "sps_packet_peer_get_packet_error": (sps_error, [POINTER(sps_packet_peer), POINTER(sps_error)]),
    "sps_packet_peer_put_packet": (sps_error, [POINTER(sps_packet_peer), c_void_p, c_size_t]),
    "sps_packet_peer_put_var": (sps_error, [POINTER(sps_packet_peer), c_void_p, c_size_t]),
    "sps_packet_peer_set_input_buffer_max_size": (sps_error, [POINTER(sps_packet_peer), c_uint32]),
    "sps_packet_peer_get_input_buffer_max_size": (sps_error, [POINTER(sps_packet_peer),
        POINTER(c_uint32)]),
    "sps_packet_peer_set_output_buffer_max_size": (sps_error, [POINTER(sps_packet_peer), c_uint32]),
    "sps_packet_peer_get_output_buffer_max_size": (sps_error, [POINTER(sps_packet_peer),
        POINTER(c_uint32)]),
    "sps_packet_peer_set_encode_buffer_max_size": (sps_error, [POINTER(sps_packet_peer), c_uint32]),
    "sps_packet_peer_get_encode_buffer_max_size": (sps_error, [POINTER(sps_packet_peer),
        POINTER(c_uint32)]),
    "sps_tcp_server_create": (sps_error, [POINTER(sps_server_options),
        POINTER(POINTER(sps_server))]),
    "sps_uds_server_create": (sps_error, [POINTER(sps_server_options),
        POINTER(POINTER(sps_server))]),
    "sps_server_destroy": (None, [POINTER(sps_server)]),
    "sps_tcp_server_listen": (sps_error, [POINTER(sps_server), c_int32, c_char_p]),
    "sps_tcp_server_get_local_port": (sps_error, [POINTER(sps_server), POINTER(c_int32)]),
    "sps_uds_server_listen": (sps_error, [POINTER(sps_server), c_char_p]),
    "sps_tcp_server_adopt_fd": (sps_error, [POINTER(sps_server), c_ssize_t]),
    "sps_uds_server_adopt_fd": (sps_error, [POINTER(sps_server), c_ssize_t]),
    "sps_server_release_fd": (sps_error, [POINTER(sps_server), POINTER(c_ssize_t)]),
    "sps_server_is_listening": (sps_error, [POINTER(sps_server), POINTER(c_bool)]),
    "sps_server_is_connection_available": (sps_error, [POINTER(sps_server), POINTER(c_bool)]),
    "sps_server_take_connection": (sps_error, [POINTER(sps_server), POINTER(POINTER(sps_stream))]),
    "sps_server_get_os_error": (sps_error, [POINTER(sps_server), POINTER(c_int32)]),
    "sps_server_stop": (sps_error, [POINTER(sps_server)]),
    "sps_socket_poll": (sps_error, [POINTER(sps_stream)]),
    "sps_socket_get_status": (sps_error, [POINTER(sps_stream), POINTER(sps_status)]),
    "sps_socket_disconnect": (sps_error, [POINTER(sps_stream)]),
    "sps_socket_shutdown_write": (sps_error, [POINTER(sps_stream)]),
    "sps_socket_close_gracefully": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_socket_close_and_wait": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_socket_get_os_error": (sps_error, [POINTER(sps_stream), POINTER(c_int32)]),
    "sps_socket_get_close_reason": (sps_error, [POINTER(sps_stream), POINTER(sps_close_reason)]),
    "sps_socket_get_close_message": (sps_error, [POINTER(sps_stream), POINTER(c_char_p)]),
    "sps_close_reason_name": (c_char_p, [sps_close_reason]),
    "sps_socket_set_connect_timeout": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_socket_set_attempt_delay": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_socket_set_io_timeout": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_socket_set_idle_timeout": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_socket_set_os_buffers": (sps_error, [POINTER(sps_stream), c_uint32, c_uint32]),
    "sps_socket_get_os_buffers": (sps_error, [POINTER(sps_stream), POINTER(c_uint32),
        POINTER(c_uint32)]),
    "sps_socket_get_wait": (sps_error, [POINTER(sps_stream), POINTER(sps_socket_wait)]),
    "sps_custom_create": (sps_error, [POINTER(sps_custom_operations), c_void_p,
        POINTER(sps_stream_options), POINTER(POINTER(sps_stream))]),
    "sps_custom_get_user_data": (sps_error, [POINTER(sps_stream), CFUNCTYPE(None, c_void_p),
        POINTER(c_void_p)]),
    "sps_custom_open": (sps_error, [POINTER(sps_stream), POINTER(sps_stream)]),
    "sps_custom_get_base": (sps_error, [POINTER(sps_stream), POINTER(POINTER(sps_stream))]),
    "sps_custom_set_failure": (sps_error, [POINTER(sps_stream), sps_close_reason, c_char_p]),
    "sps_custom_poll_after": (sps_error, [POINTER(sps_stream), c_int32]),
    "sps_custom_get_time_us": (sps_error, [POINTER(sps_stream), POINTER(c_uint64)]),
    "sps_poller_create": (sps_error, [POINTER(sps_poller_options), POINTER(POINTER(sps_poller))]),
    "sps_poller_destroy": (None, [POINTER(sps_poller)]),
    "sps_poller_add": (sps_error, [POINTER(sps_poller), POINTER(sps_stream), c_void_p]),
    "sps_poller_add_server": (sps_error, [POINTER(sps_poller), POINTER(sps_server), c_void_p]),
    "sps_poller_remove": (sps_error, [POINTER(sps_poller), POINTER(sps_stream)]),
    "sps_poller_remove_server": (sps_error, [POINTER(sps_poller), POINTER(sps_server)]),
    "sps_poller_wait": (sps_error, [POINTER(sps_poller), c_int32, POINTER(c_size_t)]),
    "sps_poller_next_event": (sps_error, [POINTER(sps_poller), POINTER(sps_event)]),
    "sps_poller_wake": (sps_error, [POINTER(sps_poller)]),
    "sps_poller_get_timeout_us": (sps_error, [POINTER(sps_poller), POINTER(c_int64)]),
    "sps_poller_get_fd": (sps_error, [POINTER(sps_poller), POINTER(c_ssize_t)]),
    "sps_ip_create": (sps_error, [POINTER(sps_ip_options), POINTER(POINTER(sps_ip))]),
    "sps_ip_destroy": (None, [POINTER(sps_ip)]),
    "sps_ip_resolve_hostname": (sps_error, [POINTER(sps_ip), c_char_p, sps_ip_type, POINTER(c_char),
        c_size_t, POINTER(c_size_t)]),
    "sps_ip_resolve_hostname_addresses": (sps_error, [POINTER(sps_ip), c_char_p, sps_ip_type,
        POINTER(sps_host_text), c_size_t, POINTER(c_size_t)]),
    "sps_ip_queue_resolve_item": (sps_error, [POINTER(sps_ip), c_char_p, sps_ip_type,
        POINTER(c_int32)]),
    "sps_ip_get_resolve_item_status": (sps_error, [POINTER(sps_ip), c_int32,
        POINTER(sps_resolver_status)]),
    "sps_ip_get_resolve_item_address": (sps_error, [POINTER(sps_ip), c_int32, POINTER(c_char),
        c_size_t, POINTER(c_size_t)]),
    "sps_ip_get_resolve_item_addresses": (sps_error, [POINTER(sps_ip), c_int32,
        POINTER(sps_host_text), c_size_t, POINTER(c_size_t)]),
    "sps_ip_erase_resolve_item": (sps_error, [POINTER(sps_ip), c_int32]),
    "sps_ip_clear_cache": (sps_error, [POINTER(sps_ip), c_char_p]),
    "sps_shutdown": (sps_error, [c_uint32]),
    "sps_ip_get_local_addresses": (sps_error, [POINTER(sps_ip), POINTER(sps_local_address),
        c_size_t, POINTER(c_size_t)]),
    "sps_tcp_create": (sps_error, [POINTER(sps_stream_options), POINTER(POINTER(sps_stream))]),
    "sps_tcp_bind": (sps_error, [POINTER(sps_stream), c_int32, c_char_p]),
    "sps_tcp_connect": (sps_error, [POINTER(sps_stream), c_char_p, c_int32]),
    "sps_tcp_get_connect_attempt_count": (sps_error, [POINTER(sps_stream), POINTER(c_size_t)]),
    "sps_tcp_get_connect_attempt": (sps_error, [POINTER(sps_stream), c_size_t,
        POINTER(sps_connect_attempt)]),
    "sps_tcp_get_connected_host": (sps_error, [POINTER(sps_stream), POINTER(c_char), c_size_t,
        POINTER(c_size_t)]),
    "sps_tcp_get_connected_port": (sps_error, [POINTER(sps_stream), POINTER(c_int32)]),
    "sps_tcp_get_local_host": (sps_error, [POINTER(sps_stream), POINTER(c_char), c_size_t,
        POINTER(c_size_t)]),
    "sps_tcp_get_local_port": (sps_error, [POINTER(sps_stream), POINTER(c_int32)]),
    "sps_tcp_set_no_delay": (sps_error, [POINTER(sps_stream), c_bool]),
    "sps_tcp_set_keepalive": (sps_error, [POINTER(sps_stream), c_uint32, c_uint32, c_uint32]),
    "sps_tcp_set_user_timeout": (sps_error, [POINTER(sps_stream), c_uint32]),
    "sps_tcp_get_info": (sps_error, [POINTER(sps_stream), POINTER(sps_tcp_info)]),
    "sps_tcp_close_reset": (sps_error, [POINTER(sps_stream)]),
    "sps_tcp_adopt_fd": (sps_error, [POINTER(sps_stream), c_ssize_t]),
    "sps_tcp_release_fd": (sps_error, [POINTER(sps_stream), POINTER(c_ssize_t)]),
    "sps_uds_create": (sps_error, [POINTER(sps_stream_options), POINTER(POINTER(sps_stream))]),
    "sps_uds_bind": (sps_error, [POINTER(sps_stream), c_char_p]),
    "sps_uds_connect": (sps_error, [POINTER(sps_stream), c_char_p]),
    "sps_uds_get_connected_path": (sps_error, [POINTER(sps_stream), POINTER(c_char), c_size_t,
        POINTER(c_size_t)]),
    "sps_uds_get_peer_credentials": (sps_error, [POINTER(sps_stream),
        POINTER(sps_peer_credentials)]),
    "sps_uds_adopt_fd": (sps_error, [POINTER(sps_stream), c_ssize_t]),
    "sps_uds_release_fd": (sps_error, [POINTER(sps_stream), POINTER(c_ssize_t)]),
    "sps_variant_reader_init": (sps_error, [POINTER(sps_variant_reader), c_void_p, c_size_t,
        POINTER(sps_variant_reader_options)]),
    "sps_variant_reader_next": (sps_error, [POINTER(sps_variant_reader),
        POINTER(sps_variant_item)]),
    "sps_variant_reader_skip": (sps_error, [POINTER(sps_variant_reader)]),
    "sps_variant_reader_offset": (c_size_t, [POINTER(sps_variant_reader)]),
    "sps_variant_reader_fault": (sps_variant_fault, [POINTER(sps_variant_reader)]),
    "sps_variant_get_reals": (sps_error, [POINTER(sps_variant_item), c_size_t, c_size_t,
        POINTER(c_double)]),
    "sps_variant_get_floats": (sps_error, [POINTER(sps_variant_item), c_size_t, c_size_t,
        POINTER(c_float)]),
    "sps_variant_get_integers": (sps_error, [POINTER(sps_variant_item), c_size_t, c_size_t,
        POINTER(c_int64)]),
    "sps_variant_get_int32s": (sps_error, [POINTER(sps_variant_item), c_size_t, c_size_t,
        POINTER(c_int32)]),
    "sps_variant_next_string": (sps_error, [POINTER(sps_variant_item), POINTER(c_size_t),
        POINTER(POINTER(c_char)), POINTER(c_size_t)]),
    "sps_variant_writer_init": (sps_error, [POINTER(sps_variant_writer),
        POINTER(sps_variant_writer_options)]),
    "sps_variant_writer_destroy": (None, [POINTER(sps_variant_writer)]),
    "sps_variant_writer_reset": (None, [POINTER(sps_variant_writer)]),
    "sps_variant_writer_get_data": (sps_error, [POINTER(sps_variant_writer),
        POINTER(POINTER(c_uint8)), POINTER(c_size_t)]),
    "sps_variant_write": (sps_error, [POINTER(sps_variant_writer), POINTER(sps_variant_item)]),
    "sps_variant_write_nil": (sps_error, [POINTER(sps_variant_writer)]),
    "sps_variant_write_bool": (sps_error, [POINTER(sps_variant_writer), c_uint32]),
    "sps_variant_write_int": (sps_error, [POINTER(sps_variant_writer), c_int64]),
    "sps_variant_write_float": (sps_error, [POINTER(sps_variant_writer), c_double]),
    "sps_variant_write_string": (sps_error, [POINTER(sps_variant_writer), c_char_p, c_size_t]),
    "sps_variant_write_string_name": (sps_error, [POINTER(sps_variant_writer), c_char_p, c_size_t]),
    "sps_variant_write_node_path": (sps_error, [POINTER(sps_variant_writer), c_char_p, c_size_t]),
    "sps_variant_write_node_path_names": (sps_error, [POINTER(sps_variant_writer), c_uint32,
        POINTER(c_char_p), POINTER(c_size_t), c_uint32, c_uint32]),
    "sps_variant_write_reals": (sps_error, [POINTER(sps_variant_writer), sps_variant_type,
        POINTER(c_double)]),
    "sps_variant_write_integers": (sps_error, [POINTER(sps_variant_writer), sps_variant_type,
        POINTER(c_int32)]),
    "sps_variant_write_rid": (sps_error, [POINTER(sps_variant_writer), c_uint64]),
    "sps_variant_write_object_id": (sps_error, [POINTER(sps_variant_writer), c_uint64]),
    "sps_variant_write_callable": (sps_error, [POINTER(sps_variant_writer)]),
    "sps_variant_write_signal": (sps_error, [POINTER(sps_variant_writer), c_char_p, c_size_t,
        c_uint64]),
    "sps_variant_write_array": (sps_error, [POINTER(sps_variant_writer), c_uint32,
        POINTER(sps_variant_element)]),
    "sps_variant_write_dictionary": (sps_error, [POINTER(sps_variant_writer), c_uint32,
        POINTER(sps_variant_element), POINTER(sps_variant_element)]),
    "sps_variant_write_object": (sps_error, [POINTER(sps_variant_writer), c_char_p, c_size_t,
        c_uint32]),
    "sps_variant_write_packed": (sps_error, [POINTER(sps_variant_writer), sps_variant_type,
        c_void_p, c_uint32]),
    "sps_variant_write_packed_reals": (sps_error, [POINTER(sps_variant_writer), sps_variant_type,
        POINTER(c_double), c_uint32]),
    "sps_variant_write_packed_strings": (sps_error, [POINTER(sps_variant_writer), POINTER(c_char_p),
        POINTER(c_size_t), c_uint32]),
    "sps_stream_put_var": (sps_error, [POINTER(sps_stream), c_void_p, c_size_t]),
    "sps_stream_get_var": (sps_error, [POINTER(sps_stream), POINTER(POINTER(c_uint8)),
        POINTER(c_size_t)]),
    "sps_stream_try_get_var": (sps_error, [POINTER(sps_stream), POINTER(POINTER(c_uint8)),
        POINTER(c_size_t)]),
    "sps_version": (c_uint32, []),
    "sps_version_string": (c_char_p, []),
}


def declare(library):
    """Gives the functions of a CDLL their types. Older libraries may lack some of them."""
    for name, (result, parameters) in FUNCTIONS.items():
        if hasattr(library, name):
            function = getattr(library, name)
            function.restype, function.argtypes = result, parameters
    return library


def load(path=None):
    """Loads the library from path, from the environment's SPS_LIBRARY, or as the OS finds it."""
    name = {"darwin": "libstreampeersocket.0.dylib", "win32": "streampeersocket.dll"}.get(
        sys.platform, "libstreampeersocket.so.0")
    return declare(CDLL(path or os.environ.get("SPS_LIBRARY") or name))
