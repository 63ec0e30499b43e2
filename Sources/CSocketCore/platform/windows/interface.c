// SPDX-License-Identifier: MIT
//
// The network interfaces of the machine (GetAdaptersAddresses). Their names are those that Windows
// shows to people, such as "Ethernet".
#ifdef _WIN32

#include "platform/windows/windows.h"

#include <stdlib.h>
#include <string.h>

#include <iphlpapi.h>

#include "base/sized_struct.h"

// The list, to be freed. NULL: there is none, *out_error is ERROR_SUCCESS, or the list cannot be
// had. It may grow between two calls.
static IP_ADAPTER_ADDRESSES *list_adapters(DWORD *out_error) {
    enum { FIRST_BYTES = 16 * 1024, MOST_TRIES = 5 };
    const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ULONG size = FIRST_BYTES;
    *out_error = ERROR_BUFFER_OVERFLOW;
    for (int i = 0; i < MOST_TRIES && *out_error == ERROR_BUFFER_OVERFLOW; i++) {
        IP_ADAPTER_ADDRESSES *list = malloc(size);
        if (list == NULL) {
            *out_error = ERROR_NOT_ENOUGH_MEMORY;
            return NULL;
        }
        *out_error = GetAdaptersAddresses(AF_UNSPEC, flags, NULL, list, &size);
        if (*out_error == ERROR_SUCCESS) {
            return list;
        }
        free(list);
    }
    if (*out_error == ERROR_NO_DATA) {
        *out_error = ERROR_SUCCESS;
    }
    return NULL;
}

// Writes the name in UTF-8. One that is too long is replaced by that of the device, in ASCII.
static void write_name(const IP_ADAPTER_ADDRESSES *adapter, char *buffer, int size) {
    if (WideCharToMultiByte(CP_UTF8, 0, adapter->FriendlyName, -1, buffer, size, NULL, NULL) > 0) {
        return;
    }
    const size_t length = strlen(adapter->AdapterName);
    const size_t count = length < (size_t)size ? length : (size_t)size - 1;
    memcpy(buffer, adapter->AdapterName, count);
    buffer[count] = '\0';
}

static uint32_t index_of(const IP_ADAPTER_ADDRESSES *adapter, spsi_family family) {
    return family == SPSI_FAMILY_IPV4 || adapter->Ipv6IfIndex == 0 ? adapter->IfIndex
                                                                   : adapter->Ipv6IfIndex;
}

// The name of local_addresses(), or one that the OS knows otherwise ("ethernet_32769").
uint32_t spsi_windows_scope_of(const sps_platform *platform, const char *interface_name) {
    (void)platform;
    DWORD error;
    uint32_t scope = 0;
    IP_ADAPTER_ADDRESSES *list = list_adapters(&error);
    for (const IP_ADAPTER_ADDRESSES *row = list; row != NULL && scope == 0; row = row->Next) {
        char name[SPS_HOST_TEXT_BYTES];
        write_name(row, name, sizeof name);
        scope = strcmp(name, interface_name) == 0 ? index_of(row, SPSI_FAMILY_IPV6) : 0;
    }
    free(list);
    return scope != 0 ? scope : if_nametoindex(interface_name);
}

static bool is_ip(const SOCKET_ADDRESS *address) {
    const int family = address->lpSockaddr->sa_family;
    return family == AF_INET || family == AF_INET6;
}

static spsi_address read_address(const SOCKET_ADDRESS *from) {
    SOCKADDR_STORAGE storage;
    memset(&storage, 0, sizeof storage);
    const size_t size = (size_t)from->iSockaddrLength;
    memcpy(&storage, from->lpSockaddr, size < sizeof storage ? size : sizeof storage);
    spsi_address address;
    spsi_windows_to_address(&storage, from->iSockaddrLength, &address);
    return address;
}

// ---- Families that names could lead to

static unsigned useful_family(const SOCKET_ADDRESS *from) {
    if (!is_ip(from)) {
        return 0;
    }
    const spsi_address address = read_address(from);
    const uint8_t *ip = address.ip;
    if (address.family == SPSI_FAMILY_IPV4) {
        const bool is_local = ip[0] == 127 || (ip[0] == 169 && ip[1] == 254); // RFC 3927
        return is_local ? 0 : SPSI_IPV4;
    }
    static const uint8_t loopback[16] = {[15] = 1};
    const bool is_local =
        memcmp(ip, loopback, sizeof loopback) == 0 || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
    return is_local ? 0 : SPSI_IPV6;
}

unsigned spsi_windows_useful_families(unsigned families) {
    DWORD error;
    unsigned useful = 0;
    IP_ADAPTER_ADDRESSES *list = list_adapters(&error);
    for (const IP_ADAPTER_ADDRESSES *row = list; row != NULL; row = row->Next) {
        if (row->OperStatus != IfOperStatusUp) {
            continue;
        }
        const IP_ADAPTER_UNICAST_ADDRESS *unicast = row->FirstUnicastAddress;
        for (; unicast != NULL; unicast = unicast->Next) {
            useful |= useful_family(&unicast->Address);
        }
    }
    free(list);
    return (families & useful) != 0 ? families & useful : families;
}

// ---- The addresses

// Writes the addresses of an adapter, from index `from` on; returns how many it has.
static size_t write_adapter(const IP_ADAPTER_ADDRESSES *adapter, sps_local_address *out_addresses,
                            size_t capacity, size_t from) {
    size_t count = 0;
    const IP_ADAPTER_UNICAST_ADDRESS *unicast = adapter->FirstUnicastAddress;
    for (; unicast != NULL; unicast = unicast->Next) {
        if (!is_ip(&unicast->Address)) {
            continue;
        }
        if (from + count < capacity) {
            const spsi_address address = read_address(&unicast->Address);
            sps_local_address row;
            memset(&row, 0, sizeof row);
            row.interface_index = index_of(adapter, address.family);
            write_name(adapter, row.interface_name, sizeof row.interface_name);
            spsi_ip_to_text(&address, row.host, sizeof row.host);
            spsi_struct_write_at(&row, out_addresses, from + count, sizeof row);
        }
        count++;
    }
    return count;
}

spsi_result spsi_windows_local_addresses(const sps_platform *platform,
                                         sps_local_address *out_addresses, size_t capacity,
                                         size_t *out_count) {
    (void)platform;
    DWORD error;
    *out_count = 0;
    IP_ADAPTER_ADDRESSES *list = list_adapters(&error);
    for (const IP_ADAPTER_ADDRESSES *row = list; row != NULL; row = row->Next) {
        *out_count += write_adapter(row, out_addresses, capacity, *out_count);
    }
    free(list);
    return error == ERROR_SUCCESS ? spsi_windows_done() : spsi_windows_failure(error);
}

#else
typedef int spsi_windows_interface_is_elsewhere; // ISO C wants a declaration in each file
#endif
