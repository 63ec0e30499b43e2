// SPDX-License-Identifier: MIT
//
// A provider (provider(7)) with one algorithm: a generator of random numbers. OpenSSL creates
// several generators by its name. Each has a stream of numbers of its own, which follows from the
// seed and the order of creation.
#include "openssl/seeded.h"

#include <inttypes.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char generator_name[] = "SPS-SEEDED";
static const char provider_prefix[] = "sps-seeded-"; // then the seed, as 16 hexadecimal digits

typedef struct source {
    uint64_t seed;
    uint64_t streams; // that were created
} source;

typedef struct stream {
    uint64_t state;
    int is_ready; // one of EVP_RAND_STATE_…, not a boolean
} stream;

// ---- The generator

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
static uint64_t next(uint64_t *state) {
    uint64_t value = *state += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

static void *create_stream(void *provider, void *parent, const OSSL_DISPATCH *parent_functions) {
    (void)parent, (void)parent_functions;
    source *of_all = provider;
    stream *made = OPENSSL_zalloc(sizeof *made);
    if (made != NULL) {
        uint64_t begin = of_all->seed ^ (of_all->streams++ << 32);
        made->state = next(&begin);
        made->is_ready = EVP_RAND_STATE_UNINITIALISED;
    }
    return made;
}

static void free_stream(void *context) {
    OPENSSL_free(context);
}

static int begin_stream(void *context, unsigned strength, int resists_prediction,
                        const unsigned char *text, size_t text_size,
                        const OSSL_PARAM parameters[]) {
    (void)strength, (void)resists_prediction, (void)text, (void)text_size, (void)parameters;
    ((stream *)context)->is_ready = EVP_RAND_STATE_READY;
    return 1;
}

static int end_stream(void *context) {
    ((stream *)context)->is_ready = EVP_RAND_STATE_UNINITIALISED;
    return 1;
}

static int generate(void *context, unsigned char *out, size_t size, unsigned strength,
                    int resists_prediction, const unsigned char *extra, size_t extra_size) {
    (void)strength, (void)resists_prediction, (void)extra, (void)extra_size;
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        const uint64_t value = next(&((stream *)context)->state);
        for (size_t at = i; at < size && at < i + sizeof value; at++) {
            out[at] = (unsigned char)(value >> 8 * (at - i)); // the same on every machine
        }
    }
    return 1;
}

static int enable_locking(void *context) {
    (void)context;
    return 1; // the generators that are used belong to one thread each
}

static int describe(void *context, OSSL_PARAM parameters[]) {
    enum { STRENGTH_BITS = 256 };
    OSSL_PARAM *state = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STATE);
    OSSL_PARAM *strength = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STRENGTH);
    OSSL_PARAM *most = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_MAX_REQUEST);
    return (state == NULL || OSSL_PARAM_set_int(state, ((stream *)context)->is_ready)) &&
           (strength == NULL || OSSL_PARAM_set_uint(strength, STRENGTH_BITS)) &&
           (most == NULL || OSSL_PARAM_set_size_t(most, INT32_MAX));
}

static const OSSL_PARAM *list_parameters(void *context, void *provider) {
    static const OSSL_PARAM known[] = {
        OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, NULL),
        OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, NULL),
        OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, NULL),
        OSSL_PARAM_END,
    };
    (void)context, (void)provider;
    return known;
}

// ---- The provider

static const OSSL_ALGORITHM *query(void *provider, int operation, int *out_changes) {
    typedef void (*any)(void);
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_RAND_NEWCTX, (any)create_stream},
        {OSSL_FUNC_RAND_FREECTX, (any)free_stream},
        {OSSL_FUNC_RAND_INSTANTIATE, (any)begin_stream},
        {OSSL_FUNC_RAND_UNINSTANTIATE, (any)end_stream},
        {OSSL_FUNC_RAND_GENERATE, (any)generate},
        {OSSL_FUNC_RAND_ENABLE_LOCKING, (any)enable_locking},
        {OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, (any)list_parameters},
        {OSSL_FUNC_RAND_GET_CTX_PARAMS, (any)describe},
        {0, NULL},
    };
    static const OSSL_ALGORITHM generators[] = {
        {generator_name, "provider=sps-seeded", functions, "numbers from a seed"},
        {NULL, NULL, NULL, NULL},
    };
    (void)provider;
    *out_changes = 0;
    return operation == OSSL_OP_RAND ? generators : NULL;
}

static void free_source(void *provider) {
    OPENSSL_free(provider);
}

// The seed is in the name of the provider. OpenSSL 3.0 passes it nothing else without a
// configuration file.
static bool read_seed(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, uint64_t *out) {
    char *name = NULL;
    OSSL_PARAM wanted[] = {OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_CORE_PROV_NAME, &name, 0),
                           OSSL_PARAM_END};
    for (; core->function_id != 0; core++) {
        if (core->function_id == OSSL_FUNC_CORE_GET_PARAMS &&
            OSSL_FUNC_core_get_params(core)(handle, wanted) && name != NULL) {
            *out = strtoull(name + sizeof provider_prefix - 1, NULL, 16);
            return true;
        }
    }
    return false;
}

static int begin_provider(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                          const OSSL_DISPATCH **out_functions, void **out_provider) {
    typedef void (*any)(void);
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (any)query},
        {OSSL_FUNC_PROVIDER_TEARDOWN, (any)free_source},
        {0, NULL},
    };
    source *made = OPENSSL_zalloc(sizeof *made);
    if (made == NULL || !read_seed(handle, core, &made->seed)) {
        OPENSSL_free(made);
        return 0;
    }
    *out_functions = functions;
    *out_provider = made;
    return 1;
}

bool spsi_tls_seeded_create(spsi_tls_seeded *seeded, uint64_t seed) {
    char name[sizeof provider_prefix + 16];
    snprintf(name, sizeof name, "%s%016" PRIx64, provider_prefix, seed);
    seeded->library = OSSL_LIB_CTX_new();
    if (seeded->library == NULL ||
        !OSSL_PROVIDER_add_builtin(seeded->library, name, begin_provider)) {
        return false;
    }
    seeded->algorithms = OSSL_PROVIDER_load(seeded->library, "default");
    seeded->random = OSSL_PROVIDER_load(seeded->library, name);
    return seeded->algorithms != NULL && seeded->random != NULL &&
           RAND_set_DRBG_type(seeded->library, generator_name, NULL, NULL, NULL);
}

void spsi_tls_seeded_free(spsi_tls_seeded *seeded) {
    if (seeded->random != NULL) {
        OSSL_PROVIDER_unload(seeded->random);
    }
    if (seeded->algorithms != NULL) {
        OSSL_PROVIDER_unload(seeded->algorithms);
    }
    OSSL_LIB_CTX_free(seeded->library);
}
