// SPDX-License-Identifier: MIT
// A user of all three libraries: prints the version if they can be loaded and work.
#include <stdio.h>

#include <streampeersocket/gzip.h>
#include <streampeersocket/streampeersocket.h>
#include <streampeersocket/tls.h>

int main(void) {
    sps_stream *gzip = NULL;
    sps_stream *tls = NULL;
    sps_error error = sps_gzip_create(NULL, &gzip);
    if (error == SPS_OK) {
        error = sps_gzip_start_compression(gzip, false, 4096);
    }
    if (error == SPS_OK) {
        error = sps_stream_put_utf8_string(gzip, "Debian", 6);
    }
    if (error == SPS_OK) {
        error = sps_tls_create(NULL, &tls);
    }
    sps_stream_destroy(tls);
    sps_stream_destroy(gzip);
    puts(error == SPS_OK ? sps_version_string() : sps_error_message(error));
    return error == SPS_OK ? 0 : 1;
}
