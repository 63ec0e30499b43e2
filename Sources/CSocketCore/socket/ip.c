// SPDX-License-Identifier: MIT
//
// Godot's IP: look-ups apart from connecting.
#include "streampeersocket/ip.h"

#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/text.h"
#include "platform/calls.h"
#include "socket/address.h"
#include "socket/results.h"
#include "socket/settings.h"

enum { DEFAULT_TIMEOUT_MS = 30000 };

// A set of families that a caller asks for is handed on to the platform as it is.
typedef char families_have_the_same_values
    [SPSI_IPV4 == (int)SPS_IP_TYPE_IPV4 && SPSI_IPV6 == (int)SPS_IP_TYPE_IPV6 ? 1 : -1];

// A host's addresses, known at once or looked up.
typedef struct ip_query {
    sps_ip_type type;
    spsi_lookup *lookup; // NULL when they are known
    size_t count;
    spsi_address known[SPSI_KNOWN_ADDRESSES];
} ip_query;

// Everything but the blocking look-ups happens under the platform's lock.
struct sps_ip {
    const sps_platform *platform;
    sps_allocator allocator;
    uint64_t timeout_us;
    ip_query *items[SPS_RESOLVER_MAX_QUERIES];
};

// ---- Queries

static sps_error query_begin(const sps_ip *ip, const char *host, sps_ip_type type,
                             ip_query *out_query) {
    memset(out_query, 0, sizeof *out_query);
    if (type < SPS_IP_TYPE_IPV4 || type > SPS_IP_TYPE_ANY) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    out_query->type = type;
    switch (spsi_host_parse(ip->platform, host, out_query->known, &out_query->count)) {
    case SPSI_HOST_KNOWN:
        return SPS_OK;
    case SPSI_HOST_NAME:
        break;
    default:
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_result result =
        spsi_os_lookup_start(ip->platform, host, (unsigned)type, &out_query->lookup);
    return spsi_error_of(result);
}

static void query_end(const sps_ip *ip, ip_query *query) {
    if (query->lookup != NULL) {
        spsi_os_lookup_end(ip->platform, query->lookup, true);
    }
}

static bool is_wanted(const spsi_address *address, sps_ip_type type) {
    return type == SPS_IP_TYPE_ANY ||
           (address->family == SPSI_FAMILY_IPV4) == (type == SPS_IP_TYPE_IPV4);
}

static sps_error error_of_lookup(spsi_result result) {
    switch (result.code) {
    case SPSI_AGAIN:
        return SPS_ERR_BUSY;
    case SPSI_NAME_UNKNOWN:
        return SPS_ERR_CANT_RESOLVE;
    case SPSI_NO_HANDLES:
    case SPSI_NO_MEMORY:
        return spsi_error_of(result);
    default:
        return SPS_ERR_QUERY_FAILED;
    }
}

// The addresses of the wanted kind, at most SPS_IP_MAX_ADDRESSES. ERR_BUSY while they are looked
// up.
static sps_error query_result(const sps_ip *ip, const ip_query *query, spsi_address *out_addresses,
                              size_t *out_count) {
    size_t count = query->count;
    memcpy(out_addresses, query->known, count * sizeof *out_addresses);
    if (query->lookup != NULL) {
        const spsi_result result = spsi_os_lookup_result(ip->platform, query->lookup, out_addresses,
                                                         SPS_IP_MAX_ADDRESSES, &count);
        if (result.code != SPSI_DONE) {
            return error_of_lookup(result);
        }
    }
    *out_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(&out_addresses[i], query->type)) {
            out_addresses[(*out_count)++] = out_addresses[i];
        }
    }
    return *out_count > 0 ? SPS_OK : SPS_ERR_CANT_RESOLVE;
}

// ---- Texts

static sps_error first_text(sps_error error, const spsi_address *addresses, char *buffer,
                            size_t buffer_bytes, size_t *out_length) {
    char text[SPS_HOST_TEXT_BYTES] = "";
    if (error == SPS_OK) {
        spsi_ip_to_text(&addresses[0], text, sizeof text);
    }
    buffer[0] = '\0';
    const sps_error copied = spsi_copy_text(text, buffer, buffer_bytes, out_length);
    return error != SPS_OK ? error : copied;
}

static sps_error all_texts(sps_error error, const spsi_address *addresses, size_t count,
                           sps_host_text *out_addresses, size_t capacity, size_t *out_count) {
    *out_count = error == SPS_OK ? count : 0;
    for (size_t i = 0; i < *out_count && i < capacity; i++) {
        sps_host_text text;
        memset(&text, 0, sizeof text);
        spsi_ip_to_text(&addresses[i], text.text, sizeof text.text);
        spsi_struct_write_at(&text, out_addresses, i, sizeof text);
    }
    return error;
}

// Whether there is an object, and a caller's buffer to fill. Without an object the buffer is empty.
static bool can_answer(const sps_ip *ip, char *buffer, size_t buffer_bytes) {
    if (buffer == NULL || buffer_bytes == 0) {
        return false;
    }
    if (ip == NULL) {
        buffer[0] = '\0';
    }
    return ip != NULL;
}

// Whether a caller's list can be filled; *out_count is 0 until it is.
static bool is_list(const sps_host_text *addresses, size_t capacity, size_t *out_count) {
    if (out_count != NULL) {
        *out_count = 0;
    }
    return out_count != NULL &&
           (capacity == 0 || (addresses != NULL && spsi_struct_has_stride(addresses)));
}

// ---- Making and ending

sps_error sps_ip_create(const sps_ip_options *options, sps_ip **out_ip) {
    if (out_ip == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_ip = NULL;
    sps_ip_options chosen;
    sps_allocator allocator;
    if (!spsi_struct_read(options, &chosen, sizeof chosen) ||
        !spsi_allocator_read(chosen.allocator, &allocator) || !spsi_is_timeout(chosen.timeout_ms)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_platform *platform = spsi_platform_or_os(chosen.platform);
    if (platform == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    sps_ip *ip = spsi_allocate_zeroed(&allocator, sizeof *ip);
    if (ip == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    ip->allocator = allocator;
    ip->platform = platform;
    ip->timeout_us =
        (uint64_t)(chosen.timeout_ms != 0 ? chosen.timeout_ms : DEFAULT_TIMEOUT_MS) * 1000;
    *out_ip = ip;
    return SPS_OK;
}

static void erase(sps_ip *ip, int32_t id) {
    query_end(ip, ip->items[id]);
    spsi_free(&ip->allocator, ip->items[id], sizeof *ip->items[id]);
    ip->items[id] = NULL;
}

void sps_ip_destroy(sps_ip *ip) {
    if (ip == NULL) {
        return;
    }
    for (int32_t id = 0; id < SPS_RESOLVER_MAX_QUERIES; id++) {
        if (ip->items[id] != NULL) {
            erase(ip, id);
        }
    }
    const sps_allocator allocator = ip->allocator;
    spsi_free(&allocator, ip, sizeof *ip);
}

// ---- Waiting look-ups

static sps_error resolve(const sps_ip *ip, const char *host, sps_ip_type type,
                         spsi_address *out_addresses, size_t *out_count) {
    *out_count = 0;
    ip_query query;
    sps_error error = query_begin(ip, host, type, &query);
    if (error != SPS_OK) {
        return error;
    }
    const sps_platform *platform = ip->platform;
    const bool is_late =
        query.lookup != NULL &&
        spsi_os_lookup_wait(platform, query.lookup, ip->timeout_us).code == SPSI_AGAIN;
    error = is_late ? SPS_ERR_TIMEOUT : query_result(ip, &query, out_addresses, out_count);
    query_end(ip, &query);
    return error;
}

sps_error sps_ip_resolve_hostname(sps_ip *ip, const char *host, sps_ip_type type, char *buffer,
                                  size_t buffer_bytes, size_t *out_length) {
    if (!can_answer(ip, buffer, buffer_bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    size_t count;
    const sps_error error = resolve(ip, host, type, addresses, &count);
    return first_text(error, addresses, buffer, buffer_bytes, out_length);
}

sps_error sps_ip_resolve_hostname_addresses(sps_ip *ip, const char *host, sps_ip_type type,
                                            sps_host_text *out_addresses, size_t capacity,
                                            size_t *out_count) {
    if (!is_list(out_addresses, capacity, out_count) || ip == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    size_t count;
    const sps_error error = resolve(ip, host, type, addresses, &count);
    return all_texts(error, addresses, count, out_addresses, capacity, out_count);
}

// ---- The queue

static int32_t find_free(const sps_ip *ip) {
    for (int32_t id = 0; id < SPS_RESOLVER_MAX_QUERIES; id++) {
        if (ip->items[id] == NULL) {
            return id;
        }
    }
    return SPS_RESOLVER_INVALID_ID;
}

static sps_error queue(sps_ip *ip, const char *host, sps_ip_type type, int32_t *out_id) {
    const int32_t id = find_free(ip);
    if (id == SPS_RESOLVER_INVALID_ID) {
        return SPS_ERR_CANT_ACQUIRE_RESOURCE;
    }
    ip_query *item = spsi_allocate(&ip->allocator, sizeof *item);
    if (item == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const sps_error error = query_begin(ip, host, type, item);
    if (error != SPS_OK) {
        spsi_free(&ip->allocator, item, sizeof *item);
        return error;
    }
    ip->items[id] = item;
    *out_id = id;
    return SPS_OK;
}

sps_error sps_ip_queue_resolve_item(sps_ip *ip, const char *host, sps_ip_type type,
                                    int32_t *out_id) {
    if (out_id == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_id = SPS_RESOLVER_INVALID_ID;
    if (ip == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_os_lock(ip->platform);
    const sps_error error = queue(ip, host, type, out_id);
    spsi_os_unlock(ip->platform);
    return error;
}

static ip_query *find_item(const sps_ip *ip, int32_t id) {
    return id >= 0 && id < SPS_RESOLVER_MAX_QUERIES ? ip->items[id] : NULL;
}

// The result of an item. ERR_DOES_NOT_EXIST if there is no such item.
static sps_error item_result(const sps_ip *ip, int32_t id, spsi_address *out_addresses,
                             size_t *out_count) {
    *out_count = 0;
    spsi_os_lock(ip->platform);
    const ip_query *item = find_item(ip, id);
    const sps_error error =
        item != NULL ? query_result(ip, item, out_addresses, out_count) : SPS_ERR_DOES_NOT_EXIST;
    spsi_os_unlock(ip->platform);
    return error;
}

sps_error sps_ip_get_resolve_item_status(sps_ip *ip, int32_t id, sps_resolver_status *out_status) {
    if (out_status == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_status = SPS_RESOLVER_STATUS_NONE;
    if (ip == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    size_t count;
    switch (item_result(ip, id, addresses, &count)) {
    case SPS_OK:
        *out_status = SPS_RESOLVER_STATUS_DONE;
        return SPS_OK;
    case SPS_ERR_BUSY:
        *out_status = SPS_RESOLVER_STATUS_WAITING;
        return SPS_OK;
    case SPS_ERR_DOES_NOT_EXIST:
        return SPS_OK;
    default:
        *out_status = SPS_RESOLVER_STATUS_ERROR;
        return SPS_OK;
    }
}

sps_error sps_ip_get_resolve_item_address(sps_ip *ip, int32_t id, char *buffer, size_t buffer_bytes,
                                          size_t *out_length) {
    if (!can_answer(ip, buffer, buffer_bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    size_t count;
    const sps_error error = item_result(ip, id, addresses, &count);
    return first_text(error, addresses, buffer, buffer_bytes, out_length);
}

sps_error sps_ip_get_resolve_item_addresses(sps_ip *ip, int32_t id, sps_host_text *out_addresses,
                                            size_t capacity, size_t *out_count) {
    if (!is_list(out_addresses, capacity, out_count) || ip == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    size_t count;
    const sps_error error = item_result(ip, id, addresses, &count);
    return all_texts(error, addresses, count, out_addresses, capacity, out_count);
}

sps_error sps_ip_erase_resolve_item(sps_ip *ip, int32_t id) {
    if (ip == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_os_lock(ip->platform);
    const bool is_there = find_item(ip, id) != NULL;
    if (is_there) {
        erase(ip, id);
    }
    spsi_os_unlock(ip->platform);
    return is_there ? SPS_OK : SPS_ERR_DOES_NOT_EXIST;
}

// ---- The rest

sps_error sps_ip_clear_cache(sps_ip *ip, const char *host) {
    if (ip == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const bool all = host == NULL || host[0] == '\0';
    spsi_os_lookup_forget(ip->platform, all ? NULL : host);
    return SPS_OK;
}

sps_error sps_shutdown(uint32_t timeout_ms) {
    if (!spsi_is_timeout(timeout_ms)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const uint64_t timeout_us = timeout_ms != 0 ? (uint64_t)timeout_ms * 1000 : SPSI_FOREVER;
    return spsi_os_shutdown(timeout_us).code == SPSI_DONE ? SPS_OK : SPS_ERR_TIMEOUT;
}

sps_error sps_ip_get_local_addresses(sps_ip *ip, sps_local_address *out_addresses, size_t capacity,
                                     size_t *out_count) {
    if (out_count != NULL) {
        *out_count = 0;
    }
    if (ip == NULL || out_count == NULL ||
        (capacity > 0 && (out_addresses == NULL || !spsi_struct_has_stride(out_addresses)))) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_result result =
        spsi_os_local_addresses(ip->platform, out_addresses, capacity, out_count);
    switch (result.code) {
    case SPSI_DONE:
    case SPSI_NO_MEMORY:
    case SPSI_NO_HANDLES:
        return spsi_error_of(result);
    default:
        return SPS_FAILED;
    }
}
