// SPDX-License-Identifier: MIT
//
// A plug-in that contains the library, or depends on it. plugin_lab loads and unloads it.
#include <streampeersocket/streampeersocket.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT sps_error plugin_connect(const char *host);
EXPORT sps_error plugin_resolve(const char *host);
EXPORT sps_error plugin_end(uint32_t timeout_ms);
EXPORT sps_error plugin_listen(const char *path);
EXPORT const char *plugin_version(void);

static sps_stream *stream;

sps_error plugin_connect(const char *host) {
    const sps_error error = sps_tcp_create(NULL, &stream);
    return error == SPS_OK ? sps_tcp_connect(stream, host, 1) : error;
}

// Waits for the result. The thread that delivered it is about to end.
sps_error plugin_resolve(const char *host) {
    sps_ip *ip;
    sps_error error = sps_ip_create(NULL, &ip);
    if (error == SPS_OK) {
        char text[SPS_HOST_TEXT_BYTES];
        error = sps_ip_resolve_hostname(ip, host, SPS_IP_TYPE_ANY, text, sizeof text, NULL);
        sps_ip_destroy(ip);
    }
    return error;
}

// Every object is destroyed. A look-up may still run.
sps_error plugin_end(uint32_t timeout_ms) {
    sps_stream_destroy(stream);
    stream = NULL;
    return sps_shutdown(timeout_ms);
}

// A Unix server, for a moment.
sps_error plugin_listen(const char *path) {
    sps_server *server;
    sps_error error = sps_uds_server_create(NULL, &server);
    if (error == SPS_OK) {
        error = sps_uds_server_listen(server, path);
        sps_server_destroy(server);
    }
    return error;
}

// At an address of its own in each copy of the library.
const char *plugin_version(void) {
    return sps_version_string();
}
