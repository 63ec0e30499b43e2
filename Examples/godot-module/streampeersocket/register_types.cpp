// SPDX-License-Identifier: MIT
//
// A class of the engine on the C library: TCP by name, without blocking, and a reason for each
// close. It is a StreamPeer, so PacketPeerStream and StreamPeerTLS take it. Other methods are added
// in the same way: each is one call of the library.
#include "register_types.h"

#include "core/io/stream_peer.h"
#include "core/object/class_db.h"

#include <streampeersocket/streampeersocket.h>

namespace {

// The library's memory is the engine's, so its figures are in the profiler.
void *reallocate(void *, void *p_block, size_t, size_t p_bytes) {
    if (p_bytes != 0) {
        return Memory::realloc_static(p_block, p_bytes);
    }
    if (p_block != nullptr) {
        Memory::free_static(p_block);
    }
    return nullptr;
}

} // namespace

class StreamPeerNative : public StreamPeer {
    GDCLASS(StreamPeerNative, StreamPeer);

    sps_stream *stream = nullptr;

  protected:
    static void _bind_methods() {
        ClassDB::bind_method(D_METHOD("connect_to_host", "host", "port"),
                             &StreamPeerNative::connect_to_host);
        ClassDB::bind_method(D_METHOD("poll"), &StreamPeerNative::poll);
        ClassDB::bind_method(D_METHOD("get_status"), &StreamPeerNative::get_status);
        ClassDB::bind_method(D_METHOD("get_close_reason"), &StreamPeerNative::get_close_reason);
        ClassDB::bind_method(D_METHOD("disconnect_from_host"),
                             &StreamPeerNative::disconnect_from_host);
    }

  public:
    StreamPeerNative() {
        sps_allocator allocator = {};
        allocator.struct_size = sizeof allocator;
        allocator.reallocate = reallocate;
        sps_stream_options options = {};
        options.struct_size = sizeof options;
        options.allocator = &allocator;
        // Without memory the stream is null, and every call returns ERR_INVALID_PARAMETER.
        sps_tcp_create(&options, &stream);
    }

    ~StreamPeerNative() { sps_stream_destroy(stream); }

    // The codes of the library are those of the engine.
    Error connect_to_host(const String &p_host, int p_port) {
        return Error(sps_tcp_connect(stream, p_host.utf8().get_data(), p_port));
    }

    Error poll() { return Error(sps_socket_poll(stream)); }

    int get_status() const {
        sps_status status = SPS_STATUS_NONE;
        sps_socket_get_status(stream, &status);
        return status;
    }

    String get_close_reason() const {
        sps_close_reason reason = SPS_CLOSE_NONE;
        sps_socket_get_close_reason(stream, &reason);
        return sps_close_reason_name(reason);
    }

    void disconnect_from_host() { sps_socket_disconnect(stream); }

    Error put_data(const uint8_t *p_data, int p_bytes) override {
        return Error(sps_stream_put_data(stream, p_data, size_t(p_bytes), nullptr));
    }

    Error put_partial_data(const uint8_t *p_data, int p_bytes, int &r_sent) override {
        size_t sent = 0;
        const sps_error error = sps_stream_put_partial_data(stream, p_data, size_t(p_bytes), &sent);
        r_sent = int(sent);
        return Error(error);
    }

    Error get_data(uint8_t *p_buffer, int p_bytes) override {
        return Error(sps_stream_get_data(stream, p_buffer, size_t(p_bytes), nullptr));
    }

    Error get_partial_data(uint8_t *p_buffer, int p_bytes, int &r_received) override {
        size_t received = 0;
        const sps_error error =
            sps_stream_get_partial_data(stream, p_buffer, size_t(p_bytes), &received);
        r_received = int(received);
        return Error(error);
    }

    int get_available_bytes() const override {
        size_t bytes = 0;
        sps_stream_get_available_bytes(stream, &bytes);
        return int(bytes);
    }
};

void initialize_streampeersocket_module(ModuleInitializationLevel p_level) {
    if (p_level == MODULE_INITIALIZATION_LEVEL_SCENE) {
        GDREGISTER_CLASS(StreamPeerNative);
    }
}

void uninitialize_streampeersocket_module(ModuleInitializationLevel p_level) {
    if (p_level == MODULE_INITIALIZATION_LEVEL_SCENE) {
        sps_shutdown(100); // ends the threads of look-ups
    }
}
