/* SPDX-License-Identifier: MIT */
/**
 * @file ip.hpp
 * Host names, and addresses of this machine: sps::IP.
 */
#ifndef STREAMPEERSOCKET_IP_HPP
#define STREAMPEERSOCKET_IP_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "owner.hpp"

namespace sps {

/**
 * Host names, and addresses of this machine. Godot: IP. The contract: ip.h.
 *
 * Several threads may use one IP at once. So get_last_error() belongs to the calling thread: it is
 * the code of that thread's last call on any IP.
 */
class IP : public detail::Owner<sps_ip, detail::ErrorOfThread> {
  public:
    /** Godot's IP.ResolverStatus; sps_resolver_status. */
    enum ResolverStatus : int32_t {
        RESOLVER_STATUS_NONE = SPS_RESOLVER_STATUS_NONE,
        RESOLVER_STATUS_WAITING = SPS_RESOLVER_STATUS_WAITING,
        RESOLVER_STATUS_DONE = SPS_RESOLVER_STATUS_DONE,
        RESOLVER_STATUS_ERROR = SPS_RESOLVER_STATUS_ERROR
    };

    /** Godot's IP.Type; sps_ip_type. */
    enum Type : int32_t {
        TYPE_NONE = SPS_IP_TYPE_NONE,
        TYPE_IPV4 = SPS_IP_TYPE_IPV4,
        TYPE_IPV6 = SPS_IP_TYPE_IPV6,
        TYPE_ANY = SPS_IP_TYPE_ANY
    };

    static constexpr int RESOLVER_MAX_QUERIES = SPS_RESOLVER_MAX_QUERIES;
    static constexpr int RESOLVER_INVALID_ID = SPS_RESOLVER_INVALID_ID;

    /** A network interface with an address. The members are the keys of Godot's dictionary. */
    struct Interface {
        int index = 0;
        std::string name;
        /** name again: Unix has no other. */
        std::string friendly;
        std::vector<std::string> addresses;
    };

    /**
     * Returns the IP of the whole program, never null. The first call creates it, on any thread. It
     * ends with the program's other static objects. Do not use it after that.
     */
    static IP *get_singleton() {
        static IP singleton;
        return &singleton;
    }

    /** sps_ip_create(). Independent of the singleton, with items and options of its own. */
    explicit IP(const sps_ip_options *p_options = nullptr) : Owner(sps_ip_create, p_options) {}

    /** sps_ip_resolve_hostname(). Empty on failure. */
    std::string resolve_hostname(const std::string &p_hostname, Type p_type = TYPE_ANY) {
        sps_host_text found;
        size_t length = 0;
        remember(sps_ip_resolve_hostname(handle(), detail::c_text(p_hostname), p_type, found.text,
                                         sizeof found.text, &length));
        return to_text(found, length);
    }

    /** sps_ip_resolve_hostname_addresses(). Empty on failure. */
    std::vector<std::string> resolve_hostname_addresses(const std::string &p_hostname,
                                                        Type p_type = TYPE_ANY) {
        Found found;
        found[0].struct_size = sizeof found[0];
        size_t count = 0;
        remember(sps_ip_resolve_hostname_addresses(handle(), detail::c_text(p_hostname), p_type,
                                                   found, SPS_IP_MAX_ADDRESSES, &count));
        return to_texts(found, count);
    }

    /** sps_ip_queue_resolve_item(). RESOLVER_INVALID_ID on failure. */
    int resolve_hostname_queue_item(const std::string &p_hostname, Type p_type = TYPE_ANY) {
        int32_t id = RESOLVER_INVALID_ID;
        remember(sps_ip_queue_resolve_item(handle(), detail::c_text(p_hostname), p_type, &id));
        return id;
    }

    /** sps_ip_get_resolve_item_status(). */
    ResolverStatus get_resolve_item_status(int p_id) const {
        sps_resolver_status status = RESOLVER_STATUS_NONE;
        remember(sps_ip_get_resolve_item_status(handle(), p_id, &status));
        return static_cast<ResolverStatus>(status);
    }

    /** sps_ip_get_resolve_item_address(). Empty on failure. */
    std::string get_resolve_item_address(int p_id) const {
        sps_host_text found;
        size_t length = 0;
        remember(sps_ip_get_resolve_item_address(handle(), p_id, found.text, sizeof found.text,
                                                 &length));
        return to_text(found, length);
    }

    /** sps_ip_get_resolve_item_addresses(). Empty on failure. */
    std::vector<std::string> get_resolve_item_addresses(int p_id) const {
        Found found;
        found[0].struct_size = sizeof found[0];
        size_t count = 0;
        remember(
            sps_ip_get_resolve_item_addresses(handle(), p_id, found, SPS_IP_MAX_ADDRESSES, &count));
        return to_texts(found, count);
    }

    /** sps_ip_erase_resolve_item(). */
    Error erase_resolve_item(int p_id) {
        return remember(sps_ip_erase_resolve_item(handle(), p_id));
    }

    /** sps_ip_clear_cache(); "" is every host. */
    Error clear_cache(const std::string &p_hostname = "") {
        // NULL means every host too. A text with an embedded NUL must not.
        const char *hostname = detail::c_text(p_hostname);
        return remember(hostname == nullptr ? SPS_ERR_INVALID_PARAMETER
                                            : sps_ip_clear_cache(handle(), hostname));
    }

    /** sps_ip_get_local_addresses(). Empty on failure. */
    std::vector<std::string> get_local_addresses() const {
        std::vector<std::string> addresses;
        for (const sps_local_address &local : ask_local_addresses()) {
            addresses.push_back(std::string(local.host));
        }
        return addresses;
    }

    /** sps_ip_get_local_addresses(), grouped by interface. Empty on failure. */
    std::vector<Interface> get_local_interfaces() const {
        std::vector<Interface> interfaces;
        for (const sps_local_address &local : ask_local_addresses()) {
            const int index = detail::to_int(local.interface_index);
            if (interfaces.empty() || interfaces.back().index != index) {
                interfaces.push_back({index, local.interface_name, local.interface_name, {}});
            }
            interfaces.back().addresses.push_back(std::string(local.host));
        }
        return interfaces;
    }

    /** sps_shutdown(). It ends the look-up threads of every IP and of every connect. */
    static Error shutdown(int p_timeout_ms = 0) {
        return static_cast<Error>(
            sps_shutdown(p_timeout_ms < 0 ? UINT32_MAX : static_cast<uint32_t>(p_timeout_ms)));
    }

  private:
    // Returns the address that the last call found, or empty text if it failed.
    std::string to_text(const sps_host_text &p_found, size_t p_length) const {
        return get_last_error() == OK ? std::string(p_found.text, p_length) : std::string();
    }

    using Found = sps_host_text[SPS_IP_MAX_ADDRESSES];

    std::vector<std::string> to_texts(const Found &p_found, size_t p_count) const {
        std::vector<std::string> texts;
        if (get_last_error() == OK) {
            // A later library version may find more than this header has room for.
            const size_t written = detail::least(p_count, SPS_IP_MAX_ADDRESSES);
            for (size_t i = 0; i < written; i++) {
                texts.push_back(std::string(p_found[i].text));
            }
        }
        return texts;
    }

    std::vector<sps_local_address> ask_local_addresses() const {
        size_t count = 0;
        remember(sps_ip_get_local_addresses(handle(), nullptr, 0, &count));
        while (count > 0) {
            std::vector<sps_local_address> addresses(count);
            addresses[0].struct_size = sizeof addresses[0];
            if (remember(sps_ip_get_local_addresses(handle(), addresses.data(), addresses.size(),
                                                    &count)) != OK) {
                break;
            }
            if (count == addresses.size()) {
                return addresses;
            } // else it has changed since
        }
        return {};
    }
};

} // namespace sps

#endif

#include "end.inc"

#endif
