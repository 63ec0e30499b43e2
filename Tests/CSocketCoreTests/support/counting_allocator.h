// SPDX-License-Identifier: MIT
//
// An allocator that counts its memory, and can fail one call.
#ifndef SUPPORT_ACCOUNT_H
#define SUPPORT_ACCOUNT_H

#include <stddef.h>

typedef struct account {
    size_t bytes, most; // allocated now, and the peak
    size_t calls;       // allocations and reallocations
    size_t fail_at;     // the number of the call that fails; 0: none
} account;

// The function of an sps_allocator. Its user data is the account.
void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes);

#endif
