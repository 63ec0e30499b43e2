// SPDX-License-Identifier: MIT
//
// Runs a fuzzer's function over files, without libFuzzer. The tests use it, and it replays a
// finding.
//
//     replay_NAME FILE...
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static uint8_t *read_file(const char *path, size_t *out_bytes) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fseek(file, 0, SEEK_END);
    const size_t bytes = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(bytes > 0 ? bytes : 1); // exactly, for the address sanitizer
    *out_bytes = data != NULL ? fread(data, 1, bytes, file) : 0;
    fclose(file);
    return data;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        size_t bytes;
        uint8_t *data = read_file(argv[i], &bytes);
        LLVMFuzzerTestOneInput(data, bytes);
        free(data);
    }
    printf("%d replayed\n", argc - 1);
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
