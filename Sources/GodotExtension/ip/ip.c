// SPDX-License-Identifier: MIT
//
// SPSIP: look-ups that never wait, with the names of Godot's IP. Godot's calls that wait are left
// out.
#include "ip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../values/containers.h"
#include "../values/text.h"
#include "../values/types.h"

struct ip {
    struct spsi_godot_object head;
    sps_ip *ip;
};

static void begin(void *self) {
    sps_ip_create(NULL, &((struct ip *)self)->ip);
}

static void end(void *self) {
    sps_ip_destroy(((struct ip *)self)->ip);
}

static int32_t id_of(const void *argument) {
    const int64_t id = *(const int64_t *)argument;
    return id < 0 || id > INT32_MAX ? SPS_RESOLVER_INVALID_ID : (int32_t)id;
}

static void resolve_hostname_queue_item(void *self, const void *const *arguments, void *result) {
    struct ip *ip = self;
    const int64_t type = *(const int64_t *)arguments[1];
    int32_t id = SPS_RESOLVER_INVALID_ID;
    struct spsi_godot_text host;
    spsi_godot_get_text(&host, arguments[0]);
    const sps_error error = sps_ip_queue_resolve_item(
        ip->ip, host.bytes,
        type < SPS_IP_TYPE_NONE || type > SPS_IP_TYPE_ANY ? SPS_IP_TYPE_NONE : (sps_ip_type)type,
        &id);
    spsi_godot_free_text(&host);
    if (error != SPS_OK) {
        spsi_godot_complain(&ip->head, "resolve_hostname_queue_item", sps_error_message(error));
    }
    *(int64_t *)result = id;
}

static void get_resolve_item_status(void *self, const void *const *arguments, void *result) {
    sps_resolver_status status = SPS_RESOLVER_STATUS_NONE;
    sps_ip_get_resolve_item_status(((struct ip *)self)->ip, id_of(arguments[0]), &status);
    *(int64_t *)result = status;
}

static void get_resolve_item_error(void *self, const void *const *arguments, void *result) {
    char host[SPS_HOST_TEXT_BYTES];
    *(int64_t *)result = sps_ip_get_resolve_item_address(
        ((struct ip *)self)->ip, id_of(arguments[0]), host, sizeof host, NULL);
}

static void get_resolve_item_address(void *self, const void *const *arguments, void *result) {
    char host[SPS_HOST_TEXT_BYTES];
    size_t length = 0;
    if (sps_ip_get_resolve_item_address(((struct ip *)self)->ip, id_of(arguments[0]), host,
                                        sizeof host, &length) != SPS_OK) {
        length = 0;
    }
    spsi_godot_set_string(result, host, length);
}

static void put_text_at(godot_array *array, size_t index, const char *text) {
    godot_string string;
    spsi_godot_make(GODOT_STRING, &string);
    spsi_godot_set_string(&string, text, strlen(text));
    spsi_godot_set_variant(spsi_godot_at(array, index), GODOT_STRING, &string);
    spsi_godot_destroy(GODOT_STRING, &string);
}

static void get_resolve_item_addresses(void *self, const void *const *arguments, void *result) {
    sps_host_text found[SPS_IP_MAX_ADDRESSES];
    size_t count = 0;
    found[0].struct_size = sizeof found[0];
    if (sps_ip_get_resolve_item_addresses(((struct ip *)self)->ip, id_of(arguments[0]), found,
                                          SPS_IP_MAX_ADDRESSES, &count) != SPS_OK) {
        count = 0;
    }
    if (count > SPS_IP_MAX_ADDRESSES) {
        count = SPS_IP_MAX_ADDRESSES;
    }
    spsi_godot_set_array(result, count);
    for (size_t i = 0; i < count; i++) {
        put_text_at(result, i, found[i].text);
    }
}

static void erase_resolve_item(void *self, const void *const *arguments, void *result) {
    (void)result;
    sps_ip_erase_resolve_item(((struct ip *)self)->ip, id_of(arguments[0]));
}

static void clear_cache(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_text host;
    (void)result;
    spsi_godot_get_text(&host, arguments[0]);
    sps_ip_clear_cache(((struct ip *)self)->ip, host.bytes);
    spsi_godot_free_text(&host);
}

// The caller frees the result. The number of addresses may grow between two calls.
static sps_local_address *ask_local_addresses(sps_ip *ip, size_t *out_count) {
    size_t capacity = 0;
    sps_local_address *addresses = NULL;
    *out_count = 0;
    while (sps_ip_get_local_addresses(ip, addresses, capacity, out_count) == SPS_OK &&
           *out_count > capacity) {
        capacity = *out_count;
        free(addresses);
        addresses = calloc(capacity, sizeof *addresses);
        if (addresses == NULL) {
            break;
        }
        addresses[0].struct_size = sizeof addresses[0];
    }
    if (addresses == NULL) {
        *out_count = 0;
    }
    return addresses;
}

static void get_local_addresses(void *self, const void *const *arguments, void *result) {
    size_t count;
    sps_local_address *addresses = ask_local_addresses(((struct ip *)self)->ip, &count);
    (void)arguments;
    spsi_godot_set_strings(result, count);
    for (size_t i = 0; i < count; i++) {
        spsi_godot_set_string(spsi_godot_string_at(result, i), addresses[i].host,
                              strlen(addresses[i].host));
    }
    free(addresses);
}

// An interface and its addresses: those of `addresses` up to the returned index.
static size_t describe_interface(godot_variant *element, const sps_local_address *addresses,
                                 size_t count) {
    godot_dictionary row;
    godot_array hosts;
    char index[16];
    size_t own = 1;
    while (own < count && addresses[own].interface_index == addresses[0].interface_index) {
        own++;
    }
    spsi_godot_make(GODOT_ARRAY, &hosts);
    spsi_godot_set_array(&hosts, own);
    for (size_t i = 0; i < own; i++) {
        put_text_at(&hosts, i, addresses[i].host);
    }
    snprintf(index, sizeof index, "%u", addresses[0].interface_index);
    spsi_godot_make(GODOT_DICTIONARY, &row);
    spsi_godot_put_text(&row, "name", addresses[0].interface_name);
    spsi_godot_put_text(&row, "friendly", addresses[0].interface_name);
    spsi_godot_put_text(&row, "index", index); // a text, as in Godot
    spsi_godot_put(&row, "addresses", GODOT_ARRAY, &hosts);
    spsi_godot_set_variant(element, GODOT_DICTIONARY, &row);
    spsi_godot_destroy(GODOT_DICTIONARY, &row);
    spsi_godot_destroy(GODOT_ARRAY, &hosts);
    return own;
}

static void get_local_interfaces(void *self, const void *const *arguments, void *result) {
    size_t count, interfaces = 0, done = 0;
    sps_local_address *addresses = ask_local_addresses(((struct ip *)self)->ip, &count);
    (void)arguments;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || addresses[i].interface_index != addresses[i - 1].interface_index) {
            interfaces++;
        }
    }
    spsi_godot_set_dictionary_array(result, interfaces);
    for (size_t i = 0; i < interfaces; i++) {
        done += describe_interface(spsi_godot_at(result, i), addresses + done, count - done);
    }
    free(addresses);
}

#define ID SPS_PARAMETER("id", SPS_INT)

static const struct spsi_godot_method methods[] = {
    {"resolve_hostname_queue_item",
     resolve_hostname_queue_item,
     SPS_INT,
     0,
     2,
     {{"host", SPS_STRING, {0}}, {"ip_type", SPS_ENUM("SPSIP.Type"), SPS_OR(SPS_IP_TYPE_ANY)}}},
    {"get_resolve_item_status",
     get_resolve_item_status,
     SPS_ENUM("SPSIP.ResolverStatus"),
     GODOT_METHOD_CONST,
     1,
     {ID}},
    {"get_resolve_item_error", get_resolve_item_error, SPS_ERROR, GODOT_METHOD_CONST, 1, {ID}},
    {"get_resolve_item_address", get_resolve_item_address, SPS_STRING, GODOT_METHOD_CONST, 1, {ID}},
    {"get_resolve_item_addresses",
     get_resolve_item_addresses,
     SPS_ARRAY,
     GODOT_METHOD_CONST,
     1,
     {ID}},
    {"erase_resolve_item", erase_resolve_item, SPS_NOTHING, 0, 1, {ID}},
    {"clear_cache", clear_cache, SPS_NOTHING, 0, 1, {{"hostname", SPS_STRING, SPS_OR_TEXT("")}}},
    {"get_local_addresses", get_local_addresses, SPS_STRINGS, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_local_interfaces", get_local_interfaces, SPS_DICTIONARIES, GODOT_METHOD_CONST, 0, {{0}}},
};

static const struct spsi_godot_constant constants[] = {
    {"ResolverStatus", "RESOLVER_STATUS_NONE", SPS_RESOLVER_STATUS_NONE},
    {"ResolverStatus", "RESOLVER_STATUS_WAITING", SPS_RESOLVER_STATUS_WAITING},
    {"ResolverStatus", "RESOLVER_STATUS_DONE", SPS_RESOLVER_STATUS_DONE},
    {"ResolverStatus", "RESOLVER_STATUS_ERROR", SPS_RESOLVER_STATUS_ERROR},
    {"Type", "TYPE_NONE", SPS_IP_TYPE_NONE},
    {"Type", "TYPE_IPV4", SPS_IP_TYPE_IPV4},
    {"Type", "TYPE_IPV6", SPS_IP_TYPE_IPV6},
    {"Type", "TYPE_ANY", SPS_IP_TYPE_ANY},
    {"", "RESOLVER_MAX_QUERIES", SPS_RESOLVER_MAX_QUERIES},
    {"", "RESOLVER_INVALID_ID", SPS_RESOLVER_INVALID_ID},
};

struct spsi_godot_class spsi_godot_ip_class = {
    .name = "SPSIP",
    .base = "RefCounted",
    .instance_bytes = sizeof(struct ip),
    .begin = begin,
    .end = end,
    .methods = {{SPS_ROWS(methods)}},
    .constants = constants,
    .constant_count = sizeof constants / sizeof *constants,
};
