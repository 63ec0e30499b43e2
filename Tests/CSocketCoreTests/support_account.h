// SPDX-License-Identifier: MIT
//
// An allocator that counts what it gives, and that fails when told: {account_for, &account}.
#ifndef TEST_SUPPORT_ACCOUNT_H
#define TEST_SUPPORT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct account {
    size_t bytes, most; // given out now, and at the most
    size_t calls;       // that asked for memory
    size_t fail_at;     // this call of them finds none; 0: each finds some
    bool is_empty;      // none finds any
} account;

void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes);

#endif
