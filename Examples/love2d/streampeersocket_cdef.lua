-- Made by scripts/bindings from docs/api.json. StreamPeerSocket 0.2.0.
require("ffi").cdef([[
// libstreampeersocket
typedef int32_t sps_error;
enum {
    SPS_OK = 0,
    SPS_FAILED = 1,
    SPS_ERR_UNAVAILABLE = 2,
    SPS_ERR_UNCONFIGURED = 3,
    SPS_ERR_UNAUTHORIZED = 4,
    SPS_ERR_PARAMETER_RANGE_ERROR = 5,
    SPS_ERR_OUT_OF_MEMORY = 6,
    SPS_ERR_FILE_NOT_FOUND = 7,
    SPS_ERR_FILE_BAD_DRIVE = 8,
    SPS_ERR_FILE_BAD_PATH = 9,
    SPS_ERR_FILE_NO_PERMISSION = 10,
    SPS_ERR_FILE_ALREADY_IN_USE = 11,
    SPS_ERR_FILE_CANT_OPEN = 12,
    SPS_ERR_FILE_CANT_WRITE = 13,
    SPS_ERR_FILE_CANT_READ = 14,
    SPS_ERR_FILE_UNRECOGNIZED = 15,
    SPS_ERR_FILE_CORRUPT = 16,
    SPS_ERR_FILE_MISSING_DEPENDENCIES = 17,
    SPS_ERR_FILE_EOF = 18,
    SPS_ERR_CANT_OPEN = 19,
    SPS_ERR_CANT_CREATE = 20,
    SPS_ERR_QUERY_FAILED = 21,
    SPS_ERR_ALREADY_IN_USE = 22,
    SPS_ERR_LOCKED = 23,
    SPS_ERR_TIMEOUT = 24,
    SPS_ERR_CANT_CONNECT = 25,
    SPS_ERR_CANT_RESOLVE = 26,
    SPS_ERR_CONNECTION_ERROR = 27,
    SPS_ERR_CANT_ACQUIRE_RESOURCE = 28,
    SPS_ERR_CANT_FORK = 29,
    SPS_ERR_INVALID_DATA = 30,
    SPS_ERR_INVALID_PARAMETER = 31,
    SPS_ERR_ALREADY_EXISTS = 32,
    SPS_ERR_DOES_NOT_EXIST = 33,
    SPS_ERR_DATABASE_CANT_READ = 34,
    SPS_ERR_DATABASE_CANT_WRITE = 35,
    SPS_ERR_COMPILATION_FAILED = 36,
    SPS_ERR_METHOD_NOT_FOUND = 37,
    SPS_ERR_LINK_FAILED = 38,
    SPS_ERR_SCRIPT_FAILED = 39,
    SPS_ERR_CYCLIC_LINK = 40,
    SPS_ERR_INVALID_DECLARATION = 41,
    SPS_ERR_DUPLICATE_SYMBOL = 42,
    SPS_ERR_PARSE_ERROR = 43,
    SPS_ERR_BUSY = 44,
    SPS_ERR_SKIP = 45,
    SPS_ERR_HELP = 46,
    SPS_ERR_BUG = 47,
    SPS_ERR_PRINTER_ON_FIRE = 48,
};
typedef struct sps_platform sps_platform;
typedef struct sps_allocator {
    uint32_t struct_size;
    void *(*reallocate)(void *user_data, void *block, size_t old_bytes, size_t new_bytes);
    void *user_data;
} sps_allocator;
typedef struct sps_stream_options {
    uint32_t struct_size;
    uint32_t connect_timeout_ms;
    uint32_t read_buffer_bytes;
    uint32_t write_buffer_bytes;
    uint32_t max_value_bytes;
    const sps_allocator *allocator;
    const sps_platform *platform;
    uint32_t io_timeout_ms;
    uint32_t idle_timeout_ms;
    uint32_t user_timeout_ms;
    uint32_t keepalive_idle_ms;
    uint32_t keepalive_interval_ms;
    uint32_t keepalive_count;
    uint32_t os_send_buffer_bytes;
    uint32_t os_receive_buffer_bytes;
    uint32_t write_low_mark_bytes;
    uint32_t half_open;
} sps_stream_options;
typedef struct sps_server_options {
    uint32_t struct_size;
    uint32_t backlog;
    const sps_stream_options *stream;
    uint32_t reuse_port;
    uint32_t file_mode;
} sps_server_options;
typedef struct sps_stream sps_stream;
typedef struct sps_packet_peer sps_packet_peer;
typedef struct sps_packet_options {
    uint32_t struct_size;
    uint32_t input_buffer_max_bytes;
    uint32_t output_buffer_max_bytes;
    uint32_t encode_buffer_max_bytes;
    const sps_allocator *allocator;
} sps_packet_options;
typedef struct sps_server sps_server;
typedef int32_t sps_status;
enum {
    SPS_STATUS_NONE = 0,
    SPS_STATUS_CONNECTING = 1,
    SPS_STATUS_CONNECTED = 2,
    SPS_STATUS_ERROR = 3,
};
typedef int32_t sps_close_reason;
enum {
    SPS_CLOSE_NONE = 0,
    SPS_CLOSE_LOCAL = 1,
    SPS_CLOSE_PEER_FINISHED = 2,
    SPS_CLOSE_RESET = 3,
    SPS_CLOSE_REFUSED = 4,
    SPS_CLOSE_UNREACHABLE = 5,
    SPS_CLOSE_CONNECT_TIMED_OUT = 6,
    SPS_CLOSE_NAME_NOT_FOUND = 7,
    SPS_CLOSE_NOT_ACKNOWLEDGED = 8,
    SPS_CLOSE_NO_RESOURCES = 9,
    SPS_CLOSE_FAILED = 10,
    SPS_CLOSE_KEEPALIVE = 11,
    SPS_CLOSE_IDLE = 12,
    SPS_CLOSE_PUT_TIMED_OUT = 13,
    SPS_CLOSE_GRACE_TIMED_OUT = 14,
    SPS_CLOSE_LIMIT = 15,
    SPS_CLOSE_LOOKUP_FAILED = 16,
    SPS_CLOSE_TRUNCATED = 17,
    SPS_CLOSE_PROTOCOL = 18,
    SPS_CLOSE_UNTRUSTED = 19,
};
enum {
    SPS_WAIT_READABLE = 1,
    SPS_WAIT_WRITABLE = 2,
};
typedef struct sps_socket_wait {
    uint32_t struct_size;
    uint32_t interests;
    intptr_t fd;
    int64_t timeout_us;
} sps_socket_wait;
enum {
    SPS_CUSTOM_NOT_IMPLEMENTED = -1,
};
typedef struct sps_custom_operations {
    uint32_t struct_size;
    sps_error (*get_partial_data)(void *user_data, uint8_t *buffer, size_t byte_count, size_t
        *out_received);
    sps_error (*get_data)(void *user_data, uint8_t *buffer, size_t byte_count, size_t
        *out_received);
    sps_error (*put_partial_data)(void *user_data, const uint8_t *data, size_t byte_count, size_t
        *out_sent);
    sps_error (*put_data)(void *user_data, const uint8_t *data, size_t byte_count, size_t
        *out_sent);
    sps_error (*get_available_bytes)(void *user_data, size_t *out_bytes);
    void (*destroy)(void *user_data);
    sps_error (*poll)(void *user_data);
    sps_error (*shutdown_write)(void *user_data);
    void (*close)(void *user_data);
} sps_custom_operations;
typedef struct sps_poller sps_poller;
enum {
    SPS_EVENT_CONNECTED = 1,
    SPS_EVENT_READABLE = 2,
    SPS_EVENT_WRITABLE = 4,
    SPS_EVENT_FINISHED = 8,
    SPS_EVENT_CLOSED = 16,
    SPS_EVENT_CONNECTION_AVAILABLE = 32,
};
typedef struct sps_event {
    uint32_t struct_size;
    uint32_t kinds;
    sps_close_reason close_reason;
    sps_stream *stream;
    sps_server *server;
    void *user_data;
} sps_event;
typedef struct sps_poller_options {
    uint32_t struct_size;
    uint32_t max_events;
    uint32_t max_read_bytes;
    uint32_t max_time_us;
    uint32_t max_kept_bytes;
    const sps_allocator *allocator;
    const sps_platform *platform;
} sps_poller_options;
typedef struct sps_tcp_info {
    uint32_t struct_size;
    uint32_t round_trip_us;
    uint32_t round_trip_variation_us;
    uint32_t least_round_trip_us;
    uint32_t retransmits;
    uint32_t unacknowledged_segments;
    uint32_t not_sent_bytes;
    uint32_t congestion_window_segments;
    uint32_t segment_bytes;
    uint32_t since_received_ms;
    uint64_t acknowledged_bytes;
    uint64_t received_bytes;
    uint64_t delivery_bytes_per_second;
} sps_tcp_info;
typedef struct sps_peer_credentials {
    uint32_t struct_size;
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
} sps_peer_credentials;
typedef struct sps_local_address {
    uint32_t struct_size;
    uint32_t interface_index;
    char interface_name[64];
    char host[64];
} sps_local_address;
typedef int32_t sps_ip_type;
enum {
    SPS_IP_TYPE_NONE = 0,
    SPS_IP_TYPE_IPV4 = 1,
    SPS_IP_TYPE_IPV6 = 2,
    SPS_IP_TYPE_ANY = 3,
};
typedef int32_t sps_resolver_status;
enum {
    SPS_RESOLVER_STATUS_NONE = 0,
    SPS_RESOLVER_STATUS_WAITING = 1,
    SPS_RESOLVER_STATUS_DONE = 2,
    SPS_RESOLVER_STATUS_ERROR = 3,
};
typedef struct sps_host_text {
    uint32_t struct_size;
    char text[64];
} sps_host_text;
typedef struct sps_ip sps_ip;
typedef struct sps_ip_options {
    uint32_t struct_size;
    uint32_t timeout_ms;
    const sps_allocator *allocator;
    const sps_platform *platform;
} sps_ip_options;
typedef int32_t sps_attempt_state;
enum {
    SPS_ATTEMPT_RUNNING = 1,
    SPS_ATTEMPT_CONNECTED = 2,
    SPS_ATTEMPT_FAILED = 3,
    SPS_ATTEMPT_ABANDONED = 4,
};
typedef struct sps_connect_attempt {
    uint32_t struct_size;
    sps_attempt_state state;
    uint64_t start_us;
    uint64_t end_us;
    int32_t os_error;
    int32_t port;
    char host[64];
} sps_connect_attempt;
typedef int32_t sps_variant_type;
enum {
    SPS_VARIANT_NIL = 0,
    SPS_VARIANT_BOOL = 1,
    SPS_VARIANT_INT = 2,
    SPS_VARIANT_FLOAT = 3,
    SPS_VARIANT_STRING = 4,
    SPS_VARIANT_VECTOR2 = 5,
    SPS_VARIANT_VECTOR2I = 6,
    SPS_VARIANT_RECT2 = 7,
    SPS_VARIANT_RECT2I = 8,
    SPS_VARIANT_VECTOR3 = 9,
    SPS_VARIANT_VECTOR3I = 10,
    SPS_VARIANT_TRANSFORM2D = 11,
    SPS_VARIANT_VECTOR4 = 12,
    SPS_VARIANT_VECTOR4I = 13,
    SPS_VARIANT_PLANE = 14,
    SPS_VARIANT_QUATERNION = 15,
    SPS_VARIANT_AABB = 16,
    SPS_VARIANT_BASIS = 17,
    SPS_VARIANT_TRANSFORM3D = 18,
    SPS_VARIANT_PROJECTION = 19,
    SPS_VARIANT_COLOR = 20,
    SPS_VARIANT_STRING_NAME = 21,
    SPS_VARIANT_NODE_PATH = 22,
    SPS_VARIANT_RID = 23,
    SPS_VARIANT_OBJECT = 24,
    SPS_VARIANT_CALLABLE = 25,
    SPS_VARIANT_SIGNAL = 26,
    SPS_VARIANT_DICTIONARY = 27,
    SPS_VARIANT_ARRAY = 28,
    SPS_VARIANT_PACKED_BYTE_ARRAY = 29,
    SPS_VARIANT_PACKED_INT32_ARRAY = 30,
    SPS_VARIANT_PACKED_INT64_ARRAY = 31,
    SPS_VARIANT_PACKED_FLOAT32_ARRAY = 32,
    SPS_VARIANT_PACKED_FLOAT64_ARRAY = 33,
    SPS_VARIANT_PACKED_STRING_ARRAY = 34,
    SPS_VARIANT_PACKED_VECTOR2_ARRAY = 35,
    SPS_VARIANT_PACKED_VECTOR3_ARRAY = 36,
    SPS_VARIANT_PACKED_COLOR_ARRAY = 37,
    SPS_VARIANT_PACKED_VECTOR4_ARRAY = 38,
    SPS_VARIANT_TYPES = 39,
};
typedef int32_t sps_variant_step;
enum {
    SPS_VARIANT_VALUE = 0,
    SPS_VARIANT_BEGIN = 1,
    SPS_VARIANT_END = 2,
};
enum {
    SPS_VARIANT_WIDE = 1,
    SPS_VARIANT_ABSOLUTE = 2,
};
typedef int32_t sps_variant_element_kind;
enum {
    SPS_VARIANT_ANY = 0,
    SPS_VARIANT_BUILTIN = 1,
    SPS_VARIANT_CLASS = 2,
    SPS_VARIANT_SCRIPT = 3,
};
typedef struct sps_variant_element {
    uint32_t struct_size;
    sps_variant_element_kind kind;
    sps_variant_type type;
    const char *name;
    size_t name_bytes;
} sps_variant_element;
enum {
    SPS_VARIANT_MAX_DEPTH = 1024,
};
enum {
    SPS_VARIANT_SPARE_MEMORY_BYTES = 16777216,
};
typedef struct sps_variant_item {
    uint32_t struct_size;
    sps_variant_step step;
    sps_variant_type type;
    uint32_t flags;
    uint32_t count;
    uint32_t subname_count;
    int64_t integer;
    double real;
    const uint8_t *data;
    size_t data_bytes;
    sps_variant_element_kind key_kind;
    sps_variant_type key_type;
    const char *key_name;
    size_t key_name_bytes;
    sps_variant_element_kind value_kind;
    sps_variant_type value_type;
    const char *value_name;
    size_t value_name_bytes;
} sps_variant_item;
typedef struct sps_variant_reader_options {
    uint32_t struct_size;
    uint32_t max_depth;
    uint32_t allow_objects;
} sps_variant_reader_options;
typedef int32_t sps_variant_fault;
enum {
    SPS_VARIANT_SOUND = 0,
    SPS_VARIANT_TRUNCATED = 1,
    SPS_VARIANT_UNKNOWN_TYPE = 2,
    SPS_VARIANT_TOO_DEEP = 3,
    SPS_VARIANT_NO_UTF8 = 4,
    SPS_VARIANT_OLD_NODE_PATH = 5,
    SPS_VARIANT_OBJECT_NOT_ALLOWED = 6,
};
typedef struct sps_variant_reader {
    uint32_t struct_size;
    const uint8_t *begin;
    const uint8_t *at;
    const uint8_t *end;
    const uint8_t *item;
    uint32_t depth;
    uint32_t max_depth;
    sps_error error;
    sps_variant_fault fault;
    uint32_t allows_objects;
    uint32_t is_begun;
    uint32_t levels[1024];
} sps_variant_reader;
typedef struct sps_variant_writer_options {
    uint32_t struct_size;
    uint32_t max_depth;
    uint32_t wide_reals;
    uint32_t max_bytes;
    void *buffer;
    size_t buffer_bytes;
    const sps_allocator *allocator;
} sps_variant_writer_options;
typedef struct sps_variant_writer {
    uint32_t struct_size;
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t max_bytes;
    uint32_t depth;
    uint32_t max_depth;
    uint32_t grows;
    uint32_t writes_wide;
    uint32_t is_begun;
    void *(*reallocate)(void *user_data, void *block, size_t old_bytes, size_t new_bytes);
    void *user_data;
    uint32_t levels[1024];
} sps_variant_writer;
static const int32_t SPS_LENGTH_PREFIXED = -1;
static const int32_t SPS_HOST_TEXT_BYTES = 64;
static const int32_t SPS_IP_MAX_ADDRESSES = 16;
static const int32_t SPS_RESOLVER_MAX_QUERIES = 256;
static const int32_t SPS_RESOLVER_INVALID_ID = -1;
static const int32_t SPS_PATH_TEXT_BYTES = 112;
static const int32_t SPS_VERSION_MAJOR = 0;
static const int32_t SPS_VERSION_MINOR = 2;
static const int32_t SPS_VERSION_PATCH = 0;
const char *sps_error_name(sps_error error);
const char *sps_error_message(sps_error error);
void sps_stream_destroy(sps_stream *stream);
sps_error sps_stream_get_available_bytes(sps_stream *stream, size_t *out_bytes);
sps_error sps_stream_get_data(sps_stream *stream, void *buffer, size_t byte_count, size_t
    *out_received);
sps_error sps_stream_get_partial_data(sps_stream *stream, void *buffer, size_t byte_count, size_t
    *out_received);
sps_error sps_stream_put_data(sps_stream *stream, const void *data, size_t byte_count, size_t
    *out_sent);
sps_error sps_stream_put_partial_data(sps_stream *stream, const void *data, size_t byte_count,
    size_t *out_sent);
sps_error sps_stream_peek(sps_stream *stream, size_t want_bytes, const uint8_t **out_data, size_t
    *out_bytes);
sps_error sps_stream_consume(sps_stream *stream, size_t byte_count);
sps_error sps_stream_reserve(sps_stream *stream, size_t min_bytes, void **out_memory, size_t
    *out_bytes);
sps_error sps_stream_commit(sps_stream *stream, size_t byte_count);
sps_error sps_stream_set_big_endian(sps_stream *stream, bool enabled);
sps_error sps_stream_is_big_endian(const sps_stream *stream, bool *out_enabled);
sps_error sps_stream_get_u8(sps_stream *stream, uint8_t *out_value);
sps_error sps_stream_get_u16(sps_stream *stream, uint16_t *out_value);
sps_error sps_stream_get_u32(sps_stream *stream, uint32_t *out_value);
sps_error sps_stream_get_u64(sps_stream *stream, uint64_t *out_value);
sps_error sps_stream_get_8(sps_stream *stream, int8_t *out_value);
sps_error sps_stream_get_16(sps_stream *stream, int16_t *out_value);
sps_error sps_stream_get_32(sps_stream *stream, int32_t *out_value);
sps_error sps_stream_get_64(sps_stream *stream, int64_t *out_value);
sps_error sps_stream_get_half(sps_stream *stream, float *out_value);
sps_error sps_stream_get_float(sps_stream *stream, float *out_value);
sps_error sps_stream_get_double(sps_stream *stream, double *out_value);
sps_error sps_stream_try_get_u8(sps_stream *stream, uint8_t *out_value);
sps_error sps_stream_try_get_u16(sps_stream *stream, uint16_t *out_value);
sps_error sps_stream_try_get_u32(sps_stream *stream, uint32_t *out_value);
sps_error sps_stream_try_get_u64(sps_stream *stream, uint64_t *out_value);
sps_error sps_stream_try_get_8(sps_stream *stream, int8_t *out_value);
sps_error sps_stream_try_get_16(sps_stream *stream, int16_t *out_value);
sps_error sps_stream_try_get_32(sps_stream *stream, int32_t *out_value);
sps_error sps_stream_try_get_64(sps_stream *stream, int64_t *out_value);
sps_error sps_stream_try_get_half(sps_stream *stream, float *out_value);
sps_error sps_stream_try_get_float(sps_stream *stream, float *out_value);
sps_error sps_stream_try_get_double(sps_stream *stream, double *out_value);
sps_error sps_stream_put_u8(sps_stream *stream, uint8_t value);
sps_error sps_stream_put_u16(sps_stream *stream, uint16_t value);
sps_error sps_stream_put_u32(sps_stream *stream, uint32_t value);
sps_error sps_stream_put_u64(sps_stream *stream, uint64_t value);
sps_error sps_stream_put_8(sps_stream *stream, int8_t value);
sps_error sps_stream_put_16(sps_stream *stream, int16_t value);
sps_error sps_stream_put_32(sps_stream *stream, int32_t value);
sps_error sps_stream_put_64(sps_stream *stream, int64_t value);
sps_error sps_stream_put_half(sps_stream *stream, float value);
sps_error sps_stream_put_float(sps_stream *stream, float value);
sps_error sps_stream_put_double(sps_stream *stream, double value);
sps_error sps_stream_get_string(sps_stream *stream, int64_t byte_count, const char **out_text,
    size_t *out_bytes);
sps_error sps_stream_get_utf8_string(sps_stream *stream, int64_t byte_count, const char **out_text,
    size_t *out_bytes);
sps_error sps_stream_try_get_string(sps_stream *stream, int64_t byte_count, const char **out_text,
    size_t *out_bytes);
sps_error sps_stream_try_get_utf8_string(sps_stream *stream, int64_t byte_count, const char
    **out_text, size_t *out_bytes);
sps_error sps_stream_put_string(sps_stream *stream, const char *text, size_t byte_count);
sps_error sps_stream_put_utf8_string(sps_stream *stream, const char *text, size_t byte_count);
sps_error sps_stream_set_write_batching(sps_stream *stream, bool enabled);
sps_error sps_stream_is_write_batching(const sps_stream *stream, bool *out_enabled);
sps_error sps_stream_flush(sps_stream *stream);
sps_error sps_stream_get_pending_write_bytes(const sps_stream *stream, size_t *out_bytes);
sps_error sps_buffer_create(const sps_stream_options *options, sps_stream **out_stream);
sps_error sps_buffer_seek(sps_stream *stream, size_t position);
sps_error sps_buffer_get_position(const sps_stream *stream, size_t *out_position);
sps_error sps_buffer_get_size(const sps_stream *stream, size_t *out_bytes);
sps_error sps_buffer_resize(sps_stream *stream, size_t byte_count);
sps_error sps_buffer_clear(sps_stream *stream);
sps_error sps_buffer_set_data_array(sps_stream *stream, const void *data, size_t byte_count);
sps_error sps_buffer_get_data_array(const sps_stream *stream, const uint8_t **out_data, size_t
    *out_bytes);
sps_error sps_buffer_duplicate(const sps_stream *stream, sps_stream **out_stream);
sps_error sps_stream_get_until(sps_stream *stream, const void *delimiter, size_t delimiter_bytes,
    size_t max_bytes, const uint8_t **out_data, size_t *out_bytes);
sps_error sps_stream_try_get_until(sps_stream *stream, const void *delimiter, size_t
    delimiter_bytes, size_t max_bytes, const uint8_t **out_data, size_t *out_bytes);
sps_error sps_stream_get_line(sps_stream *stream, size_t max_bytes, const char **out_text, size_t
    *out_bytes);
sps_error sps_stream_try_get_line(sps_stream *stream, size_t max_bytes, const char **out_text,
    size_t *out_bytes);
sps_error sps_stream_put_text(sps_stream *stream, const char *text, size_t byte_count);
sps_error sps_packet_stream_create(const sps_packet_options *options, sps_packet_peer **out_peer);
void sps_packet_peer_destroy(sps_packet_peer *peer);
sps_error sps_packet_peer_set_stream(sps_packet_peer *peer, sps_stream *stream);
sps_error sps_packet_peer_get_stream(const sps_packet_peer *peer, sps_stream **out_stream);
sps_error sps_packet_peer_get_available_packet_count(sps_packet_peer *peer, size_t *out_count);
sps_error sps_packet_peer_get_packet(sps_packet_peer *peer, const uint8_t **out_data, size_t
    *out_bytes);
sps_error sps_packet_peer_get_var(sps_packet_peer *peer, const uint8_t **out_value, size_t
    *out_bytes);
sps_error sps_packet_peer_get_packet_error(const sps_packet_peer *peer, sps_error *out_error);
sps_error sps_packet_peer_put_packet(sps_packet_peer *peer, const void *data, size_t byte_count);
sps_error sps_packet_peer_put_var(sps_packet_peer *peer, const void *value, size_t byte_count);
sps_error sps_packet_peer_set_input_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);
sps_error sps_packet_peer_get_input_buffer_max_size(const sps_packet_peer *peer, uint32_t
    *out_bytes);
sps_error sps_packet_peer_set_output_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);
sps_error sps_packet_peer_get_output_buffer_max_size(const sps_packet_peer *peer, uint32_t
    *out_bytes);
sps_error sps_packet_peer_set_encode_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);
sps_error sps_packet_peer_get_encode_buffer_max_size(const sps_packet_peer *peer, uint32_t
    *out_bytes);
sps_error sps_tcp_server_create(const sps_server_options *options, sps_server **out_server);
sps_error sps_uds_server_create(const sps_server_options *options, sps_server **out_server);
void sps_server_destroy(sps_server *server);
sps_error sps_tcp_server_listen(sps_server *server, int32_t port, const char *bind_address);
sps_error sps_tcp_server_get_local_port(const sps_server *server, int32_t *out_port);
sps_error sps_uds_server_listen(sps_server *server, const char *path);
sps_error sps_tcp_server_adopt_fd(sps_server *server, intptr_t fd);
sps_error sps_uds_server_adopt_fd(sps_server *server, intptr_t fd);
sps_error sps_server_release_fd(sps_server *server, intptr_t *out_fd);
sps_error sps_server_is_listening(const sps_server *server, bool *out_listening);
sps_error sps_server_is_connection_available(sps_server *server, bool *out_available);
sps_error sps_server_take_connection(sps_server *server, sps_stream **out_stream);
sps_error sps_server_get_os_error(const sps_server *server, int32_t *out_code);
sps_error sps_server_stop(sps_server *server);
sps_error sps_socket_poll(sps_stream *stream);
sps_error sps_socket_get_status(const sps_stream *stream, sps_status *out_status);
sps_error sps_socket_disconnect(sps_stream *stream);
sps_error sps_socket_shutdown_write(sps_stream *stream);
sps_error sps_socket_close_gracefully(sps_stream *stream, uint32_t timeout_ms);
sps_error sps_socket_close_and_wait(sps_stream *stream, uint32_t timeout_ms);
sps_error sps_socket_get_os_error(const sps_stream *stream, int32_t *out_code);
sps_error sps_socket_get_close_reason(const sps_stream *stream, sps_close_reason *out_reason);
sps_error sps_socket_get_close_message(const sps_stream *stream, const char **out_text);
const char *sps_close_reason_name(sps_close_reason reason);
sps_error sps_socket_set_connect_timeout(sps_stream *stream, uint32_t timeout_ms);
sps_error sps_socket_set_attempt_delay(sps_stream *stream, uint32_t delay_ms);
sps_error sps_socket_set_io_timeout(sps_stream *stream, uint32_t timeout_ms);
sps_error sps_socket_set_idle_timeout(sps_stream *stream, uint32_t timeout_ms);
sps_error sps_socket_set_os_buffers(sps_stream *stream, uint32_t send_bytes, uint32_t
    receive_bytes);
sps_error sps_socket_get_os_buffers(const sps_stream *stream, uint32_t *out_send_bytes, uint32_t
    *out_receive_bytes);
sps_error sps_socket_get_wait(const sps_stream *stream, sps_socket_wait *out_wait);
sps_error sps_custom_create(const sps_custom_operations *operations, void *user_data, const
    sps_stream_options *options, sps_stream **out_stream);
sps_error sps_custom_get_user_data(const sps_stream *stream, void (*destroy)(void *user_data), void
    **out_user_data);
sps_error sps_custom_open(sps_stream *filter, sps_stream *base);
sps_error sps_custom_get_base(const sps_stream *filter, sps_stream **out_base);
sps_error sps_custom_set_failure(sps_stream *filter, sps_close_reason reason, const char *message);
sps_error sps_custom_poll_after(sps_stream *filter, int32_t delay_ms);
sps_error sps_custom_get_time_us(const sps_stream *filter, uint64_t *out_us);
sps_error sps_poller_create(const sps_poller_options *options, sps_poller **out_poller);
void sps_poller_destroy(sps_poller *poller);
sps_error sps_poller_add(sps_poller *poller, sps_stream *stream, void *user_data);
sps_error sps_poller_add_server(sps_poller *poller, sps_server *server, void *user_data);
sps_error sps_poller_remove(sps_poller *poller, sps_stream *stream);
sps_error sps_poller_remove_server(sps_poller *poller, sps_server *server);
sps_error sps_poller_wait(sps_poller *poller, int32_t timeout_ms, size_t *out_count);
sps_error sps_poller_next_event(sps_poller *poller, sps_event *out_event);
sps_error sps_poller_wake(sps_poller *poller);
sps_error sps_poller_get_timeout_us(const sps_poller *poller, int64_t *out_us);
sps_error sps_poller_get_fd(const sps_poller *poller, intptr_t *out_fd);
sps_error sps_ip_create(const sps_ip_options *options, sps_ip **out_ip);
void sps_ip_destroy(sps_ip *ip);
sps_error sps_ip_resolve_hostname(sps_ip *ip, const char *host, sps_ip_type type, char *buffer,
    size_t buffer_bytes, size_t *out_length);
sps_error sps_ip_resolve_hostname_addresses(sps_ip *ip, const char *host, sps_ip_type type,
    sps_host_text *out_addresses, size_t capacity, size_t *out_count);
sps_error sps_ip_queue_resolve_item(sps_ip *ip, const char *host, sps_ip_type type, int32_t
    *out_id);
sps_error sps_ip_get_resolve_item_status(sps_ip *ip, int32_t id, sps_resolver_status *out_status);
sps_error sps_ip_get_resolve_item_address(sps_ip *ip, int32_t id, char *buffer, size_t buffer_bytes,
    size_t *out_length);
sps_error sps_ip_get_resolve_item_addresses(sps_ip *ip, int32_t id, sps_host_text *out_addresses,
    size_t capacity, size_t *out_count);
sps_error sps_ip_erase_resolve_item(sps_ip *ip, int32_t id);
sps_error sps_ip_clear_cache(sps_ip *ip, const char *host);
sps_error sps_shutdown(uint32_t timeout_ms);
sps_error sps_ip_get_local_addresses(sps_ip *ip, sps_local_address *out_addresses, size_t capacity,
    size_t *out_count);
sps_error sps_tcp_create(const sps_stream_options *options, sps_stream **out_stream);
sps_error sps_tcp_bind(sps_stream *stream, int32_t port, const char *host);
sps_error sps_tcp_connect(sps_stream *stream, const char *host, int32_t port);
sps_error sps_tcp_get_connect_attempt_count(const sps_stream *stream, size_t *out_count);
sps_error sps_tcp_get_connect_attempt(const sps_stream *stream, size_t index, sps_connect_attempt
    *out_attempt);
sps_error sps_tcp_get_connected_host(const sps_stream *stream, char *buffer, size_t buffer_bytes,
    size_t *out_length);
sps_error sps_tcp_get_connected_port(const sps_stream *stream, int32_t *out_port);
sps_error sps_tcp_get_local_host(const sps_stream *stream, char *buffer, size_t buffer_bytes, size_t
    *out_length);
sps_error sps_tcp_get_local_port(const sps_stream *stream, int32_t *out_port);
sps_error sps_tcp_set_no_delay(sps_stream *stream, bool enabled);
sps_error sps_tcp_set_keepalive(sps_stream *stream, uint32_t idle_ms, uint32_t interval_ms, uint32_t
    count);
sps_error sps_tcp_set_user_timeout(sps_stream *stream, uint32_t timeout_ms);
sps_error sps_tcp_get_info(const sps_stream *stream, sps_tcp_info *out_info);
sps_error sps_tcp_close_reset(sps_stream *stream);
sps_error sps_tcp_adopt_fd(sps_stream *stream, intptr_t fd);
sps_error sps_tcp_release_fd(sps_stream *stream, intptr_t *out_fd);
sps_error sps_uds_create(const sps_stream_options *options, sps_stream **out_stream);
sps_error sps_uds_bind(sps_stream *stream, const char *path);
sps_error sps_uds_connect(sps_stream *stream, const char *path);
sps_error sps_uds_get_connected_path(const sps_stream *stream, char *buffer, size_t buffer_bytes,
    size_t *out_length);
sps_error sps_uds_get_peer_credentials(const sps_stream *stream, sps_peer_credentials
    *out_credentials);
sps_error sps_uds_adopt_fd(sps_stream *stream, intptr_t fd);
sps_error sps_uds_release_fd(sps_stream *stream, intptr_t *out_fd);
sps_error sps_variant_reader_init(sps_variant_reader *reader, const void *data, size_t bytes, const
    sps_variant_reader_options *options);
sps_error sps_variant_reader_next(sps_variant_reader *reader, sps_variant_item *out_item);
sps_error sps_variant_reader_skip(sps_variant_reader *reader);
size_t sps_variant_reader_offset(const sps_variant_reader *reader);
sps_variant_fault sps_variant_reader_fault(const sps_variant_reader *reader);
sps_error sps_variant_get_reals(const sps_variant_item *item, size_t first, size_t count, double
    *out_reals);
sps_error sps_variant_get_floats(const sps_variant_item *item, size_t first, size_t count, float
    *out_floats);
sps_error sps_variant_get_integers(const sps_variant_item *item, size_t first, size_t count, int64_t
    *out_integers);
sps_error sps_variant_get_int32s(const sps_variant_item *item, size_t first, size_t count, int32_t
    *out_integers);
sps_error sps_variant_next_string(const sps_variant_item *item, size_t *io_position, const char
    **out_text, size_t *out_bytes);
sps_error sps_variant_writer_init(sps_variant_writer *writer, const sps_variant_writer_options
    *options);
void sps_variant_writer_destroy(sps_variant_writer *writer);
void sps_variant_writer_reset(sps_variant_writer *writer);
sps_error sps_variant_writer_get_data(const sps_variant_writer *writer, const uint8_t **out_data,
    size_t *out_bytes);
sps_error sps_variant_write(sps_variant_writer *writer, const sps_variant_item *item);
sps_error sps_variant_write_nil(sps_variant_writer *writer);
sps_error sps_variant_write_bool(sps_variant_writer *writer, uint32_t value);
sps_error sps_variant_write_int(sps_variant_writer *writer, int64_t value);
sps_error sps_variant_write_float(sps_variant_writer *writer, double value);
sps_error sps_variant_write_string(sps_variant_writer *writer, const char *text, size_t bytes);
sps_error sps_variant_write_string_name(sps_variant_writer *writer, const char *text, size_t bytes);
sps_error sps_variant_write_node_path(sps_variant_writer *writer, const char *text, size_t bytes);
sps_error sps_variant_write_node_path_names(sps_variant_writer *writer, uint32_t flags, const char
    *const *names, const size_t *bytes, uint32_t name_count, uint32_t subname_count);
sps_error sps_variant_write_reals(sps_variant_writer *writer, sps_variant_type type, const double
    *components);
sps_error sps_variant_write_integers(sps_variant_writer *writer, sps_variant_type type, const
    int32_t *components);
sps_error sps_variant_write_rid(sps_variant_writer *writer, uint64_t id);
sps_error sps_variant_write_object_id(sps_variant_writer *writer, uint64_t id);
sps_error sps_variant_write_callable(sps_variant_writer *writer);
sps_error sps_variant_write_signal(sps_variant_writer *writer, const char *name, size_t bytes,
    uint64_t object_id);
sps_error sps_variant_write_array(sps_variant_writer *writer, uint32_t count, const
    sps_variant_element *element);
sps_error sps_variant_write_dictionary(sps_variant_writer *writer, uint32_t count, const
    sps_variant_element *key, const sps_variant_element *value);
sps_error sps_variant_write_object(sps_variant_writer *writer, const char *class_name, size_t
    class_bytes, uint32_t count);
sps_error sps_variant_write_packed(sps_variant_writer *writer, sps_variant_type type, const void
    *elements, uint32_t count);
sps_error sps_variant_write_packed_reals(sps_variant_writer *writer, sps_variant_type type, const
    double *reals, uint32_t count);
sps_error sps_variant_write_packed_strings(sps_variant_writer *writer, const char *const *texts,
    const size_t *bytes, uint32_t count);
sps_error sps_stream_put_var(sps_stream *stream, const void *value, size_t bytes);
sps_error sps_stream_get_var(sps_stream *stream, const uint8_t **out_value, size_t *out_bytes);
sps_error sps_stream_try_get_var(sps_stream *stream, const uint8_t **out_value, size_t *out_bytes);
uint32_t sps_version(void);
const char *sps_version_string(void);
]])
return { version = "0.2.0" }
