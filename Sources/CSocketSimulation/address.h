// SPDX-License-Identifier: MIT
//
// IP addresses and their text. Addresses have no zone here.
#ifndef SPSI_SIM_ADDRESS_H
#define SPSI_SIM_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/platform.h"

// Parses a numeric address. An IPv4-mapped one becomes IPv4. False if the text is invalid or NULL.
bool spsi_sim_ip_from_text(const char *text, spsi_address *out);
void spsi_sim_ip_to_text(const spsi_address *address, char *text, size_t size);

// Turns an IPv4-mapped address (RFC 4291, 2.5.5.2) into IPv4.
void spsi_sim_ip_unmap(spsi_address *address);

bool spsi_sim_ip_is_loopback(const spsi_address *address);
bool spsi_sim_ip_is_any(const spsi_address *address);
bool spsi_sim_ip_is_same(const spsi_address *one, const spsi_address *other);

#endif
