// SPDX-License-Identifier: MIT
//
// An allocator that keeps an account, and of which one call may fail.
#ifndef SUPPORT_ACCOUNT_H
#define SUPPORT_ACCOUNT_H

#include <stddef.h>

typedef struct account {
    size_t bytes, most; // given out now, and at the most
    size_t calls;       // that asked for memory
    size_t fail_at;     // this call of them fails; 0: none
} account;

// An sps_allocator's function; its user data is the account.
void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes);

#endif
