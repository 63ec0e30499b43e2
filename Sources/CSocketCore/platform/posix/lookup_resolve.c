// SPDX-License-Identifier: MIT
//
// One look-up, by getaddrinfo(3): what is asked, and what an answer means.
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>

#include "platform/lookup_queue.h"

// EAI_SYSTEM leaves the reason in errno. So does a shortage of this machine, whatever its code. Few
// codes prove that the name has no address; after the others it may have one.
static spsi_result failure_of(int code, int error) {
    const spsi_result result = spsi_posix_failure(error);
    if (code == EAI_MEMORY) {
        return (spsi_result){SPSI_NO_MEMORY, code};
    }
    if (result.code == SPSI_NO_MEMORY || result.code == SPSI_NO_HANDLES) {
        return result;
    }
    switch (code) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
        return (spsi_result){SPSI_NAME_UNKNOWN, code};
    default:
        return (spsi_result){SPSI_NAME_UNANSWERED, code == EAI_SYSTEM ? error : code};
    }
}

static bool read_row(const struct addrinfo *row, spsi_address *out) {
    if (row->ai_family != AF_INET && row->ai_family != AF_INET6) {
        return false;
    }
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    memcpy(&storage, row->ai_addr, (size_t)row->ai_addrlen); // an int on 32-bit Android
    spsi_posix_to_address(&storage, row->ai_addrlen, out);
    return true;
}

// Copies in the order of the list. Leaves out the end of either family, never all of one (RFC 8305,
// section 4).
static size_t copy_addresses(const struct addrinfo *list, spsi_address *out) {
    size_t counts[2] = {0, 0}, left[2], count = 0;
    spsi_address address;
    for (const struct addrinfo *row = list; row != NULL; row = row->ai_next) {
        counts[row->ai_family == AF_INET6] += read_row(row, &address);
    }
    left[0] = spsi_lookup_share(counts[0], counts[1]);
    left[1] = spsi_lookup_share(counts[1], counts[0]);
    for (const struct addrinfo *row = list; row != NULL; row = row->ai_next) {
        size_t *own = &left[row->ai_family == AF_INET6];
        if (*own > 0 && read_row(row, &address)) {
            out[count++] = address;
            (*own)--;
        }
    }
    return count;
}

static int family_of(unsigned families) {
    switch (families) {
    case SPSI_IPV4:
        return AF_INET;
    case SPSI_IPV6:
        return AF_INET6;
    default:
        return AF_UNSPEC;
    }
}

// Without the lock: the one call that takes its time. Nobody else looks at the fields that it fills
// before the look-up is done.
static int ask(spsi_lookup *lookup, unsigned families) {
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = family_of(families);
    hints.ai_socktype = SOCK_STREAM; // else each address comes once for each kind of socket
    struct addrinfo *list = NULL;
    errno = 0;
    const int code = getaddrinfo(lookup->name, NULL, &hints, &list);
    const int error = errno;
    if (code == 0) {
        lookup->count = copy_addresses(list, lookup->addresses);
        freeaddrinfo(list);
    }
    lookup->result = lookup->count > 0 ? spsi_posix_done() : failure_of(code, error);
    return code;
}

// Whether a name of which one family has no address may have one of the other. A name server that
// does not know the name speaks for both (RFC 8020), but not for hosts(5), whose names seldom have
// a dot.
static bool other_may_be_known(const spsi_lookup *lookup, int code) {
    return lookup->result.code == SPSI_NAME_UNKNOWN &&
           (code != EAI_NONAME || strchr(lookup->name, '.') == NULL);
}

// "invalid", and every name under it, is no name (RFC 6761, 6.4): no name server need say so.
static bool is_known_to_be_none(const char *name) {
    static const char none[] = "invalid";
    const size_t size = sizeof none - 1;
    size_t length = strlen(name);
    length -= name[length - 1] == '.';
    return length >= size && strncasecmp(name + length - size, none, size) == 0 &&
           (length == size || name[length - size - 1] == '.');
}

// Of both families, one that is of no use here is the second choice: its name server may be silent.
void spsi_lookup_resolve(spsi_lookup *lookup) {
    if (is_known_to_be_none(lookup->name)) {
        lookup->result = (spsi_result){SPSI_NAME_UNKNOWN, EAI_NONAME};
        return;
    }
    const unsigned both = SPSI_IPV4 | SPSI_IPV6;
    const bool is_of_both = lookup->families == both;
    const unsigned first = is_of_both ? spsi_posix_useful_families(both) : lookup->families;
    const int code = ask(lookup, first);
    if (first != lookup->families && other_may_be_known(lookup, code)) {
        ask(lookup, lookup->families & ~first);
    }
}

#else
typedef int spsi_posix_lookup_resolve_is_elsewhere; // ISO C wants a declaration in each file
#endif
