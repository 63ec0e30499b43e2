// SPDX-License-Identifier: MIT
//
// The keys of a server's tickets, at times that the test chooses.
#include "openssl/ticket_keys.h"

#include <openssl/evp.h>
#include <string.h>

#include "support/identities.h"

enum { PERIOD = SPSI_TLS_TICKET_KEY_SECONDS };

typedef struct ticket {
    uint8_t name[SPSI_TLS_TICKET_NAME_BYTES];
    uint8_t vector[EVP_MAX_IV_LENGTH];
    uint8_t bytes[64];
    int size;
} ticket;

static const uint8_t secret[] = "the session";

typedef struct tools {
    EVP_CIPHER_CTX *cipher;
    EVP_MAC *hmac;
    EVP_MAC_CTX *mac;
} tools;

static tools make_tools(void) {
    tools made = {.cipher = EVP_CIPHER_CTX_new(), .hmac = EVP_MAC_fetch(NULL, "HMAC", NULL)};
    made.mac = EVP_MAC_CTX_new(made.hmac);
    return made;
}

static void drop_tools(tools *tools) {
    EVP_CIPHER_CTX_free(tools->cipher);
    EVP_MAC_CTX_free(tools->mac);
    EVP_MAC_free(tools->hmac);
}

static ticket encrypt(spsi_tls_ticket_keys *keys, int64_t now_s) {
    ticket made = {.size = 0};
    tools tools = make_tools();
    ck_assert_int_eq(spsi_tls_ticket_keys_begin(keys, now_s, made.name, made.vector, tools.cipher,
                                                tools.mac, true),
                     1);
    ck_assert_int_eq(EVP_MAC_init(tools.mac, NULL, 0, NULL), 1); // it has a key
    int last = 0;
    EVP_EncryptUpdate(tools.cipher, made.bytes, &made.size, secret, sizeof secret);
    EVP_EncryptFinal(tools.cipher, made.bytes + made.size, &last);
    made.size += last;
    drop_tools(&tools);
    return made;
}

// Returns the callback's result. 0: the key is not known.
static int decrypt(spsi_tls_ticket_keys *keys, int64_t now_s, ticket *ticket) {
    tools tools = make_tools();
    const int result = spsi_tls_ticket_keys_begin(keys, now_s, ticket->name, ticket->vector,
                                                  tools.cipher, tools.mac, false);
    if (result > 0) {
        uint8_t got[64];
        int size = 0, last = 0;
        EVP_DecryptUpdate(tools.cipher, got, &size, ticket->bytes, ticket->size);
        ck_assert_int_eq(EVP_DecryptFinal(tools.cipher, got + size, &last), 1);
        ck_assert_mem_eq(got, secret, sizeof secret);
    }
    drop_tools(&tools);
    return result;
}

static bool is_same_key(const ticket *one, const ticket *other) {
    return memcmp(one->name, other->name, sizeof one->name) == 0;
}

START_TEST(keys_retire) {
    spsi_tls_ticket_keys keys = {0};
    const int64_t begin = 1800000000;
    ck_assert(spsi_tls_ticket_keys_create(&keys, NULL));
    ticket first = encrypt(&keys, begin), same = encrypt(&keys, begin + PERIOD - 1);
    ck_assert(is_same_key(&first, &same));
    ck_assert(memcmp(first.bytes, same.bytes, (size_t)first.size) != 0); // another vector
    ck_assert_int_eq(decrypt(&keys, begin + PERIOD - 1, &first), 1);
    ticket second = encrypt(&keys, begin + PERIOD);
    ck_assert(!is_same_key(&first, &second));
    ck_assert_int_eq(decrypt(&keys, begin + 2 * PERIOD - 1, &first),
                     2); // the client gets a new one
    ck_assert_int_eq(decrypt(&keys, begin + 2 * PERIOD, &first), 0);
    ck_assert_int_eq(decrypt(&keys, begin + 2 * PERIOD, &second), 2);
    ck_assert_int_eq(decrypt(&keys, begin + 9 * PERIOD, &second), 0);
    spsi_tls_ticket_keys_clear(&keys);
}
END_TEST

// An idle server does not keep a key that has retired, and a clock that is set back renews it.
START_TEST(keys_of_a_long_ago) {
    spsi_tls_ticket_keys keys = {0};
    ck_assert(spsi_tls_ticket_keys_create(&keys, NULL));
    ticket first = encrypt(&keys, 1000 * PERIOD);
    ticket later = encrypt(&keys, 2000 * (int64_t)PERIOD);
    ck_assert(!is_same_key(&first, &later));
    ck_assert_int_eq(decrypt(&keys, 2000 * (int64_t)PERIOD, &first), 0);
    static const uint8_t nothing[sizeof keys.previous];
    ck_assert_mem_eq(&keys.previous, nothing, sizeof keys.previous); // wiped
    ticket earlier = encrypt(&keys, 5);
    ck_assert(!is_same_key(&earlier, &later));
    spsi_tls_ticket_keys_clear(&keys);
    ck_assert_mem_eq(&keys.current, nothing, sizeof keys.current);
}
END_TEST

START_TEST(a_name_that_nobody_has_given) {
    spsi_tls_ticket_keys keys = {0};
    ck_assert(spsi_tls_ticket_keys_create(&keys, NULL));
    ticket made = {.size = 0};
    ck_assert_int_eq(decrypt(&keys, 1000, &made), 0); // an empty name is not the empty place
    made = encrypt(&keys, 1000);
    made.name[3] ^= 1;
    ck_assert_int_eq(decrypt(&keys, 1000, &made), 0);
    spsi_tls_ticket_keys_clear(&keys);
}
END_TEST

Suite *tls_ticket_keys_suite(void) {
    Suite *suite = suite_create("tls_ticket_keys");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_test(all, keys_retire);
    tcase_add_test(all, keys_of_a_long_ago);
    tcase_add_test(all, a_name_that_nobody_has_given);
    return suite;
}
