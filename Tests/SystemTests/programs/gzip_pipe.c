// SPDX-License-Identifier: MIT
//
// Compresses or decompresses its input with the library for gzip, like gzip(1).
//
//   gzip_pipe compress|decompress gzip|zlib|zstd [LEVEL]
//
// It prints the name of an error, and then ends with status 1.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <streampeersocket/gzip.h>

static void must(sps_error error) {
    if (error != SPS_OK) {
        fflush(stdout);
        fprintf(stderr, "%s\n", sps_error_name(error));
        exit(EXIT_FAILURE);
    }
}

static sps_error write_out(sps_stream *stream) {
    static char buffer[32768];
    sps_error error = SPS_OK;
    size_t count = 1;
    while (error == SPS_OK && count > 0) {
        error = sps_stream_get_partial_data(stream, buffer, sizeof buffer, &count);
        fwrite(buffer, 1, count, stdout);
    }
    return error;
}

static void pass_through(sps_stream *stream) {
    static char buffer[10000];
    size_t size;
    while ((size = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        for (size_t at = 0; at < size;) {
            size_t sent;
            const sps_error error =
                sps_stream_put_partial_data(stream, buffer + at, size - at, &sent);
            at += sent;
            const sps_error got = write_out(stream);
            must(error);
            must(got);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: gzip_pipe compress|decompress gzip|zlib|zstd [LEVEL]\n");
        return 2;
    }
    const bool compresses = strcmp(argv[1], "compress") == 0;
    const bool is_zlib = strcmp(argv[2], "zlib") == 0;
    const sps_gzip_options options = {.struct_size = sizeof options,
                                      .level = argc > 3 ? atoi(argv[3]) : 0,
                                      .codec = strcmp(argv[2], "zstd") == 0 ? SPS_GZIP_CODEC_ZSTD
                                                                            : SPS_GZIP_CODEC_ZLIB};
    sps_stream *stream;
    must(sps_gzip_create(&options, &stream));
    must(compresses ? sps_gzip_start_compression(stream, is_zlib, SPS_GZIP_BUFFER_SIZE)
                    : sps_gzip_start_decompression(stream, is_zlib, SPS_GZIP_BUFFER_SIZE));
    pass_through(stream);
    must(compresses ? sps_gzip_finish(stream) : sps_gzip_end_input(stream));
    must(write_out(stream));
    sps_stream_destroy(stream);
    return EXIT_SUCCESS;
}
