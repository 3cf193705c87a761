/* The table of live blocks against a plain array, from two threads with blocks of their own. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "blocks.h"
#include "check.h"

enum { ADDRESSES = 4096, STEPS = 200000 };

/* Addresses 16 apart, as an allocator's are, in a range of the thread's own. They are never dereferenced. */
static const void *address(uintptr_t thread, uint64_t at) {
    return (const void *)((thread << 32) + 16 * (at + 1));
}

static uint64_t draw(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A random program: each step takes the block at an address if the model has one there, and puts one if not. */
static void *program(void *argument) {
    uintptr_t thread = (uintptr_t)argument;
    uint64_t *model = calloc(ADDRESSES, sizeof *model); /* 0: no block */
    uint64_t state = 0x9e3779b97f4a7c15u * thread, bytes = 0;
    CHECK(model);
    for (uint64_t step = 1; step <= STEPS; step++) {
        uint64_t at = draw(&state) % ADDRESSES;
        if (model[at]) {
            CHECK(blocks_take(address(thread, at), &bytes));
            CHECK(bytes == model[at]);
            model[at] = 0;
        } else {
            CHECK(!blocks_take(address(thread, at), &bytes));
            CHECK(blocks_put(address(thread, at), step));
            model[at] = step;
        }
    }
    for (uint64_t at = 0; at < ADDRESSES; at++) {
        CHECK(blocks_take(address(thread, at), &bytes) == (model[at] != 0));
        CHECK(!model[at] || bytes == model[at]);
    }
    free(model);
    return NULL;
}

int main(void) {
    pthread_t other;
    CHECK(pthread_create(&other, NULL, program, (void *)(uintptr_t)2) == 0);
    program((void *)(uintptr_t)1);
    pthread_join(other, NULL);
    blocks_lock_all();
    blocks_unlock_all();
    program((void *)(uintptr_t)1);
    return 0;
}
